/*
 * recorder: folds a log into a database for as long as it is wanted: the work of `smiley record`.
 *
 * What goes wrong and may pass (a broker that is away, a full disk) is said once, on stderr,
 * and tried again; once it works again that is said too.
 */
#ifndef SMILEY_OPS_RECORDER_H
#define SMILEY_OPS_RECORDER_H

#include <stdbool.h>

#include "materializer/materialize.h"
#include "ops/cmd.h"
#include "ops/exporter.h"
#include "ops/term.h"
#include "ops/obstacle.h"
#include "ops/retainer.h"

struct recorder {
	const struct call *call;
	const struct database_paths *paths;
	struct log *log;
	struct materializer *materializer; /* NULL: not open */
	int want_fd;                       /* who asks for the lock (yield.h) */
	struct retainer retainer;
	struct obstacle obstacle; /* that was told */
	size_t records;           /* folded so far */
	int64_t quarantined;      /* of materializers before this one */
	struct progress progress;
	struct exporter exporter;
	int64_t started_ns; /* by the wall clock */
	int64_t behind_ns;  /* since when it has not been at the log's end; 0: it is */
};

/* Takes the database's lock. ERR_BUSY: another process has it. The rest is borrowed until
 * recorder_close(), which follows whatever this returns. */
int recorder_open(struct recorder *recorder, const struct call *call,
	const struct database_paths *paths, struct log *log, struct err *err);

/* Folds what there is; waits up to wait_ms when there is nothing. What may pass returns 0. */
int recorder_step(struct recorder *recorder, int wait_ms, struct err *err);

void recorder_close(struct recorder *recorder);

#endif
