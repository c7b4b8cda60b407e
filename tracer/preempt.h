/*
 * preempt: how long other processes ran in the place of the program.
 *
 * On a busy machine most of the time between two events can be that, and it comes more often
 * where the tracer works long: the profile of a program that runs alone has none of it. The
 * kernel tells for a thread how long it has run and how often it went to sleep of itself. When it
 * has not, what passed and it did not run was others'. Looking takes two system calls, so it
 * is done where very much has passed between two events.
 */
#ifndef SMILEY_TRACER_PREEMPT_H
#define SMILEY_TRACER_PREEMPT_H

#include <stdint.h>

/* Time between two events from which on it is looked. */
#define PREEMPT_LONG_NS 20000
/* When others ran, what else passed is none of the program's up to so much. */
#define PREEMPT_WAY_NS 200000

/* As it was when looked last. Zeroed: never. */
struct preempt {
	uintptr_t thread;
	int64_t wall_ns, ran_ns;
	long sleeps;
};

/* Looks, at this time. Returns what others took of the calling thread's time since the last look;
 * 0: nothing, or it is not known. */
int64_t preempt_look(struct preempt *preempt, int64_t now_ns);

#endif
