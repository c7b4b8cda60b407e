/*
 * log_group: replays a group from the log alone. A log gives runs as they were shipped, one
 * run's whole partition before the next, or late ones long after the others: what belongs to the
 * group is put aside on disk, and merged from there.
 */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "materializer/log_replay.h"
#include "materializer/log_walk.h"
#include "materializer/record.h"
#include "materializer/run_order.h"
#include "materializer/shelf.h"
#include "materializer/timeline.h"

/* A record of LOG_RUNS. */
struct note {
	struct run_id run;
	int schema;
	size_t number; /* in which order they came */
	struct shelf_place body;
};

struct aside {
	struct shelf_place body;
	int64_t key; /* of a block: its first event that counts; of a file: hash of its path */
};

struct asides {
	struct aside *list;
	size_t count, room;
};

/* A run of the family: what of it lies on the shelf. */
struct shelved {
	struct log_group *group;
	struct run_id id;
	struct run_progress progress;
	struct shelf_place started, finished; /* len 0: none */
	struct asides blocks, files;
	size_t next_block;
	struct buf body, head, text; /* while it is open */
};

struct log_group {
	struct shelf shelf;
	struct slice name;
	struct note *notes;
	size_t note_count, note_room;
	struct family family;
	struct shelved *runs; /* one a member, at the same place */
	struct block_cursor *cursor;
};

/* Makes room for one more; returns the list or NULL. */
static void *grow(void *list, size_t count, size_t *room, size_t size)
{
	void *grown;

	if (count < *room)
		return list;
	grown = realloc(list, (*room ? 2 * *room : 16) * size);
	if (grown)
		*room = *room ? 2 * *room : 16;
	return grown;
}

static int out_of_memory(struct err *err)
{
	return err_set(err, ERR_MEMORY, "out of memory");
}

static int put_aside(struct log_group *group, struct asides *asides, struct slice body, int64_t key,
	struct err *err)
{
	struct aside *list =
		grow(asides->list, asides->count, &asides->room, sizeof(*asides->list));
	int rc;

	if (!list)
		return out_of_memory(err);
	asides->list = list;
	list[asides->count].key = key;
	rc = shelf_put(&group->shelf, body, &list[asides->count].body, err);
	asides->count += rc == 0;
	return rc;
}

/* The first pass: which runs there are. */
static int note_run(void *context, const struct log_record *log_record, struct err *err)
{
	struct log_group *group = context;
	struct run_finished finished;
	struct record record;
	struct note *note;

	if (log_record->topic != LOG_RUNS || record_parse(log_record, &record, NULL) < 0 ||
		(record.schema == SCHEMA_RUN_FINISHED &&
			run_finished_decode(record.body, &finished, NULL) < 0) ||
		record.schema == SCHEMA_CHILD_UNTRACED)
		return 0;
	note = grow(group->notes, group->note_count, &group->note_room, sizeof(*note));
	if (!note)
		return out_of_memory(err);
	group->notes = note;
	note += group->note_count;
	*note = (struct note){record.run, record.schema, group->note_count++, {0}};
	return shelf_put(&group->shelf, record.body, &note->body, err);
}

static int by_run(const void *a, const void *b)
{
	const struct note *left = a, *right = b;
	int order = memcmp(left->run.bytes, right->run.bytes, sizeof(left->run.bytes));

	if (order)
		return order;
	return left->number < right->number ? -1 : left->number > right->number;
}

/* The first note of the kind among those of one run. */
static const struct note *find_note(const struct note *notes, size_t count, int schema)
{
	for (size_t i = 0; i < count; i++) {
		if (notes[i].schema == schema)
			return &notes[i];
	}
	return NULL;
}

/* How many notes from this one on are of the same run. */
static size_t same_run(const struct log_group *group, size_t first)
{
	size_t end = first;

	while (end < group->note_count &&
		run_id_equal(&group->notes[end].run, &group->notes[first].run))
		end++;
	return end - first;
}

static int choose_family(struct log_group *group, struct err *err)
{
	struct buf body = {0};
	struct run_started started;
	size_t count;
	int rc = 0;

	if (group->note_count)
		qsort(group->notes, group->note_count, sizeof(*group->notes), by_run);
	for (size_t at = 0; rc == 0 && at < group->note_count; at += count) {
		const struct note *note = &group->notes[at], *start;

		count = same_run(group, at);
		start = find_note(note, count, SCHEMA_RUN_STARTED);
		if (!start || find_note(note, count, SCHEMA_RUN_DELETED))
			continue;
		rc = shelf_get(&group->shelf, start->body, &body, err);
		rc = rc ? rc : run_started_decode(buf_slice(&body), &started, err);
		rc = rc ? rc : family_add(&group->family, &started, group->name, err);
	}
	buf_release(&body);
	return rc ? rc : family_settle(&group->family, err);
}

static int make_runs(struct log_group *group, struct err *err)
{
	size_t count;

	group->runs = calloc(group->family.count + 1, sizeof(*group->runs));
	if (!group->runs)
		return out_of_memory(err);
	for (size_t at = 0; at < group->note_count; at += count) {
		const struct note *note = &group->notes[at], *end;
		size_t place = family_find(&group->family, &note->run);

		count = same_run(group, at);
		if (place == FAMILY_NONE)
			continue;
		group->runs[place].group = group;
		group->runs[place].id = note->run;
		group->runs[place].started = find_note(note, count, SCHEMA_RUN_STARTED)->body;
		end = find_note(note, count, SCHEMA_RUN_FINISHED);
		if (end)
			group->runs[place].finished = end->body;
	}
	free(group->notes);
	group->notes = NULL;
	return 0;
}

static int shelve_block(
	struct log_group *group, struct shelved *run, struct slice body, struct err *err)
{
	struct block_head head;
	int64_t from_seq;
	int rc;

	if (block_head_parse(body, &head, NULL) < 0 ||
		!run_progress_is_news(&run->progress, &head, &from_seq))
		return 0;
	rc = block_check(group->cursor, body, &head, err);
	if (rc < 0)
		return rc == ERR_MEMORY ? rc : 0;
	run_progress_take(&run->progress, &head);
	return put_aside(group, &run->blocks, body, from_seq, err);
}

/* The second pass: what is of the family. */
static int shelve(void *context, const struct log_record *log_record, struct err *err)
{
	struct log_group *group = context;
	struct source_file source;
	struct record record;
	size_t place;

	if (log_record->topic == LOG_RUNS || record_parse(log_record, &record, NULL) < 0)
		return 0;
	place = family_find(&group->family, &record.run);
	if (place == FAMILY_NONE)
		return 0;
	if (record.schema == SCHEMA_TRACE_BLOCK)
		return shelve_block(group, &group->runs[place], record.body, err);
	if (record.schema == SCHEMA_SOURCE_FILE &&
		source_file_decode(record.body, &source, NULL) == 0)
		return put_aside(group, &group->runs[place].files, record.body,
			(int64_t)XXH3_64bits(source.path.data, source.path.len), err);
	return 0;
}

static int shelved_open(void *context, const struct run_id *id, void **run, struct err *err)
{
	struct log_group *group = context;

	(void)err;
	*run = &group->runs[family_find(&group->family, id)];
	return 1;
}

static void shelved_close(void *run)
{
	struct shelved *shelved = run;

	buf_release(&shelved->body);
	buf_release(&shelved->head);
	buf_release(&shelved->text);
}

static int shelved_started(void *run, struct run_started *started, struct err *err)
{
	struct shelved *shelved = run;
	int rc = shelf_get(&shelved->group->shelf, shelved->started, &shelved->head, err);

	rc = rc ? rc : run_started_decode(buf_slice(&shelved->head), started, err);
	return rc ? rc : 1;
}

static int shelved_finished(void *run, struct run_finished *finished, struct err *err)
{
	struct shelved *shelved = run;
	int rc;

	if (!shelved->finished.len)
		return 0;
	rc = shelf_get(&shelved->group->shelf, shelved->finished, &shelved->head, err);
	rc = rc ? rc : run_finished_decode(buf_slice(&shelved->head), finished, err);
	return rc ? rc : 1;
}

static int shelved_block(void *run, struct slice *body, int64_t *from_seq, struct err *err)
{
	struct shelved *shelved = run;
	const struct aside *block = &shelved->blocks.list[shelved->next_block];
	int rc;

	if (shelved->next_block == shelved->blocks.count)
		return 0;
	shelved->next_block++;
	rc = shelf_get(&shelved->group->shelf, block->body, &shelved->body, err);
	*body = buf_slice(&shelved->body);
	*from_seq = block->key;
	return rc ? rc : 1;
}

static int shelved_file(void *run, struct slice path, struct source_file *source, struct err *err)
{
	struct shelved *shelved = run;
	int64_t key = (int64_t)XXH3_64bits(path.data, path.len);

	for (size_t i = 0; i < shelved->files.count; i++) {
		const struct aside *file = &shelved->files.list[i];
		int rc;

		if (file->key != key)
			continue;
		rc = shelf_get(&shelved->group->shelf, file->body, &shelved->text, err);
		rc = rc ? rc : source_file_decode(buf_slice(&shelved->text), source, err);
		if (rc || slice_equal(source->path, path))
			return rc ? rc : 1;
	}
	return 0;
}

static int replay(struct log *log, int patience_ms, struct log_group *group,
	const struct event_range *range, const struct event_sink *sink, struct err *err)
{
	const struct timeline_source source = {group, shelved_open, shelved_close, shelved_started,
		shelved_finished, shelved_block, shelved_file};
	struct position end;
	struct log_walk walk = {.end = &end, .patience_ms = patience_ms};
	int rc = log_end(log, &end, err);

	rc = rc ? rc : log_walk(log, &walk, note_run, group, err);
	rc = rc ? rc : choose_family(group, err);
	if (!rc && group->family.count == 0)
		rc = err_set(err, ERR_NOT_FOUND, "no runs of a group %.*s in the log",
			(int)group->name.len, (const char *)group->name.data);
	rc = rc ? rc : make_runs(group, err);
	rc = rc ? rc : log_walk(log, &walk, shelve, group, err);
	return rc ? rc : timeline_feed(&group->family, &source, range, sink, err);
}

int log_replay_group(struct log *log, int patience_ms, const char *name,
	const struct event_range *range, const struct event_sink *sink, struct err *err)
{
	struct log_group group = {.name = slice_text(name), .cursor = block_cursor_new()};
	int rc = group.cursor ? shelf_open(&group.shelf, err) : out_of_memory(err);

	if (rc == 0) {
		rc = replay(log, patience_ms, &group, range, sink, err);
		shelf_close(&group.shelf);
	}
	for (size_t i = 0; group.runs && i < group.family.count; i++) {
		free(group.runs[i].blocks.list);
		free(group.runs[i].files.list);
	}
	free(group.runs);
	free(group.notes);
	family_release(&group.family);
	block_cursor_free(group.cursor);
	return rc;
}
