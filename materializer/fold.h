/*
 * fold: one record of the log becomes changes in the store's pending batch.
 *
 * Same records, same store, whatever way the topics interleave: records of one key in
 * their order decide alone. So a run's summary is written when both its end and all its
 * events are known, whichever comes last; a deletion counts for what comes after it and
 * before it; and what cannot be folded is set aside under a key made of its own bytes.
 *
 * In memory there is some state of the runs that go on: what has come of them, their thread sums
 * and profile. What there is no room for is read back from the store when it is needed again.
 */
#ifndef SMILEY_MATERIALIZER_FOLD_H
#define SMILEY_MATERIALIZER_FOLD_H

#include "ingest/log.h"
#include "materializer/store.h"

#include <stdbool.h>

struct fold;

/* The store is open for writing and stays borrowed; its batch is the fold's. */
int fold_new(struct store *store, struct fold **fold, struct err *err);
void fold_free(struct fold *fold);

enum fold_result {
	FOLD_DONE = 0,
	FOLD_COMMIT_FIRST = 1, /* nothing was done: commit, then give the same record again */
};

/* A negative return is the store's or memory's failure, never the record's. */
int fold_record(struct fold *fold, const struct log_record *record, struct err *err);

/* To be called after each store_commit(). */
void fold_committed(struct fold *fold);

/* Have runs been deleted whose disk space the store has not given back? */
bool fold_has_deleted(const struct fold *fold);

/* Gives it back: compacts what they left. The batch must be empty. */
void fold_give_back(struct fold *fold);

/* Records set aside so far. */
int64_t fold_quarantined(const struct fold *fold);

#endif
