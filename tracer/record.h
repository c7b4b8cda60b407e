/*
 * record: writes one event, whoever has told of it: a trace function (hook.h) or a site in
 * the code (engine.h). `line` is the event's, -1: none.
 */
#ifndef SMILEY_TRACER_RECORD_H
#define SMILEY_TRACER_RECORD_H

#include "tracer/frame.h"

#include "schemas/item.h"

struct tracer;

/* False: nothing of this frame is recorded. */
bool record_line(struct tracer *tracer, struct thread_state *thread, py_frame *frame, int line);

void record_call(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame, struct plan *plan);

/* The line event that follows the call which has just been recorded, and nothing was between. */
void record_line_of_call(struct tracer *tracer, struct thread_state *thread, const py_frame *frame,
	struct plan *plan, int line);

void record_resume(struct tracer *tracer, struct thread_state *thread, py_frame *frame,
	struct plan *plan, int line);

/* ITEM_RETURN, ITEM_YIELD, or without a value ITEM_UNWIND: the frame leaves the stack. */
void record_leave(struct tracer *tracer, struct thread_state *thread, py_frame *frame,
	enum item_kind kind, int line, PyObject *value);

/* False: the frame is not recorded. */
bool record_exception(struct tracer *tracer, struct thread_state *thread, py_frame *frame, int line,
	PyObject *value);

#endif
