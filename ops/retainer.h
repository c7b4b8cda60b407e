/*
 * retainer: keeps a database within what `record --retain` says, and gives the disk space of
 * deleted runs back, while a recorder folds.
 */
#ifndef SMILEY_OPS_RETAINER_H
#define SMILEY_OPS_RETAINER_H

#include "materializer/materialize.h"
#include "ops/cmd.h"
#include "ops/retention.h"

struct retainer {
	const struct call *call;
	const struct database_paths *paths;
	struct log *log;
	struct retention_policy policy;
	int64_t next_ns; /* when to look again, by the monotonic clock */
	size_t deleted;  /* runs, so far */
};

/* Reads the options. ERR_USAGE. The rest is borrowed. */
int retainer_init(struct retainer *retainer, const struct call *call,
	const struct database_paths *paths, struct log *log, struct err *err);

/* To be called when all that the log has is folded: does what is due. */
int retainer_step(struct retainer *retainer, struct materializer *materializer, struct err *err);

#endif
