#include "materializer/query_profile.h"

#include "materializer/event_range.h"
#include "materializer/profiler.h"
#include "materializer/program_clock.h"
#include "materializer/query_internal.h"
#include "materializer/run_order.h"

/* What is stored of the profile, or an empty one. */
static int load(
	struct query *query, const struct run_id *id, struct profiler **profiler, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_PROFILE, &parts, 1, err);
	int rc;

	*profiler = NULL;
	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = store_iter_last(iter, err); /* the final one comes last */
	if (rc == 1)
		rc = profiler_decode(store_iter_value(iter), profiler, err);
	store_iter_free(iter);
	if (rc == 0 && !*profiler) {
		*profiler = profiler_new();
		rc = *profiler ? 0 : err_set(err, ERR_MEMORY, "out of memory");
	}
	return rc;
}

/* Adds the stored events from where the profiler is. */
static int add_stored(
	struct query *query, const struct run_id *id, struct profiler *profiler, struct err *err)
{
	struct key_parts parts = {.run = *id, .number = profiler_next_seq(profiler)};
	struct store_iter *iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	struct facts_reader *reader = facts_reader_new();
	const struct block_facts *facts;
	int rc;

	if (!iter || !reader) {
		rc = iter ? err_set(err, ERR_MEMORY, "out of memory") : ERR_MEMORY;
		goto out;
	}
	rc = store_iter_seek(iter, key_encode(KEY_BLOCK, &parts, &query->key), err);
	for (; rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_BLOCK, store_iter_key(iter), &parts))
			continue;
		rc = facts_read(reader, store_iter_value(iter), parts.number, &facts, err);
		if (rc == 0)
			rc = profiler_add_block(profiler, facts, store_iter_value(iter), err);
		if (rc < 0)
			break;
	}
out:
	facts_reader_free(reader);
	store_iter_free(iter);
	return rc;
}

int query_profile(struct query *query, const struct run_id *id, const char *thread,
	struct profile *profile, struct err *err)
{
	struct profiler *profiler = NULL;
	struct run_info info;
	int rc;

	*profile = (struct profile){0};
	rc = query_run(query, id, &info, err);
	if (rc < 0)
		return rc;
	rc = load(query, id, &profiler, err);
	if (rc == 0)
		rc = add_stored(query, id, profiler, err);
	if (rc == 0)
		rc = profiler_build(profiler, thread, profile, err);
	profile->state = info.state;
	profiler_free(profiler);
	run_info_release(&info);
	return rc;
}

struct program_walk {
	struct program_clock clock;
	struct event_range_feed feed;
	struct event_sink sink;
	int (*each)(void *context, const struct event *event, int64_t program_ns, struct err *err);
	void *context;
	int stopped; /* what each() returned */
};

static int pass_on(void *context, const struct event *event, struct err *err)
{
	struct program_walk *walk = context;

	walk->stopped = walk->each(walk->context, event, walk->clock.now_ns, err);
	return walk->stopped;
}

/* The clock is told of all events, whoever's. */
static int tick(void *context, const struct event *event, struct err *err)
{
	struct program_walk *walk = context;

	program_clock_tick(&walk->clock, event);
	return event_range_feed(&walk->feed, event, err);
}

/* From the block that the range begins in to where it ends. */
static int walk_range(struct query *query, const struct run_id *id, struct program_walk *walk,
	struct store_iter *iter, struct err *err)
{
	const struct event_range *range = walk->feed.range;
	struct key_parts parts = {.run = *id, .number = range->from_seq};
	int rc;

	rc = store_iter_seek_back(iter, key_encode(KEY_BLOCK, &parts, &query->key), err);
	if (rc == 0)
		rc = store_iter_first(iter, err);
	for (; rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_BLOCK, store_iter_key(iter), &parts))
			continue;
		if (parts.number > range->to_seq)
			return 0;
		rc = block_walk(
			query->cursor, store_iter_value(iter), parts.number, tick, walk, err);
		if (rc != 0)
			return rc;
	}
	return rc;
}

int query_program_events(struct query *query, const struct run_id *id,
	const struct event_range *range,
	int (*each)(void *context, const struct event *event, int64_t program_ns, struct err *err),
	void *context, struct err *err)
{
	struct program_walk walk = {.each = each, .context = context};
	struct key_parts parts = {.run = *id};
	struct store_iter *iter;
	int rc;

	walk.sink = (struct event_sink){.context = &walk, .event = pass_on};
	walk.feed = (struct event_range_feed){.range = range, .sink = &walk.sink};
	iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = walk_range(query, id, &walk, iter, err);
	store_iter_free(iter);
	return rc < 0 ? rc : walk.stopped;
}
