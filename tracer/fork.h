/*
 * fork: a forked child is a run of its own.
 *
 * The spool is its parent's: it is let go of before fork() returns in the child. A run of
 * its own, with its own spool, begins when the child goes on to run Python: a child that only
 * execs makes none. The frames on its stack are the parent's; its blocks state them under
 * ids of its own, which are negative.
 */
#ifndef SMILEY_TRACER_FORK_H
#define SMILEY_TRACER_FORK_H

#include <stdbool.h>

struct tracer;

/* Once: from here on forks are heard of. */
void fork_prepare(void);

/* In the child, with the GIL held: begins its run, if one is due and children are to be traced;
 * not while the program itself pauses. False: nothing is recorded of this process, or not yet. */
bool fork_begin(struct tracer *tracer);

#endif
