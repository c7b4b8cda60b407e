/*
 * failure: the exception that nobody catches, with its traceback, for the run's record.
 *
 * Noted when it arrives in the main thread's outermost frame, written when it leaves it.
 * Its message is made as the built-in types' __str__ makes it; a type with a __str__ of its
 * own shows its args, since that code is the program's.
 */
#ifndef SMILEY_TRACER_FAILURE_H
#define SMILEY_TRACER_FAILURE_H

#include "tracer/frame.h"

struct tracer;

/* An exception, which need not be one yet, and its traceback are in this outermost frame.
 * Ignored unless the frame is the main program's. */
void failure_note(struct tracer *tracer, struct thread_state *thread, const py_frame *frame,
	PyObject *value, PyObject *traceback);

/* An outermost frame is left by an exception. */
void failure_write(struct tracer *tracer, struct thread_state *thread, const py_frame *frame);

#endif
