/*
 * run_loop: what `smiley run` does while the program runs: moves the program's spool and those
 * of its descendants into the log, and has a log on this machine folded into the store.
 *
 * A failure never reaches the program: it is kept for a warning, and tried again.
 */
#ifndef SMILEY_OPS_RUN_LOOP_H
#define SMILEY_OPS_RUN_LOOP_H

#include "ingest/shipper.h"
#include "materializer/database.h"
#include "ops/brood.h"
#include "ops/exporter.h"
#include "ops/fold_thread.h"
#include "ops/launch.h"

/* Zeroed is nothing open. */
struct run_loop {
	const struct database_paths *paths;
	struct log *log;
	struct run_id run;
	struct shipper *shipper;
	struct brood *brood; /* NULL: children are not traced */
	struct fold_thread *fold;
	int64_t next_ship_ns; /* after a failure: when to try again */
	int flush_ms;         /* how long to wait at the end for a log on Kafka */
	int64_t events;
	bool paused;              /* as the signal said last */
	struct exporter exporter; /* of --metrics */
};

/* Opens the shipper of the run's spool; paths, log and the like are set, borrowed, and stay so
 * until the close. */
int run_loop_open(struct run_loop *loop, const char *spool_path, const struct run_id *run,
	bool children, struct err *err);

/* Ships and folds until the launched program has ended. */
void run_loop_until_end(struct run_loop *loop, struct launch *launch);

/* Ships the rest; then waits until all of it is folded, by us or by who has the lock, or
 * until a remote log has it. ERR_BUSY: that one makes no progress, or a signal came. `say` (may be NULL) is called once
 * if there is somebody to wait for. */
int run_loop_finish(struct run_loop *loop, const struct launch *launch, void (*say)(const char *),
	struct err *err);

/* After that: do descendants live on, whose spools somebody must ship? */
bool run_loop_goes_on(struct run_loop *loop);

void run_loop_close(struct run_loop *loop);

#endif
