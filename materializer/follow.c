#include "materializer/follow.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "materializer/event_range.h"
#include "materializer/gap.h"
#include "materializer/hash_set.h"
#include "materializer/held.h"
#include "materializer/query.h"
#include "materializer/record.h"
#include "materializer/run_order.h"
#include "schemas/now.h"

#define BUCKETS 256
#define HELD_MAX_BYTES (32u << 20)
/* What waits is fed after this many times the patience even if the log never rests. */
#define BUSY_FACTOR 10

struct follow_run {
	struct follow_run *next; /* in its bucket */
	struct run_id run;
	struct run_progress progress;
	bool anchored;    /* the next event is progress.next_seq, or there is a gap */
	bool started;     /* fed, or looked for in vain */
	bool unwanted;    /* deleted, or of another group */
	bool typed;       /* its program was no file, but has a source: <string>, <stdin> */
	bool finished;    /* fed */
	struct buf begin; /* RunStarted body that waits for an event in time */
	struct buf end;   /* RunFinished body that waits for the last events */
	int64_t end_count;
	int64_t end_ms;        /* when it came */
	struct hash_set files; /* whose source was fed, or is waited for no more */
	struct held held;
};

struct follow {
	struct event_sink sink;
	struct follow_options options;
	struct block_cursor *cursor;
	struct follow_run *buckets[BUCKETS];
	size_t waiting_count; /* ends */
	size_t held_count, held_bytes;
	int64_t idle_ms;  /* since when the log gives nothing; 0: it gives */
	int64_t check_ms; /* when to look again for what waits too long */
};

static void drop_held(struct follow *follow, struct follow_run *run)
{
	follow->held_count--;
	follow->held_bytes -= run->held.first->body.len;
	held_drop(&run->held);
}

int follow_new(const struct event_sink *sink, const struct follow_options *options,
	struct follow **follow, struct err *err)
{
	*follow = calloc(1, sizeof(**follow));
	if (*follow)
		(*follow)->cursor = block_cursor_new();
	if (!*follow || !(*follow)->cursor) {
		free(*follow);
		*follow = NULL;
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	(*follow)->sink = *sink;
	(*follow)->options = *options;
	return 0;
}

/* What the run no longer needs. */
static void forget(struct follow *follow, struct follow_run *run)
{
	while (run->held.first)
		drop_held(follow, run);
	buf_release(&run->begin);
	buf_release(&run->end);
	hash_set_release(&run->files);
}

void follow_free(struct follow *follow)
{
	if (!follow)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (follow->buckets[i]) {
			struct follow_run *run = follow->buckets[i];

			follow->buckets[i] = run->next;
			forget(follow, run);
			free(run);
		}
	}
	block_cursor_free(follow->cursor);
	free(follow);
}

static struct follow_run *get_run(struct follow *follow, const struct run_id *id)
{
	struct follow_run **bucket = &follow->buckets[id->bytes[0] ^ id->bytes[15]];
	struct follow_run *run;

	for (run = *bucket; run; run = run->next) {
		if (run_id_equal(&run->run, id))
			return run;
	}
	run = calloc(1, sizeof(*run));
	if (!run)
		return NULL;
	run->run = *id;
	run->anchored = follow->options.from_start;
	run->next = *bucket;
	*bucket = run;
	return run;
}

static bool of_group(const struct follow *follow, const struct run_started *started)
{
	return !follow->options.group ||
	       slice_equal(started->group, slice_text(follow->options.group));
}

/* Was the program given by -c, or on stdin? An argument of the program's that looks so costs
 * a wait that ends. */
static bool is_typed(const struct run_started *started)
{
	struct text_list argv = started->argv;
	struct slice word;

	while (text_list_next(&argv, &word))
		if (slice_equal(word, slice_text("-c")) || slice_equal(word, slice_text("-")))
			return true;
	return false;
}

/* A run of long ago is told of only when it does something still. */
static int feed_started(struct follow *follow, struct follow_run *run,
	const struct run_started *started, struct slice body, struct err *err)
{
	run->started = true;
	run->typed = is_typed(started);
	run->unwanted = !of_group(follow, started);
	if (run->unwanted) {
		forget(follow, run);
		return 0;
	}
	if (started->started_ns >= follow->options.from_ns)
		return event_sink_started(&follow->sink, started, err);
	buf_append(&run->begin, body.data, body.len);
	return run->begin.failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}

static int feed_begin(struct follow *follow, struct follow_run *run, struct err *err)
{
	struct run_started started;
	int rc = run_started_decode(buf_slice(&run->begin), &started, err);

	rc = rc ? rc : event_sink_started(&follow->sink, &started, err);
	buf_release(&run->begin);
	return rc;
}

static int know_file(struct follow_run *run, struct slice path, struct err *err)
{
	if (hash_set_add(&run->files, XXH3_64bits(path.data, path.len)) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	return 0;
}

/* A follower and one of its runs, for who is fed by others. */
struct following {
	struct follow *follow;
	struct follow_run *run;
	struct slice latest; /* file of the event before */
};

static int feed_event(void *context, const struct event *event, struct err *err)
{
	const struct following *f = context;
	const struct event_sink *sink = &f->follow->sink;
	int rc = 0;

	if (event->time_ns < f->follow->options.from_ns)
		return 0;
	if (f->run->begin.len)
		rc = feed_begin(f->follow, f->run, err);
	return rc || !sink->event ? rc : sink->event(sink->context, event, err);
}

static int known_started(void *context, const struct run_started *started, struct err *err)
{
	const struct following *f = context;

	f->run->typed = is_typed(started);
	f->run->unwanted = !of_group(f->follow, started);
	return f->run->unwanted ? 0 : event_sink_started(&f->follow->sink, started, err);
}

static int known_source(void *context, const struct source_file *source, struct err *err)
{
	const struct following *f = context;
	int rc = know_file(f->run, source->path, err);

	return rc ? rc : event_sink_source(&f->follow->sink, source, err);
}

/* The beginning of a run that began earlier: whatever the database has of it by now. */
static int feed_known(struct follow *follow, struct follow_run *run, struct err *err)
{
	struct event_range none = {.from_seq = INT64_MAX, .to_seq = INT64_MAX};
	struct following f = {follow, run, {0}};
	struct event_sink sink = {
		.context = &f, .run_started = known_started, .source_file = known_source};
	struct query *query;
	int rc;

	run->started = true;
	run->unwanted = follow->options.group != NULL;
	if (!follow->options.paths || query_open(follow->options.paths, &query, NULL) < 0)
		return 0;
	rc = query_replay(query, &run->run, &none, &sink, err);
	if (rc == 0 && !run->unwanted)
		rc = query_sources(query, &run->run, &sink, err);
	query_close(query);
	/* What the database cannot tell is not the follower's failure. */
	return rc == ERR_MEMORY ? rc : 0;
}

static bool is_waiting(const struct follow_run *run)
{
	return run->end.len && !run->finished && !run->unwanted;
}

static int feed_end(struct follow *follow, struct follow_run *run, struct err *err)
{
	struct run_finished finished;
	int rc = run_finished_decode(buf_slice(&run->end), &finished, err);

	run->finished = true;
	follow->waiting_count--;
	if (rc == 0 && finished.finished_ns >= follow->options.from_ns) {
		if (run->begin.len)
			rc = feed_begin(follow, run, err);
		if (rc == 0 && run->anchored)
			rc = gap_feed(&follow->sink, NULL, &run->run, run->progress.next_seq,
				run->end_count, finished.finished_ns, err);
		if (rc == 0)
			rc = event_sink_finished(&follow->sink, &finished, err);
	}
	forget(follow, run);
	return rc;
}

static int end_if_complete(struct follow *follow, struct follow_run *run, struct err *err)
{
	if (is_waiting(run) && !run->held.first && run->progress.next_seq >= run->end_count &&
		(run->started || !follow->options.patience_ms))
		return feed_end(follow, run, err);
	return 0;
}

/* The block was checked. */
static int feed_block(
	struct follow *follow, struct follow_run *run, struct slice body, struct err *err)
{
	struct following f = {follow, run, {0}};
	struct block_head head;
	int64_t from_seq;
	int rc = block_head_parse(body, &head, err);

	if (rc < 0 || !run_progress_is_news(&run->progress, &head, &from_seq))
		return rc;
	if (!run->started)
		rc = feed_known(follow, run, err);
	if (rc == 0 && run->unwanted)
		forget(follow, run);
	if (rc < 0 || run->unwanted)
		return rc;
	if (run->anchored && head.base_ns >= follow->options.from_ns)
		rc = gap_feed(&follow->sink, NULL, &run->run, run->progress.next_seq,
			head.first_seq, head.base_ns, err);
	if (rc == 0)
		rc = block_walk(follow->cursor, body, from_seq, feed_event, &f, err);
	if (rc != 0)
		return rc;
	run_progress_take(&run->progress, &head);
	run->anchored = true;
	return end_if_complete(follow, run, err);
}

static bool is_typed_name(struct slice path)
{
	return slice_equal(path, slice_text("<string>")) ||
	       slice_equal(path, slice_text("<stdin>"));
}

/* 1: a source is to come that has not come. Names like <frozen os> never have one. */
static int lacks_source(void *context, const struct event *event, struct err *err)
{
	struct following *f = context;
	struct slice path;

	(void)err;
	if (!event->frame || event->frame->code.file.data == f->latest.data)
		return 0;
	path = f->latest = event->frame->code.file;
	if (path.len == 0 || (*path.data == '<' && !(f->run->typed && is_typed_name(path))))
		return 0;
	return !hash_set_has(&f->run->files, XXH3_64bits(path.data, path.len));
}

/* 1: all that the block needs has come. 0: not yet. */
static int is_ready(
	struct follow *follow, struct follow_run *run, struct slice body, struct err *err)
{
	struct following f = {follow, run, {0}};
	struct block_head head;
	int64_t from_seq;
	int rc = block_head_parse(body, &head, err);

	if (rc < 0)
		return rc;
	if (!run->started || (run->anchored && head.first_seq > run->progress.next_seq))
		return 0;
	if (!run_progress_is_news(&run->progress, &head, &from_seq))
		return 1;
	rc = block_walk(follow->cursor, body, from_seq, lacks_source, &f, err);
	return rc < 0 ? rc : rc == 0;
}

/* Feeds what has waited and is ready. */
static int feed_held(struct follow *follow, struct follow_run *run, struct err *err)
{
	int rc = 0;

	while (rc == 0 && run->held.first) {
		struct held_block *block = run->held.first;

		rc = is_ready(follow, run, block->body, err);
		if (rc != 1)
			break;
		rc = feed_block(follow, run, block->body, err);
		if (run->held.first) /* nothing was forgotten meanwhile */
			drop_held(follow, run);
	}
	return rc ? rc : end_if_complete(follow, run, err);
}

static int know_files(void *context, const struct event *event, struct err *err)
{
	struct following *f = context;

	if (!event->frame || event->frame->code.file.data == f->latest.data)
		return 0;
	f->latest = event->frame->code.file;
	return know_file(f->run, f->latest, err);
}

/* Feeds the first block that waits, without what it waits for. */
static int feed_impatiently(struct follow *follow, struct follow_run *run, struct err *err)
{
	struct following f = {follow, run, {0}};
	struct slice body = run->held.first->body;
	int rc = block_walk(follow->cursor, body, 0, know_files, &f, err);

	if (rc == 0)
		rc = feed_block(follow, run, body, err);
	if (run->held.first)
		drop_held(follow, run);
	return rc ? rc : feed_held(follow, run, err);
}

/* Is what came at that time to be waited with no longer? */
static bool is_late(const struct follow *follow, int64_t came_ms, int64_t now)
{
	int64_t patience = follow->options.patience_ms;

	if (follow->held_bytes > HELD_MAX_BYTES || now - came_ms > patience * BUSY_FACTOR)
		return true;
	return follow->idle_ms && now - follow->idle_ms >= patience && now - came_ms >= patience;
}

static int give_up(struct follow *follow, struct follow_run *run, int64_t now, struct err *err)
{
	int rc = 0;

	while (rc == 0 && run->held.first && is_late(follow, run->held.first->came_ms, now))
		rc = feed_impatiently(follow, run, err);
	if (rc == 0 && is_waiting(run) && !run->held.first && is_late(follow, run->end_ms, now))
		rc = feed_end(follow, run, err);
	return rc;
}

static int give_up_all(struct follow *follow, int64_t now, struct err *err)
{
	int rc = 0;

	follow->check_ms = now + follow->options.patience_ms;
	for (size_t i = 0; i < BUCKETS && rc == 0; i++) {
		if (!follow->held_count && !follow->waiting_count)
			break;
		for (struct follow_run *run = follow->buckets[i]; run && rc == 0; run = run->next)
			rc = give_up(follow, run, now, err);
	}
	return rc;
}

static int hold(struct follow *follow, struct follow_run *run, const struct block_head *head,
	struct slice body, struct err *err)
{
	if (held_add(&run->held, head->first_seq, monotonic_ms(), body) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	follow->held_count++;
	follow->held_bytes += body.len;
	return 0;
}

static int follow_block(
	struct follow *follow, struct follow_run *run, struct slice body, struct err *err)
{
	struct block_head head;
	int64_t from_seq;
	int rc;

	if (block_head_parse(body, &head, NULL) < 0)
		return 0;
	if (run->finished || !run_progress_is_news(&run->progress, &head, &from_seq))
		return 0;
	/* All of a block counts or nothing, so that a bad one shows nothing here either. */
	rc = block_check(follow->cursor, body, &head, err);
	if (rc < 0)
		return rc == ERR_MEMORY ? rc : 0;
	if (!follow->options.patience_ms)
		return feed_block(follow, run, body, err);
	rc = hold(follow, run, &head, body, err);
	return rc ? rc : feed_held(follow, run, err);
}

static int follow_started(
	struct follow *follow, struct follow_run *run, struct slice body, struct err *err)
{
	struct run_started started;
	int rc;

	if (run_started_decode(body, &started, NULL) < 0)
		return 0;
	if (run->started)
		return 0;
	rc = feed_started(follow, run, &started, body, err);
	return rc ? rc : feed_held(follow, run, err);
}

static int follow_finished(
	struct follow *follow, struct follow_run *run, struct slice body, struct err *err)
{
	struct run_finished finished;

	if (run_finished_decode(body, &finished, NULL) < 0)
		return 0;
	if (run->finished || run->end.len)
		return 0;
	buf_append(&run->end, body.data, body.len);
	if (run->end.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	run->end_count = finished.event_count;
	run->end_ms = monotonic_ms();
	follow->waiting_count++;
	return end_if_complete(follow, run, err);
}

static int follow_source(
	struct follow *follow, struct follow_run *run, struct slice body, struct err *err)
{
	struct source_file source;
	int rc;

	if (source_file_decode(body, &source, NULL) < 0)
		return 0;
	rc = event_sink_source(&follow->sink, &source, err);
	if (rc == 0 && follow->options.patience_ms && !run->finished)
		rc = know_file(run, source.path, err);
	return rc ? rc : feed_held(follow, run, err);
}

static int follow_deleted(struct follow *follow, struct follow_run *run)
{
	if (is_waiting(run))
		follow->waiting_count--;
	run->unwanted = true;
	forget(follow, run);
	return 0;
}

static int dispatch(
	struct follow *follow, struct follow_run *run, const struct record *record, struct err *err)
{
	switch (record->schema) {
	case SCHEMA_TRACE_BLOCK:
		return follow_block(follow, run, record->body, err);
	case SCHEMA_RUN_STARTED:
		return follow_started(follow, run, record->body, err);
	case SCHEMA_RUN_FINISHED:
		return follow_finished(follow, run, record->body, err);
	case SCHEMA_SOURCE_FILE:
		return follow_source(follow, run, record->body, err);
	case SCHEMA_RUN_DELETED:
		return follow_deleted(follow, run);
	}
	return 0;
}

int follow_record(struct follow *follow, const struct log_record *log_record, struct err *err)
{
	struct follow_run *run;
	struct record record;
	int rc = 0;

	follow->idle_ms = 0;
	if (follow->held_count && monotonic_ms() >= follow->check_ms)
		rc = give_up_all(follow, monotonic_ms(), err);
	if (rc < 0)
		return rc;
	if (record_parse(log_record, &record, NULL) < 0)
		return 0;
	if (follow->options.run && !run_id_equal(follow->options.run, &record.run))
		return 0;
	run = get_run(follow, &record.run);
	if (!run)
		return err_set(err, ERR_MEMORY, "out of memory");
	return run->unwanted ? 0 : dispatch(follow, run, &record, err);
}

int follow_idle(struct follow *follow, struct err *err)
{
	int64_t now = monotonic_ms();

	if (!follow->idle_ms)
		follow->idle_ms = now;
	return give_up_all(follow, now, err);
}
