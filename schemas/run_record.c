/*
 * run_record: the bodies of RunStarted, RunFinished, SourceFile, RunDeleted and
 * ChildUntraced.
 */
#include "schemas/message.h"

#include "schemas/avro.h"

static void put_text(struct buf *out, struct slice text)
{
	struct buf valid = {0};

	if (avro_utf8_valid(text)) {
		avro_buf_bytes(out, text.data, text.len);
		return;
	}
	utf8_append(&valid, text);
	out->failed |= valid.failed;
	avro_buf_bytes(out, valid.data, valid.len);
	buf_release(&valid);
}

static void put_run_id(struct buf *out, const struct run_id *run)
{
	buf_append(out, run->bytes, sizeof(run->bytes));
}

static bool get_run_id(struct avro_in *in, struct run_id *run)
{
	return avro_get_fixed(in, run->bytes, sizeof(run->bytes));
}

/* As Avro C and fastavro write it: one block, or none when it is empty. */
static void put_array(struct buf *out, struct slice items, int64_t count)
{
	if (count > 0) {
		avro_buf_long(out, count);
		buf_append(out, items.data, items.len);
	}
	avro_buf_long(out, 0);
}

void text_list_add(struct buf *items, int64_t *count, struct slice text)
{
	put_text(items, text);
	(*count)++;
}

void traceback_add(struct buf *items, int64_t *count, const struct traceback_entry *entry)
{
	put_text(items, entry->file);
	avro_buf_long(items, entry->line);
	put_text(items, entry->function);
	(*count)++;
}

static bool get_entry(struct avro_in *in, struct traceback_entry *entry)
{
	return avro_get_string(in, &entry->file) && avro_get_long(in, &entry->line) &&
	       avro_get_string(in, &entry->function);
}

bool text_list_next(struct text_list *list, struct slice *text)
{
	struct avro_in in = avro_in(list->items);

	if (list->count <= 0 || !avro_get_string(&in, text))
		return false;
	list->items = (struct slice){in.at, (size_t)(in.end - in.at)};
	list->count--;
	return true;
}

bool traceback_next(struct traceback *traceback, struct traceback_entry *entry)
{
	struct avro_in in = avro_in(traceback->items);

	if (traceback->count <= 0 || !get_entry(&in, entry))
		return false;
	traceback->items = (struct slice){in.at, (size_t)(in.end - in.at)};
	traceback->count--;
	return true;
}

/* An array of one Avro block or none. Each item takes a byte or more, so that a hostile
 * count ends with the input. */
static bool get_array(
	struct avro_in *in, bool (*skip)(struct avro_in *in), struct slice *items, int64_t *count)
{
	const uint8_t *start;
	int64_t end;

	if (!avro_get_long(in, count) || *count < 0)
		return false;
	start = in->at;
	for (int64_t i = 0; i < *count; i++) {
		if (!skip(in))
			return false;
	}
	*items = (struct slice){start, (size_t)(in->at - start)};
	return *count == 0 || (avro_get_long(in, &end) && end == 0);
}

static bool skip_text(struct avro_in *in)
{
	struct slice text;

	return avro_get_string(in, &text);
}

static bool skip_entry(struct avro_in *in)
{
	struct traceback_entry entry;

	return get_entry(in, &entry);
}

static bool get_texts(struct avro_in *in, struct text_list *list)
{
	return get_array(in, skip_text, &list->items, &list->count);
}

/* What is left to say when the fields have been read. */
static int finish(const struct avro_in *in, bool whole, const char *what, struct err *err)
{
	if (!whole)
		return err_set(err, ERR_FORMAT,
			"%s: cut short, or not as its schema says, %zu "
			"bytes before its end",
			what, (size_t)(in->end - in->at));
	if (in->at != in->end)
		return err_set(err, ERR_FORMAT, "%s: %zu bytes behind its end", what,
			(size_t)(in->end - in->at));
	return 0;
}

void run_started_encode(const struct run_started *run, struct buf *message)
{
	message_header(message, SCHEMA_RUN_STARTED);
	put_run_id(message, &run->run);
	avro_buf_long(message, run->has_parent ? 1 : 0);
	if (run->has_parent)
		put_run_id(message, &run->parent);
	put_text(message, run->group);
	avro_buf_long(message, run->started_ns);
	put_text(message, run->host);
	avro_buf_long(message, run->pid);
	put_text(message, run->user);
	put_text(message, run->cwd);
	put_array(message, run->argv.items, run->argv.count);
	put_text(message, run->python);
	put_text(message, run->tracer);
	put_array(message, run->limits.items, run->limits.count);
	put_text(message, run->boot_id);
	put_text(message, run->container);
	avro_buf_long(message, run->parent_seq);
	avro_buf_long(message, run->clock_offset_ns);
}

static bool get_parent(struct avro_in *in, struct run_started *run)
{
	int64_t branch;

	if (!avro_get_long(in, &branch) || branch < 0 || branch > 1)
		return false;
	run->has_parent = branch == 1;
	return !run->has_parent || get_run_id(in, &run->parent);
}

/* The fields of version 1. */
static bool get_started(struct avro_in *in, struct run_started *run)
{
	*run = (struct run_started){.parent_seq = -1};
	return get_run_id(in, &run->run) && get_parent(in, run) &&
	       avro_get_string(in, &run->group) && avro_get_long(in, &run->started_ns) &&
	       avro_get_string(in, &run->host) && avro_get_long(in, &run->pid) &&
	       avro_get_string(in, &run->user) && avro_get_string(in, &run->cwd) &&
	       get_texts(in, &run->argv) && avro_get_string(in, &run->python) &&
	       avro_get_string(in, &run->tracer) && get_texts(in, &run->limits);
}

/* Those that came with version 2. */
static bool get_started_since_2(struct avro_in *in, struct run_started *run)
{
	return avro_get_string(in, &run->boot_id) && avro_get_string(in, &run->container) &&
	       avro_get_long(in, &run->parent_seq) && avro_get_long(in, &run->clock_offset_ns);
}

int run_started_decode(struct slice body, struct run_started *run, struct err *err)
{
	struct avro_in in = avro_in(body);
	bool whole = get_started(&in, run) && (in.at == in.end || get_started_since_2(&in, run));

	return finish(&in, whole, "run_started", err);
}

int run_started_decode_as(
	enum schema_id id, struct slice body, struct run_started *run, struct err *err)
{
	struct avro_in in = avro_in(body);
	bool whole = get_started(&in, run) &&
		     (id == SCHEMA_RUN_STARTED_V1 || get_started_since_2(&in, run));

	return finish(&in, whole, "run_started", err);
}

void run_finished_encode(const struct run_finished *run, struct buf *message)
{
	message_header(message, SCHEMA_RUN_FINISHED);
	put_run_id(message, &run->run);
	avro_buf_long(message, run->finished_ns);
	avro_buf_long(message, run->event_count);
	avro_buf_long(message, run->exit_status);
	avro_buf_long(message, run->signal);
	buf_byte(message, run->lost);
	put_text(message, run->error_type);
	put_text(message, run->error_message);
	put_array(message, run->traceback.items, run->traceback.count);
}

int run_finished_decode(struct slice body, struct run_finished *run, struct err *err)
{
	struct avro_in in = avro_in(body);
	bool whole;

	*run = (struct run_finished){0};
	whole = get_run_id(&in, &run->run) && avro_get_long(&in, &run->finished_ns) &&
		avro_get_long(&in, &run->event_count) && avro_get_long(&in, &run->exit_status) &&
		avro_get_long(&in, &run->signal) && avro_get_boolean(&in, &run->lost) &&
		avro_get_string(&in, &run->error_type) &&
		avro_get_string(&in, &run->error_message) &&
		get_array(&in, skip_entry, &run->traceback.items, &run->traceback.count);
	return finish(&in, whole, "run_finished", err);
}

/* The text is cut where the message would be over the limit. */
void source_file_encode(const struct source_file *source, struct buf *message)
{
	size_t start = message->len, used, room;

	message_header(message, SCHEMA_SOURCE_FILE);
	put_run_id(message, &source->run);
	put_text(message, source->path);
	buf_append(message, source->sha256, sizeof(source->sha256));
	used = message->len - start + AVRO_LONG_MAX_BYTES;
	room = used < MESSAGE_MAX_BYTES ? MESSAGE_MAX_BYTES - used : 0;
	avro_buf_bytes(
		message, source->text.data, source->text.len < room ? source->text.len : room);
}

int source_file_decode(struct slice body, struct source_file *source, struct err *err)
{
	struct avro_in in = avro_in(body);
	bool whole;

	*source = (struct source_file){0};
	whole = get_run_id(&in, &source->run) && avro_get_string(&in, &source->path) &&
		avro_get_fixed(&in, source->sha256, sizeof(source->sha256)) &&
		avro_get_bytes(&in, &source->text);
	return finish(&in, whole, "source_file", err);
}

void run_deleted_encode(const struct run_deleted *deleted, struct buf *message)
{
	message_header(message, SCHEMA_RUN_DELETED);
	put_run_id(message, &deleted->run);
	avro_buf_long(message, deleted->deleted_ns);
}

int run_deleted_decode(struct slice body, struct run_deleted *deleted, struct err *err)
{
	struct avro_in in = avro_in(body);
	bool whole;

	*deleted = (struct run_deleted){0};
	whole = get_run_id(&in, &deleted->run) && avro_get_long(&in, &deleted->deleted_ns);
	return finish(&in, whole, "run_deleted", err);
}

void child_untraced_encode(const struct child_untraced *child, struct buf *message)
{
	message_header(message, SCHEMA_CHILD_UNTRACED);
	put_run_id(message, &child->run);
	avro_buf_long(message, child->seq);
	avro_buf_long(message, child->time_ns);
	put_array(message, child->argv.items, child->argv.count);
	put_text(message, child->reason);
}

int child_untraced_decode(struct slice body, struct child_untraced *child, struct err *err)
{
	struct avro_in in = avro_in(body);
	bool whole;

	*child = (struct child_untraced){0};
	whole = get_run_id(&in, &child->run) && avro_get_long(&in, &child->seq) &&
		avro_get_long(&in, &child->time_ns) && get_texts(&in, &child->argv) &&
		avro_get_string(&in, &child->reason);
	return finish(&in, whole, "child_untraced", err);
}
