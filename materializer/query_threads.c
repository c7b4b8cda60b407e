#include "materializer/query.h"

#include "materializer/query_internal.h"
#include "materializer/query_rows.h"
#include "materializer/query_step.h"
#include "materializer/thread_stats.h"

/* 1: the summaries were there and have been told. 0: there are none. */
static int stored_threads(struct query *query, const struct run_id *id,
	int (*each)(void *context, const struct thread_info *info, struct err *err), void *context,
	struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_THREAD, &parts, 1, err);
	struct thread_info info;
	int found = 0, rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_THREAD, store_iter_key(iter), &parts) ||
			!thread_summary_decode(store_iter_value(iter), &info)) {
			rc = err_set(err, ERR_FORMAT,
				"a thread's summary is damaged, `smiley rebuild` makes it anew");
			break;
		}
		info.number = parts.number;
		found = 1;
		rc = each(context, &info, err);
		if (rc != 0)
			break;
	}
	store_iter_free(iter);
	return rc == 0 ? found : rc;
}

/* Adds up the stored events of a run. */
static int sum_threads(
	struct query *query, const struct run_id *id, struct thread_stats *stats, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	struct facts_reader *reader = facts_reader_new();
	const struct block_facts *facts;
	int rc = iter && reader ? 1 : err_set(err, ERR_MEMORY, "out of memory");

	if (rc == 1)
		rc = store_iter_first(iter, err);
	for (; rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_BLOCK, store_iter_key(iter), &parts))
			continue;
		rc = facts_read(reader, store_iter_value(iter), parts.number, &facts, err);
		if (rc == 0)
			rc = thread_stats_add(stats, facts, err);
		if (rc < 0)
			break;
	}
	facts_reader_free(reader);
	store_iter_free(iter);
	return rc;
}

/* Threads in the order of their numbers, as the store keeps them. */
static int each_of(const struct thread_stats *stats,
	int (*each)(void *context, const struct thread_info *info, struct err *err), void *context,
	struct err *err)
{
	struct thread_info info;
	int rc = 0;

	for (size_t i = 0; i < thread_stats_count(stats) && rc == 0; i++) {
		thread_stats_get(stats, i, &info);
		rc = each(context, &info, err);
	}
	return rc;
}

int query_threads(struct query *query, const struct run_id *id,
	int (*each)(void *context, const struct thread_info *info, struct err *err), void *context,
	struct err *err)
{
	struct thread_stats *stats;
	int rc = stored_threads(query, id, each, context, err);

	if (rc != 0)
		return rc == 1 ? 0 : rc;
	stats = thread_stats_new();
	if (!stats)
		return err_set(err, ERR_MEMORY, "out of memory");
	rc = sum_threads(query, id, stats, err);
	if (rc == 0) {
		thread_stats_sort(stats);
		rc = each_of(stats, each, context, err);
	}
	thread_stats_free(stats);
	return rc;
}

/* 1: *thread is the number of the first thread with rows from number `from` on. */
static int next_thread(struct query *query, struct store_iter *iter, const struct run_id *id,
	int64_t from, int64_t *thread, struct err *err)
{
	struct key_parts parts = {.run = *id, .thread = from};
	int rc = store_iter_seek(iter, key_encode(KEY_ROW, &parts, &query->key), err);

	if (rc == 1 && !key_decode(KEY_ROW, store_iter_key(iter), &parts))
		return err_set(err, ERR_FORMAT, "an entry's key that is none");
	*thread = parts.thread;
	return rc;
}

int query_row_threads(struct query *query, const struct run_id *id, size_t max,
	int (*each)(void *context, int64_t number, struct slice name, struct err *err),
	void *context, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_ROW, &parts, 1, err);
	int64_t thread = -1;
	int rc = iter ? 0 : ERR_MEMORY;

	for (size_t i = 0; rc == 0 && i < max && thread < INT64_MAX; i++) {
		struct row_page page;

		rc = next_thread(query, iter, id, thread + 1, &thread, err);
		if (rc != 1)
			break;
		rc = query_row_page(query, id, thread, 0, 1, &page, err);
		if (rc < 0)
			break;
		if (page.count)
			rc = each(context, thread, page.rows[0].thread_name, err);
		row_page_release(&page);
	}
	store_iter_free(iter);
	return rc;
}
