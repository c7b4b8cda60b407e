/*
 * fold's inside, shared by fold.c (records), fold_block.c (a block and what is derived from
 * it), fold_run.c (state of a run), fold_states.c (which of them are kept), fold_profile.c and
 * fold_delete.c.
 */
#ifndef SMILEY_MATERIALIZER_FOLD_INTERNAL_H
#define SMILEY_MATERIALIZER_FOLD_INTERNAL_H

#include "materializer/block_facts.h"
#include "materializer/fold.h"
#include "materializer/hit_index.h"
#include "materializer/key.h"
#include "materializer/profiler.h"
#include "materializer/row_index.h"
#include "materializer/run_order.h"
#include "materializer/thread_stats.h"

/* States kept from one commit to the next: of thousands of short runs that go on at once, all. */
#define FOLD_RUNS_MAX (16 * 1024)
#define FOLD_RUNS_BYTES (128u << 20)
#define FOLD_BUCKETS 4096 /* a power of two */

/* Of more deleted runs than these the space is given back by compacting everything. */
#define FOLD_DELETED_MAX 16

struct fold_run {
	struct fold_run *next; /* in its bucket */
	struct fold_run *next_used;
	struct run_id run;
	size_t bytes; /* as of the commit behind which it was used last */
	bool used;    /* since the last commit: in the list of those */
	bool deleted;
	bool has_started;
	bool headless; /* the store says so: there is no RunStarted */
	bool has_finished;
	bool summarized; /* its thread summaries are in the store */
	int64_t finished_count;
	struct run_progress progress;
	struct row_index *rows;             /* NULL: to be had from the store */
	struct hit_index *hits;             /* as rows */
	struct thread_stats *stats;         /* NULL: not kept; stored blocks have them */
	struct profiler *profile;           /* NULL: not kept; it is made from what is stored */
	int64_t profile_seq, profile_bytes; /* of the one stored so far: next event and size */
};

struct fold {
	struct store *store;
	struct facts_reader *reader;
	struct fold_run *buckets[FOLD_BUCKETS];
	struct fold_run *used;
	size_t run_count, run_bytes;
	uint64_t chance; /* state of the numbers that choose which state is forgotten */
	struct hit_scratch hit_scratch;
	int64_t quarantined;
	struct buf key, value;
	bool deletes; /* a run, in this batch */
	/* Whose space is to be given back: the first of them, and how many. */
	struct run_id deleted[FOLD_DELETED_MAX];
	size_t deleted_count;
};

struct fold_input {
	struct fold_run *state;
	struct slice body;
	struct err reason; /* why the record cannot be folded, with FOLD_REJECTED */
};

/* What a handler returns besides enum fold_result and errors. */
#define FOLD_REJECTED 2

/* Puts a value into the batch, under a key made of parts. */
int fold_put(struct fold *fold, enum key_kind kind, const struct key_parts *parts,
	struct slice value, struct err *err);

/* The handler of blocks. */
int fold_block(struct fold *fold, struct fold_input *in, struct err *err);

/* The state of a run, made or read from the store if need be. Valid until
 * fold_runs_evict(). NULL on failure. */
struct fold_run *fold_run_get(struct fold *fold, const struct run_id *run, struct err *err);

/* Forgets states until at most so many are left, and no more bytes than FOLD_RUNS_BYTES; the batch
 * must be empty. */
void fold_runs_evict(struct fold *fold, size_t keep);

/* Reads the state of a run, zeroed but for its id, from the store. */
int fold_run_load(struct fold *fold, struct fold_run *state, struct err *err);
void fold_run_free(struct fold_run *state);

/* Keeps the rule: a run is marked headless just when it has blocks or an end, but no start. To be
 * called when it has got one of these. */
int fold_run_headless(struct fold *fold, struct fold_run *state, struct err *err);

/* Makes state->stats and state->profile of what is stored, if they are not there: for who is
 * about to store them. FOLD_COMMIT_FIRST: the batch is not empty. */
int fold_run_remember(struct fold *fold, struct fold_run *state, struct err *err);

/* Makes state->rows and state->hits, if they are not there: counts of what is stored. */
int fold_run_rows(struct fold *fold, struct fold_run *state, struct err *err);

/* Whether the summary is due, and puts it; keeps the rule: the summaries are there just
 * when the end is known and the events reach it exactly. */
bool fold_run_is_complete(const struct fold_run *state, int64_t next_seq);
int fold_run_summarize(struct fold *fold, struct fold_run *state, struct err *err);

/* The facts of a stored block that the iterator is at. */
int fold_stored_facts(struct fold *fold, const struct store_iter *iter,
	const struct block_facts **facts, struct err *err);

/* Whether the profile is to be stored when the events up to next_seq are in it. */
bool fold_profile_due(const struct fold_run *state, int64_t next_seq);

/* Sets profile_seq and profile_bytes. */
int fold_profile_peek(struct fold *fold, struct fold_run *state, struct err *err);

/* Makes state->profile of what is stored; the batch must be empty. */
int fold_profile_load(struct fold *fold, struct fold_run *state, struct err *err);

/* Puts state->profile as PROFILE_SO_FAR, or as PROFILE_FINAL. */
int fold_profile_put(struct fold *fold, struct fold_run *state, int64_t which, struct err *err);

/* Puts the deletion of all keys of a run, and its tombstone; the batch must be empty. */
int fold_run_delete(struct fold *fold, struct fold_run *state, struct err *err);

#endif
