#include "materializer/query_rows.h"

#include <inttypes.h>

#include "materializer/query_internal.h"
#include "materializer/row_page.h"
#include "materializer/run_order.h"

/* Reading rows `from` to `to` of a view. */
struct reading {
	struct query *query;
	struct key_parts parts; /* run and view */
	int64_t from, to;
	struct row_page *page; /* NULL: rows are only counted */
	int64_t seek_seq;      /* stop behind the row that holds this event */
	struct row_entry entry;
	int64_t number;       /* of the next row of the view */
	struct row_mark mark; /* of the event before */
	int64_t next_seq;     /* behind that */
	bool at_entry;        /* the next event is the first of the entry's block */
	bool open;            /* the last row of the page may go on */
	bool only_open;       /* stop where the next row begins */
};

static int damaged(struct err *err)
{
	return err_set(
		err, ERR_FORMAT, "an entry of the rows is damaged, `smiley rebuild` makes it anew");
}

/* For block_walk(): 1 stops. */
static int read_event(void *context, const struct event *event, struct err *err)
{
	struct reading *r = context;
	int64_t number;
	bool begins;

	if (event->seq != r->next_seq)
		r->mark = (struct row_mark){0};
	r->next_seq = event->seq + 1;
	begins = row_begins(&r->mark, event);
	if (r->at_entry)
		begins = !r->entry.goes_on;
	r->at_entry = false;
	if (!r->page && event->seq > r->seek_seq)
		return 1;
	if (!begins)
		return r->open ? row_page_extend(r->page, event, err) : 0;
	r->open = false;
	if (r->only_open)
		return 1;
	if (r->parts.thread != ROW_VIEW_ALL &&
		(!event->thread || event->thread->number != r->parts.thread))
		return 0;
	number = r->number;
	if (number >= r->to)
		return 1;
	r->number++;
	if (!r->page || number < r->from)
		return 0;
	r->open = true;
	return row_page_begin(r->page, number, event, err);
}

/* Reads the block that the entry names, and those behind it as long as the last row goes
 * on. 1: no more is wanted. */
static int read_entry(struct reading *r, struct store_iter *blocks, struct err *err)
{
	struct key_parts parts = r->parts;
	int rc;

	parts.number = r->entry.block;
	rc = store_iter_seek(blocks, key_encode(KEY_BLOCK, &parts, &r->query->key), err);
	r->at_entry = true;
	r->only_open = false;
	for (; rc == 1; rc = store_iter_next(blocks, err)) {
		if (!key_decode(KEY_BLOCK, store_iter_key(blocks), &parts))
			return err_set(err, ERR_FORMAT, "a block's key that is none");
		rc = block_walk(r->query->cursor, store_iter_value(blocks), parts.number,
			read_event, r, err);
		if (rc < 0)
			return err_wrap(err, "events from %" PRId64, parts.number);
		r->only_open = r->open;
		if (rc == 1 || !r->open)
			break;
	}
	if (rc < 0)
		return rc;
	return r->number >= r->to && !r->open;
}

static int read_entries(
	struct reading *r, struct store_iter *entries, struct store_iter *blocks, struct err *err)
{
	struct key_parts key = r->parts;
	int rc;

	key.number = r->from;
	rc = store_iter_seek_back(entries, key_encode(KEY_ROW, &key, &r->query->key), err);
	for (; rc == 1; rc = store_iter_next(entries, err)) {
		if (!key_decode(KEY_ROW, store_iter_key(entries), &key) ||
			!row_entry_decode(store_iter_value(entries), &r->entry))
			return damaged(err);
		r->number = key.number;
		if (r->number >= r->to)
			return 0;
		rc = read_entry(r, blocks, err);
		if (rc != 0)
			return rc < 0 ? rc : 0;
	}
	return rc;
}

/* The rows that the entries know of. */
static int count_rows(struct store_iter *entries, int64_t *count, struct err *err)
{
	struct key_parts key;
	struct row_entry entry;
	int rc = store_iter_last(entries, err);

	*count = 0;
	if (rc != 1)
		return rc;
	if (!key_decode(KEY_ROW, store_iter_key(entries), &key) ||
		!row_entry_decode(store_iter_value(entries), &entry))
		return damaged(err);
	*count = key.number + entry.count;
	return 0;
}

/* The events missing right before one: those behind the block before it. */
static int count_missing(struct query *query, struct store_iter *blocks, const struct run_id *id,
	int64_t seq, int64_t *missing, struct err *err)
{
	struct key_parts parts = {.run = *id, .number = seq - 1};
	struct block_head head;
	int rc;

	*missing = seq;
	if (seq == 0)
		return 0;
	rc = store_iter_seek_back(blocks, key_encode(KEY_BLOCK, &parts, &query->key), err);
	if (rc == 1)
		rc = block_head_parse(store_iter_value(blocks), &head, err) < 0 ? ERR_FORMAT : 1;
	if (rc == 1) {
		int64_t end = head.first_seq + head.event_count;

		*missing = end < seq ? seq - end : 0;
	}
	return rc < 0 ? rc : 0;
}

/* Which rows have a hole before them: of all rows those that do not go on where the one before
 * ended, of a thread's all are looked at. */
static int find_holes(
	struct reading *r, struct store_iter *blocks, struct row_page *page, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < page->count && rc == 0; i++) {
		struct row *row = &page->rows[i];

		if (i && r->parts.thread == ROW_VIEW_ALL)
			row->missing = row->first_seq - page->rows[i - 1].last_seq - 1;
		else
			rc = count_missing(r->query, blocks, &r->parts.run, row->first_seq,
				&row->missing, err);
	}
	return rc;
}

/* A gap ends its block: the one behind it tells when recording went on. */
static int find_pauses(
	struct reading *r, struct store_iter *blocks, struct row_page *page, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < page->count && rc >= 0; i++) {
		struct row *row = &page->rows[i];
		struct key_parts parts = {.run = r->parts.run, .number = row->last_seq + 1};
		struct block_head head;

		if (row->kind != EVENT_GAP || row->lost >= 0)
			continue;
		rc = store_iter_seek(blocks, key_encode(KEY_BLOCK, &parts, &r->query->key), err);
		if (rc == 1 && block_head_parse(store_iter_value(blocks), &head, err) < 0)
			return ERR_FORMAT;
		if (rc == 1 && head.first_seq == parts.number && head.base_ns > row->time_ns)
			row->off_ns = head.base_ns - row->time_ns;
	}
	return rc < 0 ? rc : 0;
}

int query_row_count(
	struct query *query, const struct run_id *id, int64_t view, int64_t *count, struct err *err)
{
	struct key_parts parts = {.run = *id, .thread = view};
	struct store_iter *entries = query_iter(query, KEY_ROW, &parts, 2, err);
	int rc;

	if (!entries)
		return err ? err->code : ERR_MEMORY;
	rc = count_rows(entries, count, err);
	store_iter_free(entries);
	return rc;
}

int query_row_page(struct query *query, const struct run_id *id, int64_t view, int64_t first,
	size_t count, struct row_page *page, struct err *err)
{
	struct reading r = {.query = query,
		.parts = {.run = *id, .thread = view},
		.from = first,
		.to = first + (int64_t)count,
		.page = page};
	struct store_iter *entries, *blocks = NULL;
	int rc = row_page_init(page, err);

	if (rc < 0)
		return rc;
	entries = query_iter(query, KEY_ROW, &r.parts, 2, err);
	blocks = entries ? query_iter(query, KEY_BLOCK, &r.parts, 1, err) : NULL;
	if (!entries || !blocks)
		rc = err ? err->code : ERR_MEMORY;
	if (rc == 0)
		rc = count_rows(entries, &page->total, err);
	if (rc == 0)
		rc = read_entries(&r, entries, blocks, err);
	if (rc == 0)
		rc = find_holes(&r, blocks, page, err);
	if (rc == 0)
		rc = find_pauses(&r, blocks, page, err);
	if (rc == 0)
		row_page_finish(page);
	store_iter_free(entries);
	store_iter_free(blocks);
	if (rc < 0)
		row_page_release(page);
	return rc;
}

/* Makes r->entry the last whose block is not behind the event: entries rise in both numbers,
 * so halving by the rows' finds it by the blocks'. */
static int find_entry(struct reading *r, struct store_iter *entries, int64_t rows, struct err *err)
{
	int64_t low = 0, high = rows; /* the row is in [low, high) */
	struct key_parts key = r->parts;
	struct row_entry entry;

	while (low < high) {
		int rc;

		key.number = low + (high - low) / 2;
		rc = store_iter_seek_back(entries, key_encode(KEY_ROW, &key, &r->query->key), err);
		if (rc < 0)
			return rc;
		if (rc == 0 || !key_decode(KEY_ROW, store_iter_key(entries), &key) ||
			!row_entry_decode(store_iter_value(entries), &entry))
			return damaged(err);
		if (entry.block > r->seek_seq) {
			high = key.number;
			continue;
		}
		r->entry = entry;
		r->number = key.number;
		low = key.number + entry.count;
	}
	return 0;
}

int query_row_in(struct query *query, const struct run_id *id, int64_t view, int64_t seq,
	int64_t *row, struct err *err)
{
	struct reading r = {.query = query,
		.parts = {.run = *id, .thread = view},
		.to = INT64_MAX,
		.seek_seq = seq};
	struct store_iter *entries, *blocks;
	int64_t rows = 0, events;
	int rc = query_next_seq(query, id, &events, err);

	if (rc == 0 && (seq < 0 || seq >= events))
		return err_set(err, ERR_NOT_FOUND, "no event %" PRId64 " in this run", seq);
	if (rc < 0)
		return rc;
	entries = query_iter(query, KEY_ROW, &r.parts, 2, err);
	blocks = entries ? query_iter(query, KEY_BLOCK, &r.parts, 1, err) : NULL;
	rc = entries && blocks ? count_rows(entries, &rows, err) : ERR_MEMORY;
	if (rc == 0)
		rc = find_entry(&r, entries, rows, err);
	if (rc == 0 && r.entry.count)
		rc = read_entry(&r, blocks, err);
	store_iter_free(entries);
	store_iter_free(blocks);
	*row = r.number ? r.number - 1 : 0;
	return rc < 0 ? rc : 0;
}

/* The entry behind the one that was found; with none the first. */
static int next_entry(
	struct reading *r, struct store_iter *entries, int64_t *block, struct err *err)
{
	struct key_parts key = r->parts;
	int rc;

	key.number = r->number + r->entry.count;
	rc = store_iter_seek(entries, key_encode(KEY_ROW, &key, &r->query->key), err);
	if (rc != 1)
		return rc;
	if (!row_entry_decode(store_iter_value(entries), &r->entry))
		return damaged(err);
	*block = r->entry.block;
	return 0;
}

int query_row_block(struct query *query, const struct run_id *id, int64_t view, int64_t number,
	bool forward, int64_t *block, struct err *err)
{
	struct reading r = {.query = query,
		.parts = {.run = *id, .thread = view},
		.seek_seq = forward ? number : number - 1};
	struct store_iter *entries = query_iter(query, KEY_ROW, &r.parts, 2, err);
	int64_t rows;
	int rc;

	*block = -1;
	if (!entries)
		return err ? err->code : ERR_MEMORY;
	rc = count_rows(entries, &rows, err);
	if (rc >= 0)
		rc = find_entry(&r, entries, rows, err);
	if (rc == 0 && forward)
		rc = next_entry(&r, entries, block, err);
	else if (rc == 0 && r.entry.count)
		*block = r.entry.block;
	store_iter_free(entries);
	return rc;
}

int query_row_of(
	struct query *query, const struct run_id *id, int64_t seq, int64_t *row, struct err *err)
{
	return query_row_in(query, id, ROW_VIEW_ALL, seq, row, err);
}
