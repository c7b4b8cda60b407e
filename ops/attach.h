/*
 * attach: ships the run of a process that is there already and has asked for it: the package
 * `smiley` starts this program so, by tracer/helper.h, as `smiley run OPTIONS -- ARGUMENTS` with
 * its own process id in the environment. The arguments are those of the process, for the record.
 *
 * It says one line, "spool PATH", or why it cannot, and closes its output. From then on it does what
 * `smiley run` does, without a word, until the process has ended and all is folded; the process
 * need not care, and a signal does not stop it while it is needed.
 */
#ifndef SMILEY_OPS_ATTACH_H
#define SMILEY_OPS_ATTACH_H

#include "ops/cmd.h"

#include <sys/types.h>

/* Is this process one? Then *pid is whose, and the variable is gone. */
bool attach_is(pid_t *pid);

int attach_run(const struct call *call, pid_t pid, struct err *err);

#endif
