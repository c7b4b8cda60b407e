/*
 * hook: what CPython up to 3.11 calls for each event (PyEval_SetTrace), and what becomes of it.
 */
#ifndef SMILEY_TRACER_HOOK_H
#define SMILEY_TRACER_HOOK_H

#include "tracer/pycompat_internal.h"

struct tracer;

#if PY_BY_TRACE_FUNCTION
/* The trace function. Never raises, never changes anything of the program's; calls the
 * program's own trace function, if it has one, after ours. */
int hook_event(PyObject *self, PyFrameObject *object, int what, PyObject *argument);
#endif

/* The one tracer of this process, for the callbacks that get no argument of ours. NULL:
 * none. */
extern struct tracer *hook_the_tracer;
static inline struct tracer *hook_tracer(void)
{
	return hook_the_tracer;
}
void hook_set_tracer(struct tracer *tracer);

#endif
