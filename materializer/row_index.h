/*
 * row_index: the numbers of the display rows of a run, so that row N of any view is found
 * in O(log n). A view is all rows of the run, or those of one thread.
 *
 * For every block and view there is one entry, if rows of the view begin in it: which row is
 * the first, how many there are, in which block. While a run is folded its counts are in
 * memory; they can be had back from the store, where the last entry of a view tells
 * how many rows it has.
 */
#ifndef SMILEY_MATERIALIZER_ROW_INDEX_H
#define SMILEY_MATERIALIZER_ROW_INDEX_H

#include "materializer/block_facts.h"
#include "materializer/key.h"
#include "materializer/row_rule.h"
#include "schemas/err.h"

#define ROW_VIEW_ALL (-1) /* as `thread` of a key: every thread */

/* The value of an entry; the row's number is in the key. */
struct row_entry {
	int64_t block;  /* number in the block's key */
	int64_t count;  /* rows of the view that begin in the block */
	bool goes_on;   /* the block's first event belongs to a row that began before it */
	uint32_t kinds; /* bit per event_kind: some event of the block is one, in any view */
};

void row_entry_encode(const struct row_entry *entry, struct buf *value);
bool row_entry_decode(struct slice value, struct row_entry *entry);

struct row_index;

/* For a run of which nothing has come. NULL: out of memory. */
struct row_index *row_index_new(const struct run_id *run);
void row_index_free(struct row_index *index);

/* Memory in use; 0 for NULL. */
size_t row_index_bytes(const struct row_index *index);

/* Takes note of a block's events that count, in place of those of a block that has not been put. */
int row_index_add(struct row_index *index, struct store *store, const struct block_facts *facts,
	struct err *err);

/* Puts the entries of the block that the store keeps under this number. */
int row_index_put(struct row_index *index, struct store *store, int64_t block, struct err *err);

/* Goes on behind the events of this block, the last one stored, of whose counts the store
 * knows. */
void row_index_resume(struct row_index *index, const struct block_facts *facts);

#endif
