/*
 * threads: tracing in every thread, beside whatever trace function the program sets.
 *
 * CPython 3.11 has one trace function a thread, and no call that tells of a new thread.
 * So our C function stands in for that of `_thread.start_new_thread`, and until the new
 * thread has run its first Python frame a PEP 523 frame evaluator is in place that sees it.
 * Threads that C code makes are looked for once a block. An audit hook hears of
 * sys.settrace(); a pending call on the main thread, the evaluator on others, then put ours
 * back in front: the program's function is called after it, and sys.gettrace() gives its
 * object.
 */
#ifndef SMILEY_TRACER_THREADS_H
#define SMILEY_TRACER_THREADS_H

#include "tracer/frame.h"

struct tracer;

/* Once, in an interpreter that is initialised. */
void threads_prepare(struct tracer *tracer);

/* Traces threads that have come to be without _thread.start_new_thread. */
void threads_adopt(struct tracer *tracer);

/* Traces this thread from now on. */
void threads_start(PyThreadState *python);

/* In a process that is not to be traced (any more): ends it for this thread. */
void threads_detach(PyThreadState *python);

/* Calls the program's own trace function; its result is the event's. */
int threads_call_user(struct thread_state *thread, PyObject *self, PyFrameObject *object, int what,
	PyObject *argument);

/* As threading.current_thread().name would give; "MainThread" and "Dummy-N" without. */
struct name *threads_name(struct tracer *tracer, struct thread_state *thread);

#endif
