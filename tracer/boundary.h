/*
 * boundary: where the program starts others.
 *
 * Our C functions stand in for those of posix.fork, exec, spawn, system, waitpid and _exit and of
 * _posixsubprocess.fork_exec: the function objects that the program sees stay the same. A
 * program that is started gets the environment that the program gives it, and three variables
 * more by which a python loads the tracer (lineage.h; tracer/inject/): the program's own
 * os.environ, and its C environment, never hold them.
 */
#ifndef SMILEY_TRACER_BOUNDARY_H
#define SMILEY_TRACER_BOUNDARY_H

#include "tracer/pycompat_internal.h"
#include "tracer/shell.h"

struct tracer;

/* The C functions that ours stand in for; NULL: not replaced. */
struct boundary {
	PyCFunction fork, forkpty, execv, execve, posix_spawn, posix_spawnp, system, waitpid, exit;
	PyCFunction fork_exec;
	bool about_to_exec; /* in fork_exec(): a child that runs Python (preexec_fn) will exec */
	struct shell_signals signals;
};

/* Once, in an interpreter that is initialised. */
void boundary_prepare(struct tracer *tracer);

#endif
