#include "materializer/query_internal.h"
#include "materializer/query_step.h"
#include "materializer/run_order.h"

#define LATE_BLOCKS 32 /* looked at for an event as late as that */

struct time_search {
	int64_t time_ns, found;
};

static int look_at_time(void *context, const struct event *event, struct err *err)
{
	struct time_search *search = context;

	(void)err;
	if (event->time_ns < search->time_ns)
		return 0;
	search->found = event->seq;
	return 1;
}

/* Makes *block the number of the last block that begins before the time; the first, if none
 * does. Halves by sequence numbers. */
static int find_time(struct query *query, struct store_iter *iter, const struct run_id *id,
	int64_t time_ns, int64_t *block, struct err *err)
{
	struct key_parts parts = {.run = *id};
	int64_t low = 0, high;
	int rc = query_next_seq(query, id, &high, err);

	*block = 0;
	while (rc == 0 && low < high) {
		int64_t middle = low + (high - low) / 2;
		struct block_head head;

		rc = query_seek_block(query, iter, middle, &parts, err);
		if (rc == 0) { /* the run's first events are not there */
			low = middle + 1;
			continue;
		}
		if (rc == 1)
			rc = block_head_parse(store_iter_value(iter), &head, err);
		if (rc < 0)
			break;
		if (head.base_ns < time_ns) {
			*block = parts.number;
			low = middle + 1;
		} else {
			high = parts.number;
		}
	}
	return rc < 0 ? rc : 0;
}

int query_at_time(struct query *query, const struct run_id *id, int64_t time_ns, int64_t *seq,
	struct err *err)
{
	struct time_search search = {time_ns, -1};
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = find_time(query, iter, id, time_ns, &parts.number, err);
	if (rc == 0)
		rc = store_iter_seek(iter, key_encode(KEY_BLOCK, &parts, &query->key), err);
	for (int i = 0; rc == 1 && search.found < 0 && i < LATE_BLOCKS; i++) {
		rc = key_decode(KEY_BLOCK, store_iter_key(iter), &parts)
			     ? block_walk(query->cursor, store_iter_value(iter), parts.number,
				       look_at_time, &search, err)
			     : err_set(err, ERR_FORMAT, "a block's key that is none");
		if (rc == 0)
			rc = store_iter_next(iter, err);
	}
	store_iter_free(iter);
	if (rc < 0)
		return rc;
	*seq = search.found;
	return search.found < 0 ? err_set(err, ERR_NOT_FOUND,
					  "no event is as late as that; the run's last is "
					  "before it")
				: 0;
}
