/*
 * builtins: calls of functions written in C, for the profile (--profile-builtins).
 *
 * They are no events. What a frame has called and got back is summed up, by name, and told before
 * the thread's next event; a recorded call that such a function makes says through which it
 * came. Who tells of them is a profile function (up to 3.11; the program's own is called after it)
 * or sys.monitoring. Counted is what cProfile counts, under its names.
 *
 * The time of one is from when it is told to its end, without recorded code that it calls: that
 * begins and ends with events.
 */
#ifndef SMILEY_TRACER_BUILTINS_H
#define SMILEY_TRACER_BUILTINS_H

#include "tracer/frame.h"

struct tracer;

/* A call that goes on. */
struct builtin_call {
	struct name *name;     /* NULL: it is not to be counted */
	bool passed_on;        /* to the program's own profile function */
	const py_frame *frame; /* that called; only compared */
	int64_t since_ns;      /* from when on it is to be added; 0: recorded code runs */
	int64_t ns;
};

struct builtin_sum {
	struct name *name;
	int64_t calls, ns;
};

/* A thread's. */
struct builtins {
	struct builtin_call *calls; /* innermost last */
	size_t depth, room;
	struct builtin_sum *sums; /* not told yet */
	size_t sum_count, sum_room;
	struct name *through; /* of the event that is being written; NULL: nobody */
};

void builtins_free(struct builtins *builtins);

/* In a forked child: nothing goes on, and nothing is to be told. */
void builtins_forget(struct builtins *builtins);

/* Behind a pause: what went on before it may have ended, and nobody has told. */
void builtins_lose_calls(struct builtins *builtins);

/* A frame calls `function`, of `self` if it is a method descriptor; it has come back. What is not
 * written in C, or by a frame that is not recorded, is not counted. */
void builtins_begin(struct tracer *tracer, struct thread_state *thread, const py_frame *frame,
	PyObject *function, PyObject *self, bool passed_on);
/* Returns what its beginning was told of passing on; true: nobody has told of it. */
bool builtins_end(struct tracer *tracer, struct thread_state *thread, const py_frame *frame);

#if PY_BY_TRACE_FUNCTION
/* The profile function. Never raises; passes all on to the program's own. */
int builtins_event(PyObject *self, PyFrameObject *object, int what, PyObject *argument);
#endif

void builtins_enter_slow(struct tracer *tracer, struct thread_state *thread);
void builtins_put_slow(struct tracer *tracer, const struct builtins *builtins);
void builtins_leave_slow(struct tracer *tracer, struct thread_state *thread, const py_frame *frame);

/* A call or resume is about to be recorded, and its frame is not on the stack yet. */
static inline void builtins_enter(struct tracer *tracer, struct thread_state *thread)
{
	if (__builtin_expect(thread->builtins != NULL, 0))
		builtins_enter_slow(tracer, thread);
}

/* In an event of the thread, behind stack_state(). */
static inline void builtins_put(struct tracer *tracer, const struct thread_state *thread)
{
	if (__builtin_expect(thread->builtins != NULL, 0))
		builtins_put_slow(tracer, thread->builtins);
}

/* The event has been written, or lost. */
static inline void builtins_told(struct thread_state *thread)
{
	if (__builtin_expect(thread->builtins != NULL, 0)) {
		thread->builtins->sum_count = 0;
		thread->builtins->through = NULL;
	}
}

/* The frame has left the stack. */
static inline void builtins_leave(
	struct tracer *tracer, struct thread_state *thread, const py_frame *frame)
{
	if (__builtin_expect(thread->builtins != NULL, 0))
		builtins_leave_slow(tracer, thread, frame);
}

#endif
