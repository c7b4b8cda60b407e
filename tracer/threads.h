/*
 * threads: tracing in every thread, beside whatever trace function the program sets.
 *
 * CPython up to 3.11 has one trace function a thread, and no call that tells of a new thread.
 * So our C function stands in for that of `_thread.start_new_thread`, and sets the new
 * thread's trace function before it can run: its state exists when the call returns, and it
 * needs the lock that the caller holds. Threads that C code makes are looked for once a
 * block. An audit hook hears of
 * sys.settrace(); a pending call on the main thread, a PEP 523 frame evaluator on others, then put ours
 * back in front: the program's function is called after it, and sys.gettrace() gives its
 * object. From 3.12 on none of this is needed: monitor.h hears of all threads.
 */
#ifndef SMILEY_TRACER_THREADS_H
#define SMILEY_TRACER_THREADS_H

#include "tracer/frame.h"

struct tracer;

/* Once, in an interpreter that is initialised. */
void threads_prepare(struct tracer *tracer);

/* Traces threads that have come to be without _thread.start_new_thread. */
void threads_adopt(struct tracer *tracer);

#if PY_BY_TRACE_FUNCTION
/* Every thread is traced and told of all from now on, also where it ran untold. */
void threads_tell(struct tracer *tracer);

/* In a process that is not to be traced (any more): leaves this thread with the program's own
 * trace function, and lets that have the event. */
int threads_detach(struct tracer *tracer, PyThreadState *python, PyObject *self,
	PyFrameObject *object, int what, PyObject *argument);

/* Calls the program's own trace function; its result is the event's. */
int threads_call_user(struct thread_state *thread, PyObject *self, PyFrameObject *object, int what,
	PyObject *argument);
#endif

/* As threading.current_thread().name would give; "MainThread" and "Dummy-N" without. */
struct name *threads_name(struct tracer *tracer, struct thread_state *thread);

#endif
