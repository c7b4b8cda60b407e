/*
 * monitor: events by sys.monitoring, from CPython 3.12 on: a tool of our own, whose callbacks are
 * C functions. It hears of every thread, leaves the program's own trace functions alone, and
 * code that is not recorded runs as fast as ever: each of its places is told once.
 *
 * The events are those that sys.settrace() gives, and in its order: a jump back to its own line
 * is a line as well.
 */
#ifndef SMILEY_TRACER_MONITOR_H
#define SMILEY_TRACER_MONITOR_H

#include "schemas/err.h"

struct tracer;

/* Has the interpreter tell of what is run from now on; of as little as it takes to know that its
 * start is over, while the tracer waits for that. ERR_STATE: it does not. */
int monitor_begin(struct tracer *tracer, struct err *err);

/* The tracer has become active, or is no more: the interpreter is to tell accordingly. */
void monitor_listen(struct tracer *tracer);

/* The program is about to set a trace function. An exception that is set stays so. */
void monitor_hear_trace_function(struct tracer *tracer);

#endif
