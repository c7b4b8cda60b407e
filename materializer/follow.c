#include "materializer/follow.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/event_range.h"
#include "materializer/query.h"
#include "materializer/record.h"
#include "materializer/run_order.h"

#define BUCKETS 256

struct follow_run {
	struct follow_run *next; /* in its bucket */
	struct run_id run;
	struct run_progress progress;
	bool started; /* fed, or looked for in vain */
	bool deleted;
	bool finished;  /* fed */
	struct buf end; /* RunFinished body that waits for the last events */
	int64_t end_count;
};

struct follow {
	struct event_sink sink;
	struct follow_options options;
	struct block_cursor *cursor;
	struct follow_run *buckets[BUCKETS];
	size_t waiting_count;
	int64_t skipped;
};

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

void follow_free(struct follow *follow)
{
	if (!follow)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (follow->buckets[i]) {
			struct follow_run *run = follow->buckets[i];

			follow->buckets[i] = run->next;
			buf_release(&run->end);
			free(run);
		}
	}
	block_cursor_free(follow->cursor);
	free(follow);
}

int64_t follow_skipped(const struct follow *follow)
{
	return follow->skipped;
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
	run->next = *bucket;
	*bucket = run;
	return run;
}

static int feed_event(void *context, const struct event *event, struct err *err)
{
	const struct event_sink *sink = context;

	return sink->event ? sink->event(sink->context, event, err) : 0;
}

/* The sources of a run that began earlier: whatever the database has of them by now. */
static int feed_known(struct follow *follow, struct follow_run *run, struct err *err)
{
	struct event_range none = {.from_seq = INT64_MAX, .to_seq = INT64_MAX};
	struct event_sink sink = follow->sink;
	struct query *query;
	int rc;

	run->started = true;
	if (!follow->options.paths || query_open(follow->options.paths, &query, NULL) < 0)
		return 0;
	sink.event = NULL;
	sink.run_finished = NULL;
	rc = query_replay(query, &run->run, &none, &sink, err);
	if (rc == 0)
		rc = query_sources(query, &run->run, &sink, err);
	query_close(query);
	/* What the database cannot tell is not the follower's failure. */
	return rc == ERR_MEMORY ? rc : 0;
}

static int feed_end(struct follow *follow, struct follow_run *run, struct err *err)
{
	struct run_finished finished;
	int rc = run_finished_decode(buf_slice(&run->end), &finished, err);

	run->finished = true;
	follow->waiting_count--;
	if (rc == 0)
		rc = event_sink_finished(&follow->sink, &finished, err);
	buf_release(&run->end);
	return rc;
}

static bool is_waiting(const struct follow_run *run)
{
	return run->end.len && !run->finished && !run->deleted;
}

static int follow_block(
	struct follow *follow, struct follow_run *run, struct slice body, struct err *err)
{
	struct block_head head;
	int64_t from_seq;
	int rc;

	if (block_head_parse(body, &head, NULL) < 0) {
		follow->skipped++;
		return 0;
	}
	if (!run_progress_is_news(&run->progress, &head, &from_seq))
		return 0;
	/* All of a block counts or nothing, so that a bad one shows nothing here either. */
	rc = block_check(follow->cursor, body, &head, err);
	if (rc < 0) {
		follow->skipped++;
		return rc == ERR_MEMORY ? rc : 0;
	}
	if (!run->started) {
		rc = feed_known(follow, run, err);
		if (rc < 0)
			return rc;
	}
	rc = block_walk(follow->cursor, body, from_seq, feed_event, &follow->sink, err);
	if (rc != 0)
		return rc;
	run_progress_take(&run->progress, &head);
	if (is_waiting(run) && run->progress.next_seq >= run->end_count)
		return feed_end(follow, run, err);
	return 0;
}

static int follow_started(
	struct follow *follow, struct follow_run *run, struct slice body, struct err *err)
{
	struct run_started started;

	if (run_started_decode(body, &started, NULL) < 0) {
		follow->skipped++;
		return 0;
	}
	if (run->started)
		return 0;
	run->started = true;
	return event_sink_started(&follow->sink, &started, err);
}

static int follow_finished(
	struct follow *follow, struct follow_run *run, struct slice body, struct err *err)
{
	struct run_finished finished;

	if (run_finished_decode(body, &finished, NULL) < 0) {
		follow->skipped++;
		return 0;
	}
	if (run->finished || run->end.len)
		return 0;
	buf_append(&run->end, body.data, body.len);
	if (run->end.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	run->end_count = finished.event_count;
	follow->waiting_count++;
	if (run->progress.next_seq >= run->end_count)
		return feed_end(follow, run, err);
	return 0;
}

static int follow_source(struct follow *follow, struct slice body, struct err *err)
{
	struct source_file source;

	if (source_file_decode(body, &source, NULL) < 0) {
		follow->skipped++;
		return 0;
	}
	return event_sink_source(&follow->sink, &source, err);
}

static int follow_deleted(struct follow *follow, struct follow_run *run)
{
	if (is_waiting(run))
		follow->waiting_count--;
	run->deleted = true;
	buf_release(&run->end);
	return 0;
}

int follow_record(struct follow *follow, const struct log_record *log_record, struct err *err)
{
	struct follow_run *run;
	struct record record;

	if (record_parse(log_record, &record, NULL) < 0) {
		follow->skipped++;
		return 0;
	}
	if (follow->options.run && !run_id_equal(follow->options.run, &record.run))
		return 0;
	run = get_run(follow, &record.run);
	if (!run)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (run->deleted)
		return 0;
	switch (record.schema) {
	case SCHEMA_TRACE_BLOCK:
		return follow_block(follow, run, record.body, err);
	case SCHEMA_RUN_STARTED:
		return follow_started(follow, run, record.body, err);
	case SCHEMA_RUN_FINISHED:
		return follow_finished(follow, run, record.body, err);
	case SCHEMA_SOURCE_FILE:
		return follow_source(follow, record.body, err);
	case SCHEMA_RUN_DELETED:
		return follow_deleted(follow, run);
	}
	return 0;
}

int follow_idle(struct follow *follow, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < BUCKETS && follow->waiting_count; i++) {
		for (struct follow_run *run = follow->buckets[i]; run && rc == 0; run = run->next) {
			if (is_waiting(run))
				rc = feed_end(follow, run, err);
		}
	}
	return rc;
}
