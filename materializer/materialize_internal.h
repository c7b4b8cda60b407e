/*
 * materialize's inside: opening on a lock that is held already, into any directory.
 */
#ifndef SMILEY_MATERIALIZER_MATERIALIZE_INTERNAL_H
#define SMILEY_MATERIALIZER_MATERIALIZE_INTERNAL_H

#include "materializer/materialize.h"

/* Bytes of messages in one batch of a long fold: large enough that a batch costs
 * nothing, small enough that memory and the wait for it stay small. */
#define STEP_BYTES (1u << 20)

/* Format of keys and values; a store of another is made anew. */
#define STORE_VERSION 8

/* Where a rebuild makes the new store, and may put the old one. */
#define STORE_PATH_BYTES 4096
struct store_asides {
	char made[STORE_PATH_BYTES];
	char old[STORE_PATH_BYTES];
};

/* Names them, and removes what a rebuild that was killed has left there. For the holder of
 * the lock. */
int store_asides_clear(
	const struct database_paths *paths, struct store_asides *asides, struct err *err);

/* Opens the store in store_dir for folding, lock_fd being the lock, which it takes over
 * (and releases, whatever it returns). With publish, tells the applied file how far it is;
 * without, the store is one to be thrown away unless materializer_settle() has returned 0. */
int materializer_start(const struct database_paths *paths, const char *store_dir, bool publish,
	int lock_fd, struct log *log, struct materializer **materializer, struct err *err);

/* All that has been committed is in the store's files. */
int materializer_settle(struct materializer *materializer, struct err *err);

/* Takes the lock out again, so that it outlives the materializer. */
int materializer_take_lock(struct materializer *materializer);

/* Where it is: all before has been committed. */
const struct position *materializer_position(const struct materializer *materializer);

#endif
