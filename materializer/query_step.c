#include "materializer/query_step.h"

#include <inttypes.h>

#include "materializer/query_internal.h"
#include "materializer/query_rows.h"
#include "materializer/run_order.h"

struct pass_on {
	int64_t seq;
	bool there;
	int (*each)(void *context, const struct event *event, struct err *err);
	void *context;
};

static int pass_on(void *context, const struct event *event, struct err *err)
{
	struct pass_on *pass = context;
	int rc;

	if (event->seq != pass->seq)
		return 1;
	pass->there = true;
	rc = pass->each(pass->context, event, err);
	return rc ? rc : 1;
}

/* 1: at the block that holds seq, if any does, its number in *parts. */
static int seek_block(struct query *query, struct store_iter *iter, int64_t seq,
	struct key_parts *parts, struct err *err)
{
	int rc;

	parts->number = seq;
	rc = store_iter_seek_back(iter, key_encode(KEY_BLOCK, parts, &query->key), err);
	if (rc == 1 && !key_decode(KEY_BLOCK, store_iter_key(iter), parts))
		return err_set(err, ERR_FORMAT, "a block's key that is none");
	return rc;
}

int query_event(struct query *query, const struct run_id *id, int64_t seq,
	int (*each)(void *context, const struct event *event, struct err *err), void *context,
	struct err *err)
{
	struct pass_on pass = {.seq = seq, .each = each, .context = context};
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = seq < 0 ? 0 : seek_block(query, iter, seq, &parts, err);
	if (rc == 1)
		rc = block_walk(query->cursor, store_iter_value(iter), seq, pass_on, &pass, err);
	store_iter_free(iter);
	if (rc >= 0 && !pass.there)
		return err_set(err, ERR_NOT_FOUND, "no event %" PRId64 " in this run", seq);
	return rc < 0 ? rc : 0;
}

struct search {
	int64_t seq, frame;
	bool forward;
	int64_t found;
};

/* In a block's events from number `first` on. */
static void look(const struct block_skim *skim, int64_t first, struct search *search)
{
	int64_t at = first - skim->head.first_seq;

	if (search->forward && search->seq >= first)
		at = search->seq + 1 - skim->head.first_seq;
	for (at = at < 0 ? 0 : at; at < skim->head.event_count; at++) {
		const struct skim_event *event = &skim->events[at];
		int64_t seq = skim->head.first_seq + at;

		if (!search->forward && seq >= search->seq)
			return;
		if (event->frame == SKIM_NONE || skim->frames[event->frame].id != search->frame)
			continue;
		search->found = seq;
		if (search->forward)
			return;
	}
}

/* Block by block from where `iter` is. */
static int look_on(struct query *query, struct store_iter *iter, struct key_parts *parts,
	struct search *search, struct err *err)
{
	const struct block_skim *skim;
	int rc = 1;

	if (!query->skimmer && !(query->skimmer = block_skimmer_new()))
		return err_set(err, ERR_MEMORY, "out of memory");
	for (int i = 0; rc == 1 && i < STEP_BLOCKS && search->found < 0; i++) {
		rc = key_decode(KEY_BLOCK, store_iter_key(iter), parts)
			     ? block_skimmer_read(
				       query->skimmer, store_iter_value(iter), &skim, err)
			     : err_set(err, ERR_FORMAT, "a block's key that is none");
		if (rc < 0)
			break;
		look(skim, parts->number, search);
		if (!search->forward && parts->number <= search->frame)
			break;
		rc = search->forward ? store_iter_next(iter, err) : store_iter_previous(iter, err);
	}
	return rc < 0 ? rc : 0;
}

int query_step(struct query *query, const struct run_id *id, int64_t seq, int64_t frame,
	bool forward, int64_t *found, struct err *err)
{
	struct search search = {seq, frame, forward, -1};
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	int rc;

	*found = -1;
	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = seek_block(query, iter, seq, &parts, err);
	if (rc == 1)
		rc = look_on(query, iter, &parts, &search, err);
	store_iter_free(iter);
	*found = search.found;
	return rc < 0 ? rc : 0;
}

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

		rc = seek_block(query, iter, middle, &parts, err);
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
	for (int i = 0; rc == 1 && search.found < 0 && i < STEP_BLOCKS; i++) {
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
