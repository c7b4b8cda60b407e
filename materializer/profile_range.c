#include "materializer/profile_range.h"

#include "materializer/profiler_internal.h"
#include "materializer/query_internal.h"
#include "materializer/run_order.h"

struct adding {
	struct profiler *profiler;
	const struct event_range *range;
};

static int add_event(void *context, const struct event *event, struct err *err)
{
	const struct adding *adding = context;

	if (event->seq < adding->range->from_seq)
		return 0;
	return event->seq > adding->range->to_seq ? 1 : profiler_add(adding->profiler, event, err);
}

static int add_blocks(struct query *query, const struct run_id *id, struct adding *adding,
	struct store_iter *iter, struct err *err)
{
	struct key_parts parts = {.run = *id, .number = adding->range->from_seq};
	int rc = store_iter_seek_back(iter, key_encode(KEY_BLOCK, &parts, &query->key), err);

	if (rc == 0)
		rc = store_iter_first(iter, err);
	for (; rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_BLOCK, store_iter_key(iter), &parts))
			continue;
		profiler_next_block(adding->profiler);
		rc = block_walk(query->cursor, store_iter_value(iter), parts.number, add_event,
			adding, err);
		if (rc != 0)
			break;
	}
	return rc < 0 ? rc : 0;
}

static int build(struct query *query, const struct run_id *id, struct adding *adding,
	struct profile *profile, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	/* What is before the range is not lost. */
	adding->profiler->next_seq = adding->range->from_seq;
	rc = add_blocks(query, id, adding, iter, err);
	store_iter_free(iter);
	return rc ? rc : profiler_build(adding->profiler, adding->range->thread, profile, err);
}

/* A thread that does nothing in the range is none that is not there. */
static int of_idle_thread(struct query *query, const struct run_id *id, const char *thread,
	struct profile *profile, struct err *err)
{
	struct profile whole;
	int rc = query_profile(query, id, thread, &whole, err);

	profile->thread = whole.thread;
	profile_release(&whole);
	return rc;
}

int query_profile_range(struct query *query, const struct run_id *id,
	const struct event_range *range, struct profile *profile, struct err *err)
{
	struct adding adding = {.range = range};
	struct run_info info;
	int rc;

	if (range->from_seq <= 0 && range->to_seq == INT64_MAX)
		return query_profile(query, id, range->thread, profile, err);
	*profile = (struct profile){0};
	rc = query_run(query, id, &info, err);
	if (rc < 0)
		return rc;
	adding.profiler = profiler_new();
	rc = adding.profiler ? build(query, id, &adding, profile, err)
			     : err_set(err, ERR_MEMORY, "out of memory");
	if (rc == ERR_NOT_FOUND && range->thread) {
		err_clear(err);
		rc = of_idle_thread(query, id, range->thread, profile, err);
	}
	profile->state = info.state;
	profiler_free(adding.profiler);
	run_info_release(&info);
	return rc;
}
