/*
 * materialize: the loop that folds a log into the store, and the lock that lets only one
 * process do it.
 */
#ifndef SMILEY_MATERIALIZER_MATERIALIZE_H
#define SMILEY_MATERIALIZER_MATERIALIZE_H

#include "ingest/log.h"
#include "materializer/database.h"

#include <stdbool.h>

struct materializer;

/* Takes the database's lock and opens the store for writing, making it when there is
 * none. ERR_BUSY at once when another process has the lock. */
int materializer_open(const struct database_paths *paths, struct log *log,
	struct materializer **materializer, struct err *err);

/* Folds what the log has, at most about max_bytes of messages; *records counts them (0:
 * at the end). Everything of one step, its log position included, is one atomic batch. */
int materializer_step(
	struct materializer *materializer, size_t max_bytes, size_t *records, struct err *err);

/* As materializer_step(), but when the log has nothing for now, waits for it up to wait_ms. */
int materializer_wait(struct materializer *materializer, size_t max_bytes, int wait_ms,
	size_t *records, struct err *err);

/* Records that could not be folded since open: set aside with their reason, never fatal. */
int64_t materializer_quarantined(const struct materializer *materializer);

/* Have runs been deleted by steps of this materializer, and is their space still taken? */
bool materializer_has_deleted(const struct materializer *materializer);

/* Gives back the disk space of all runs that were ever deleted: their records in a file log, up
 * to where it is folded, and what they left in the store. Takes a look at every record of the
 * log. */
int materializer_give_back(struct materializer *materializer, struct err *err);

/* What the database library says of itself (store.h); adds to it. */
struct store_figures;
int materializer_measure(
	struct materializer *materializer, struct store_figures *figures, struct err *err);

/* For progress lines. */
int materializer_progress(struct materializer *materializer, uint64_t *done, uint64_t *total);

void materializer_close(struct materializer *materializer);

/* Up to where the lock's holder, present or past, has folded (len 0: nowhere yet). No
 * lock or store is needed. */
int materializer_applied(
	const struct database_paths *paths, struct position *position, struct err *err);

/* How materialize_now() and materialize_rebuild() wait and tell; NULL: not at all. */
struct materialize_options {
	int wait_ms; /* for another process that has the lock and folds */
	int log_ms;  /* for a log that gives nothing and is not at its end yet, as one on Kafka;
			0: what it has it gives at once */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

/* Makes the database up to date with all that the log has now: folds it to its end, unless
 * another living process holds the lock and does it. ERR_BUSY: not there in time. */
int materialize_now(const struct database_paths *paths, struct log *log,
	const struct materialize_options *options, struct err *err);

/* Deletes the store and folds the whole log again. ERR_BUSY at once when another process
 * holds the lock. */
int materialize_rebuild(const struct database_paths *paths, struct log *log,
	const struct materialize_options *options, struct err *err);

#endif
