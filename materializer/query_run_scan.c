#include "materializer/query_internal.h"

struct scan {
	struct query *query;
	struct store_iter *blocks; /* of all runs; NULL: not needed yet */
	struct run_info info;
	struct run_id ended; /* of info.finished_bytes */
	bool has_end;
};

/* Of a run that goes on: the number behind its last event. */
static int count_events(struct scan *scan, struct err *err)
{
	struct key_parts parts = {.run = scan->info.id, .number = INT64_MAX};
	struct block_head head;
	int rc;

	scan->info.event_count = 0;
	if (!scan->blocks && !(scan->blocks = query_iter_of(
				       scan->query, KEY_BLOCK, &(struct key_parts){0}, 0, err)))
		return err ? err->code : ERR_MEMORY;
	rc = store_iter_seek_back(
		scan->blocks, key_encode(KEY_BLOCK, &parts, &scan->query->key), err);
	if (rc != 1)
		return rc;
	if (!key_decode(KEY_BLOCK, store_iter_key(scan->blocks), &parts) ||
		!run_id_equal(&parts.run, &scan->info.id))
		return 0;
	rc = block_head_parse(store_iter_value(scan->blocks), &head, err);
	if (rc == 0)
		scan->info.event_count = head.first_seq + head.event_count;
	return rc;
}

static int decode(struct scan *scan, struct err *err)
{
	struct run_info *info = &scan->info;
	int rc = run_started_decode(buf_slice(&info->started_bytes), &info->started, err);

	info->has_finished = scan->has_end && run_id_equal(&scan->ended, &info->id);
	if (rc == 0 && info->has_finished) {
		rc = run_finished_decode(buf_slice(&info->finished_bytes), &info->finished, err);
		info->event_count = info->finished.event_count;
	} else if (rc == 0) {
		rc = count_events(scan, err);
	}
	info->state = rc < 0 ? RUN_RUNNING : query_state_of(info);
	return rc;
}

static int keep(struct buf *bytes, struct slice value, struct err *err)
{
	buf_clear(bytes);
	buf_append(bytes, value.data, value.len);
	return bytes->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}

/* In the family, what is of a run lies together: its end, its start, its children. */
static int scan_one(struct scan *scan,
	int (*each)(void *context, const struct run_info *info, struct err *err), void *context,
	struct err *err)
{
	struct key_parts parts = {0};
	struct store_iter *iter = query_iter_of(scan->query, KEY_RUN_STARTED, &parts, 0, err);
	int rc = iter ? store_iter_first(iter, err) : err ? err->code : ERR_MEMORY;

	while (rc == 1) {
		struct slice key = store_iter_key(iter), value = store_iter_value(iter);

		rc = 0;
		if (key_decode(KEY_RUN_FINISHED, key, &parts)) {
			scan->has_end = true;
			scan->ended = parts.run;
			rc = keep(&scan->info.finished_bytes, value, err);
		} else if (key_decode(KEY_RUN_STARTED, key, &parts)) {
			scan->info.id = parts.run;
			rc = keep(&scan->info.started_bytes, value, err);
			rc = rc ? rc : decode(scan, err);
			rc = rc ? rc : each(context, &scan->info, err);
		}
		rc = rc ? rc : store_iter_next(iter, err);
	}
	store_iter_free(iter);
	store_iter_free(scan->blocks);
	return rc;
}

/* Each run in the database that has most of it. */
static int scan_many(struct query *query,
	int (*each)(void *context, const struct run_info *info, struct err *err), void *context,
	struct err *err)
{
	struct run_walk walk = {0};
	struct run_id run;
	int64_t time_ns;
	int rc = run_walk_open(&walk, query, false, err);

	while (rc == 0 && (rc = run_walk_next(&walk, &run, &time_ns, err)) == 1) {
		struct run_info info;

		rc = query_run(query, &run, &info, err);
		if (rc == 0) {
			rc = each(context, &info, err);
			run_info_release(&info);
		} else if (rc == ERR_NOT_FOUND) {
			rc = 0; /* it started, and is gone again by now */
		}
	}
	run_walk_close(&walk);
	return rc;
}

int query_run_scan(struct query *query,
	int (*each)(void *context, const struct run_info *info, struct err *err), void *context,
	struct err *err)
{
	struct scan scan = {.query = query};
	int rc = query->other_count ? scan_many(query, each, context, err)
				    : scan_one(&scan, each, context, err);

	run_info_release(&scan.info);
	return rc;
}
