/*
 * signals: a signal for a main thread that sleeps does not stop the thread that runs.
 *
 * CPython's handler sets the eval breaker. A thread of CPython 3.11 that is told of all events and can
 * do nothing about that flag goes in circles at the beginning of its next call: the call looks what is
 * pending before it is told, and is begun again (ceval.c: DO_TRACING, handle_eval_breaker). It would
 * be over when the main thread asked for the lock, but that one may sleep on: its system call is
 * restarted (signal.siginterrupt()), or begins right after the signal has come.
 *
 * So our handler stands before CPython's, and where the lock is another thread's takes the flag
 * off again, as take_gil() does for a thread that has nothing to do about it. The main thread finds the
 * signal as ever, when it gets the lock.
 */
#ifndef SMILEY_TRACER_SIGNALS_H
#define SMILEY_TRACER_SIGNALS_H

#include "tracer/pycompat_internal.h"

/* Once, with the lock held; for the handlers that are there and those that come. */
#if PY_BY_SITES
void signals_prepare(void);
#else
static inline void signals_prepare(void)
{
}
#endif

#endif
