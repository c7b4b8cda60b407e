/*
 * calibrate: what the interpreter takes to tell of an event, before its recording begins and
 * after it has ended, found out on this machine before the program begins.
 *
 * A few lines and calls of ours run untraced, and told to hooks that do nothing but what the
 * sampler does (cost.h): read the clock where an event begins and where it ends. What is between
 * the events then, and was not when nobody asked, is the interpreter's.
 */
#ifndef SMILEY_TRACER_CALIBRATE_H
#define SMILEY_TRACER_CALIBRATE_H

#include "tracer/pycompat_internal.h"

struct tracer;

/* Fills in stream.cost. Takes about a millisecond; nothing of it stays. Where code is not told by
 * sites, monitor.h does it. */
#if PY_BY_SITES
void calibrate(struct tracer *tracer);
#else
static inline void calibrate(struct tracer *tracer)
{
	(void)tracer;
}
#endif

#endif
