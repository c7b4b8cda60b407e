#include "materializer/query_internal.h"
#include "materializer/row_index.h"
#include "materializer/run_order.h"

static int note_last(void *context, const struct event *event, struct err *err)
{
	bool *paused = context;

	(void)err;
	*paused = event->kind == EVENT_GAP &&
		  (slice_equal(event->text, slice_text(GAP_PAUSED)) ||
			  slice_equal(event->text, slice_text(GAP_STOPPED)));
	return 0;
}

/* A gap is a row of its own: without one in the last entry there is no need for the block. */
static int last_gap_block(
	struct query *query, const struct run_id *id, int64_t *block, struct err *err)
{
	struct key_parts parts = {.run = *id, .thread = ROW_VIEW_ALL};
	struct store_iter *rows = query_iter(query, KEY_ROW, &parts, 2, err);
	struct row_entry entry;
	int rc = rows ? store_iter_last(rows, err) : err ? err->code : ERR_MEMORY;

	if (rc == 1 && !row_entry_decode(store_iter_value(rows), &entry))
		rc = err_set(err, ERR_FORMAT,
			"an entry of the rows is damaged, `smiley rebuild` makes it anew");
	if (rc == 1) {
		rc = (entry.kinds & 1u << EVENT_GAP) != 0;
		*block = entry.block;
	}
	store_iter_free(rows);
	return rc;
}

int query_paused(struct query *query, const struct run_id *id, int64_t event_count, bool *paused,
	struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *blocks;
	int rc = last_gap_block(query, id, &parts.number, err);

	*paused = false;
	if (rc != 1)
		return rc;
	blocks = query_iter(query, KEY_BLOCK, &parts, 1, err);
	rc = blocks ? store_iter_seek(blocks, key_encode(KEY_BLOCK, &parts, &query->key), err)
	     : err  ? err->code
		    : ERR_MEMORY;
	if (rc == 1)
		rc = block_walk(query->cursor, store_iter_value(blocks), event_count - 1, note_last,
			paused, err);
	store_iter_free(blocks);
	return rc;
}
