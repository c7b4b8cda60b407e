#include "materializer/log_replay.h"

#include <string.h>

#include "materializer/event_range.h"
#include "materializer/gap.h"
#include "materializer/log_walk.h"
#include "materializer/record.h"
#include "materializer/run_order.h"

struct log_replay {
	const struct run_id *id;
	const struct event_sink *sink;
	struct block_cursor *cursor;
	struct event_range_feed feed;
	struct run_progress progress;
	bool deleted;
	bool has_blocks;
	int64_t first_ns;             /* of the first of them */
	struct buf started, finished; /* bodies */
	struct buf sources;           /* bodies, each with its size_t length in front */
};

struct pass {
	struct log_replay *replay;
	int (*each)(struct log_replay *replay, int schema, struct slice body, struct err *err);
};

static int pass_record(void *context, const struct log_record *log_record, struct err *err)
{
	const struct pass *pass = context;
	struct record record;

	if (record_parse(log_record, &record, NULL) < 0 ||
		!run_id_equal(&record.run, pass->replay->id))
		return 0;
	return pass->each(pass->replay, record.schema, record.body, err);
}

/* Calls each() for every record of the run; stops at a nonzero return, which is returned. */
static int read_log(struct log *log, struct log_replay *replay, const struct log_walk *walk,
	int (*each)(struct log_replay *replay, int schema, struct slice body, struct err *err),
	struct err *err)
{
	struct pass pass = {replay, each};

	return log_walk(log, walk, pass_record, &pass, err);
}

static int keep(struct buf *buf, struct slice body, struct err *err)
{
	if (buf->len == 0)
		buf_append(buf, body.data, body.len);
	return buf->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}

/* The first pass: all but the events. */
static int gather(struct log_replay *replay, int schema, struct slice body, struct err *err)
{
	struct run_started started;
	struct run_finished finished;
	struct source_file source;
	struct block_head head;

	switch (schema) {
	case SCHEMA_TRACE_BLOCK:
		if (replay->has_blocks || block_head_parse(body, &head, NULL) < 0)
			return 0;
		replay->has_blocks = true;
		replay->first_ns = head.base_ns;
		return 0;
	case SCHEMA_RUN_STARTED:
		return run_started_decode(body, &started, NULL) < 0
			       ? 0
			       : keep(&replay->started, body, err);
	case SCHEMA_RUN_FINISHED:
		return run_finished_decode(body, &finished, NULL) < 0
			       ? 0
			       : keep(&replay->finished, body, err);
	case SCHEMA_SOURCE_FILE:
		if (source_file_decode(body, &source, NULL) < 0)
			return 0;
		buf_append(&replay->sources, &body.len, sizeof(body.len));
		buf_append(&replay->sources, body.data, body.len);
		return replay->sources.failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
	case SCHEMA_RUN_DELETED:
		replay->deleted = true;
	}
	return 0;
}

/* The second pass. */
static int feed_block(struct log_replay *replay, int schema, struct slice body, struct err *err)
{
	struct block_head head;
	int64_t from_seq;
	int rc;

	if (schema != SCHEMA_TRACE_BLOCK || block_head_parse(body, &head, NULL) < 0 ||
		!run_progress_is_news(&replay->progress, &head, &from_seq))
		return 0;
	rc = block_check(replay->cursor, body, &head, err);
	if (rc < 0)
		return rc == ERR_MEMORY ? rc : 0;
	rc = gap_feed(replay->sink, replay->feed.range, replay->id, replay->progress.next_seq,
		head.first_seq, head.base_ns, err);
	if (rc < 0)
		return rc;
	run_progress_take(&replay->progress, &head);
	if (replay->progress.next_seq <= replay->feed.range->from_seq)
		return 0;
	return block_walk(replay->cursor, body, from_seq, event_range_feed, &replay->feed, err);
}

static int feed_head(struct log_replay *replay, struct err *err)
{
	struct run_started started;
	struct source_file source;
	struct slice rest = buf_slice(&replay->sources);
	int rc = 0;

	if (replay->started.len)
		rc = run_started_decode(buf_slice(&replay->started), &started, err);
	else
		run_headless(replay->id, replay->first_ns, &started);
	if (rc == 0)
		rc = event_sink_started(replay->sink, &started, err);
	while (rc == 0 && rest.len) {
		struct slice body;

		memcpy(&body.len, rest.data, sizeof(body.len));
		body.data = rest.data + sizeof(body.len);
		rest.data += sizeof(body.len) + body.len;
		rest.len -= sizeof(body.len) + body.len;
		rc = source_file_decode(body, &source, err);
		if (rc == 0)
			rc = event_sink_source(replay->sink, &source, err);
	}
	return rc;
}

static int feed_end(struct log_replay *replay, struct err *err)
{
	struct run_finished finished;
	int rc;

	if (replay->finished.len == 0)
		return 0;
	rc = run_finished_decode(buf_slice(&replay->finished), &finished, err);
	if (rc < 0 || !event_range_has_end(replay->feed.range, finished.event_count))
		return rc;
	rc = gap_feed(replay->sink, replay->feed.range, replay->id, replay->progress.next_seq,
		finished.event_count, finished.finished_ns, err);
	if (rc == 0)
		rc = event_sink_finished(replay->sink, &finished, err);
	return rc;
}

static int replay_run(struct log *log, int patience_ms, struct log_replay *replay, struct err *err)
{
	char text[RUN_ID_TEXT_BYTES];
	struct position end;
	struct log_walk walk = {.end = &end, .patience_ms = patience_ms};
	int rc = log_end(log, &end, err);

	if (rc == 0)
		rc = read_log(log, replay, &walk, gather, err);
	if (rc < 0)
		return rc;
	if (replay->deleted ||
		(!replay->started.len && !replay->finished.len && !replay->has_blocks))
		return err_set(err, ERR_NOT_FOUND, "no run %s in the log",
			run_id_format(replay->id, text));
	rc = feed_head(replay, err);
	if (rc == 0)
		rc = read_log(log, replay, &walk, feed_block, err);
	return rc < 0 ? rc : feed_end(replay, err);
}

int log_replay(struct log *log, int patience_ms, const struct run_id *id,
	const struct event_range *range, const struct event_sink *sink, struct err *err)
{
	struct log_replay replay = {.id = id, .sink = sink, .feed = {.range = range, .sink = sink}};
	int rc;

	replay.cursor = block_cursor_new();
	rc = replay.cursor ? replay_run(log, patience_ms, &replay, err)
			   : err_set(err, ERR_MEMORY, "out of memory");
	block_cursor_free(replay.cursor);
	buf_release(&replay.started);
	buf_release(&replay.finished);
	buf_release(&replay.sources);
	return rc;
}
