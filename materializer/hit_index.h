/*
 * hit_index: makes the entries of hit_entry.h while a run is folded.
 *
 * The sums of the levels above the blocks are in memory, and little of them: a sum is put, and
 * forgotten, when it is that of HIT_FANOUT entries. They are had back from the store, which
 * has the entries that are not summed up yet.
 */
#ifndef SMILEY_MATERIALIZER_HIT_INDEX_H
#define SMILEY_MATERIALIZER_HIT_INDEX_H

#include "materializer/block_facts.h"
#include "materializer/hit_entry.h"
#include "materializer/store.h"

struct hit_index;

/* What a block's entry is made in, of one run after the other. Zeroed: none yet. */
struct hit_scratch {
	struct hit_table table;
	struct buf key, value;
};

void hit_scratch_release(struct hit_scratch *scratch);

/* For a run of which nothing has come. NULL: out of memory. */
struct hit_index *hit_index_new(const struct run_id *run);
void hit_index_free(struct hit_index *index);

/* Sums up what the store has of the run; none of it is in the pending batch. */
int hit_index_resume(
	struct hit_index *index, struct hit_scratch *scratch, struct store *store, struct err *err);

/* Memory in use; 0 for NULL. */
size_t hit_index_bytes(const struct hit_index *index);

/* Puts the entries that end with this block, which the store keeps under this number. */
int hit_index_add(struct hit_index *index, struct hit_scratch *scratch, struct store *store,
	const struct block_facts *facts, int64_t block, struct err *err);

#endif
