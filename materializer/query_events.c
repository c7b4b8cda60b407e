#include "materializer/query.h"

#include <inttypes.h>
#include <string.h>

#include <xxhash.h>

#include "materializer/event_range.h"
#include "materializer/gap.h"
#include "materializer/hash_set.h"
#include "materializer/query_internal.h"
#include "materializer/run_order.h"

int query_load_source(struct query *query, const struct run_id *id, struct slice path,
	struct key_parts *parts, struct buf *text, struct err *err)
{
	struct store_iter *iter;
	int rc;

	*parts = (struct key_parts){.run = *id, .path = path};
	iter = query_iter(query, KEY_RUN_FILE, parts, 2, err);
	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = store_iter_first(iter, err);
	if (rc == 1 && key_decode(KEY_RUN_FILE, store_iter_key(iter), parts))
		rc = query_get(query, KEY_SOURCE, parts, text, err);
	store_iter_free(iter);
	return rc;
}

int query_source(struct query *query, const struct run_id *id, struct slice path, struct buf *text,
	struct err *err)
{
	struct key_parts parts;
	int rc = query_load_source(query, id, path, &parts, text, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no source %.*s in this run", (int)path.len,
			(const char *)path.data);
	return rc < 0 ? rc : 0;
}

int query_sources(struct query *query, const struct run_id *id, const struct event_sink *sink,
	struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_RUN_FILE, &parts, 1, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		struct source_file source = {.run = *id};

		if (!key_decode(KEY_RUN_FILE, store_iter_key(iter), &parts))
			continue;
		rc = query_get(query, KEY_SOURCE, &parts, &query->value, err);
		if (rc == 1) {
			source.path = parts.path;
			source.text = buf_slice(&query->value);
			memcpy(source.sha256, parts.sha256, sizeof(source.sha256));
			rc = event_sink_source(sink, &source, err);
		}
		if (rc != 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

struct replay {
	struct query *query;
	const struct run_id *id;
	const struct event_sink *sink;
	struct slice latest;   /* file of the event before, in this block */
	struct hash_set files; /* fed so far */
	struct buf text;
};

/* Feeds the source of the event's file the first time it is met: a page of a run of many
 * files needs few of them. */
static int feed_source(void *context, const struct event *event, struct err *err)
{
	struct replay *replay = context;
	struct source_file source = {.run = *replay->id};
	struct key_parts parts;
	int rc;

	if (!event->frame || event->frame->code.file.data == replay->latest.data)
		return 0;
	replay->latest = event->frame->code.file;
	rc = hash_set_add(&replay->files, XXH3_64bits(replay->latest.data, replay->latest.len));
	if (rc < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (rc == 0)
		return 0;
	rc = query_load_source(
		replay->query, replay->id, replay->latest, &parts, &replay->text, err);
	if (rc != 1)
		return rc;
	source.path = replay->latest;
	source.text = buf_slice(&replay->text);
	memcpy(source.sha256, parts.sha256, sizeof(source.sha256));
	return event_sink_source(replay->sink, &source, err);
}

/* *next_seq: the event that comes next; receives what would come behind the last one. */
static int walk_blocks(struct replay *replay, struct store_iter *iter,
	struct event_range_feed *feed, int64_t *next_seq, struct err *err)
{
	struct query *query = replay->query;
	struct key_parts parts = {.run = *replay->id, .number = feed->range->from_seq};
	struct block_head head;
	int rc;

	rc = store_iter_seek_back(iter, key_encode(KEY_BLOCK, &parts, &query->key), err);
	if (rc == 0)
		rc = store_iter_first(iter, err);
	for (; rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_BLOCK, store_iter_key(iter), &parts))
			continue;
		rc = block_head_parse(store_iter_value(iter), &head, err);
		if (rc == 0 && parts.number > *next_seq)
			rc = gap_feed(replay->sink, feed->range, replay->id, *next_seq,
				parts.number, head.base_ns, err);
		if (rc < 0)
			return rc;
		if (head.first_seq + head.event_count > *next_seq)
			*next_seq = head.first_seq + head.event_count;
		if (parts.number > feed->range->to_seq)
			return 0;
		replay->latest = (struct slice){0};
		rc = block_walk(query->cursor, store_iter_value(iter), parts.number,
			event_range_feed, feed, err);
		if (rc == ERR_FORMAT)
			return err_wrap(err, "events from %" PRId64, parts.number);
		if (rc != 0)
			return rc < 0 ? rc : 0;
	}
	return rc;
}

static int feed_events(
	struct replay *replay, const struct event_range *range, int64_t *next_seq, struct err *err)
{
	struct event_range_feed feed = {range, replay->sink, feed_source, replay};
	struct key_parts parts = {.run = *replay->id};
	struct store_iter *iter = query_iter(replay->query, KEY_BLOCK, &parts, 1, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = walk_blocks(replay, iter, &feed, next_seq, err);
	store_iter_free(iter);
	hash_set_release(&replay->files);
	buf_release(&replay->text);
	return rc;
}

int query_replay(struct query *query, const struct run_id *id, const struct event_range *range,
	const struct event_sink *sink, struct err *err)
{
	struct replay replay = {.query = query, .id = id, .sink = sink};
	int64_t next_seq = range->from_seq;
	struct run_info info;
	int rc = query_run(query, id, &info, err);

	if (rc < 0)
		return rc;
	rc = event_sink_started(sink, &info.started, err);
	if (rc == 0)
		rc = feed_events(&replay, range, &next_seq, err);
	if (rc == 0 && info.has_finished && event_range_has_end(range, info.event_count))
		rc = gap_feed(sink, range, id, next_seq, info.event_count,
			info.finished.finished_ns, err);
	if (rc == 0 && info.has_finished && event_range_has_end(range, info.event_count))
		rc = event_sink_finished(sink, &info.finished, err);
	run_info_release(&info);
	return rc;
}
