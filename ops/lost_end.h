/*
 * lost_end: does the log lack a run's end? A file log that was cut at its end looks like one that
 * is still being written, but for its processes.
 */
#ifndef SMILEY_OPS_LOST_END_H
#define SMILEY_OPS_LOST_END_H

#include "ops/opened.h"

/* 0, or ERR_FORMAT when the run has no RunFinished, though its process was one of this host (and
 * container, and since its start) and has ended, and no spool of it is left that may still bring
 * it. 0 also when nobody can know: over Kafka, of another host, of several databases. */
int lost_end(const struct call *call, const struct opened *opened, const struct run_id *id,
	struct err *err);

#endif
