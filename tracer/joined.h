/*
 * joined: from CPython 3.12 on, the line event that follows a call at once is recorded with the
 * call. Nothing of the program happens between the two (but for the finalizers, signal handlers
 * and other threads that the interpreter lets in behind a call: these come behind the line then),
 * and the interpreter's way to one of our callbacks is longer than what it does there: so it is
 * not to tell of that line any more.
 *
 * Of code that has been called some times, when no jump leads back to that place, and when no frame
 * of it waits for that very event. (Where a debugger makes a frame jump to, the interpreter tells
 * nobody of the line.)
 *
 * On 3.11 the site of a call does the same by itself (engine.c).
 */
#ifndef SMILEY_TRACER_JOINED_H
#define SMILEY_TRACER_JOINED_H

#include "tracer/tracer_internal.h"

#if PY_BY_MONITORING

/* At a call that is about to be recorded, of which the interpreter tells at this code unit: may
 * its line be told with it, and those of all calls of this code that follow? */
void joined_decide(struct tracer *tracer, struct plan *plan, PyCodeObject *code, int unit);

/* Is the line of this call, which has just been recorded, to be recorded now? */
static inline bool joined_is_line_due(const struct tracer *tracer, const struct plan *plan)
{
	return plan->joined_unit && tracer->active;
}

/* Has the line event that is told at the frame's place been recorded with its call? */
static inline bool joined_is_told(const struct plan *plan, const py_frame *frame, int line)
{
	return line == plan->joined_line && plan->joined_unit &&
	       py_frame_at(frame) == plan->joined_unit;
}

#endif

#endif
