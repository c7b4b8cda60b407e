/*
 * heir: goes on shipping what a run's descendants write after the run's program has ended, and
 * `smiley run` with it: a process of its own session, without a terminal.
 */
#ifndef SMILEY_OPS_HEIR_H
#define SMILEY_OPS_HEIR_H

#include "ops/cmd.h"
#include "schemas/run_id.h"

#include <sys/types.h>

/* Starts it: this program again, with the same settings. Returns its pid; 0: it did not start. */
pid_t heir_start(const struct call *call, const struct run_id *root);

/* Is this process one? Whose brood it is then is in *root. */
bool heir_is(struct run_id *root);

/* What it does, until the last of the brood has ended. */
int heir_run(const struct call *call, const struct run_id *root, struct err *err);

#endif
