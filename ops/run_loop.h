/*
 * run_loop: what `smiley run` does while the program runs: moves the program's spool into
 * the log, and folds the log into the store when nobody else does.
 *
 * A failure never reaches the program: it is kept for a warning, and tried again.
 */
#ifndef SMILEY_OPS_RUN_LOOP_H
#define SMILEY_OPS_RUN_LOOP_H

#include "ingest/shipper.h"
#include "materializer/materialize.h"
#include "ops/launch.h"

struct run_loop {
	const struct database_paths *paths;
	struct log *log;
	struct shipper *shipper;
	struct materializer *materializer; /* NULL: another process folds */
	int64_t next_open_ns;              /* when to try for the lock again */
	int64_t next_ship_ns;              /* after a failure: when to try again */
	struct err failure;                /* the first, ERR_NONE: none */
	int64_t events;
};

/* Opens the shipper of a spool. paths and log are borrowed, and stay so until the close. */
int run_loop_open(struct run_loop *loop, const struct database_paths *paths, struct log *log,
	const char *spool_path, struct err *err);

/* Ships and folds until the launched program has ended. */
void run_loop_until_end(struct run_loop *loop, struct launch *launch);

/* Ships the rest; then waits until all of it is folded, by us or by who has the lock.
 * ERR_BUSY: that one makes no progress. `say` is called once if there is somebody to wait
 * for. A signal to us ends the waiting (ERR_BUSY too). */
int run_loop_finish(struct run_loop *loop, const struct launch *launch, void (*say)(const char *),
	struct err *err);

void run_loop_close(struct run_loop *loop);

#endif
