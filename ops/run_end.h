/*
 * run_end: what `smiley run` says when the program has ended.
 */
#ifndef SMILEY_OPS_RUN_END_H
#define SMILEY_OPS_RUN_END_H

#include "ops/cmd.h"
#include "ops/python_env.h"
#include "ops/recording.h"

/* failure: why not all is in the log; NULL: it is. */
void run_end_tell(const struct call *call, struct python_env *python,
	const struct recording *recording, const struct launch *launch, const struct err *failure);

#endif
