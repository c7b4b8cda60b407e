/*
 * stack: keeps the recorded frames of each thread in step with the interpreter's, and
 * states them in each block that needs them.
 */
#ifndef SMILEY_TRACER_STACK_H
#define SMILEY_TRACER_STACK_H

#include "tracer/frame.h"

struct tracer;

/* How many of the innermost frames a block states with their locals, as long as these take
 * about so many bytes at most, and how many further ones with code and line only; deeper
 * ones are a number. */
#define STACK_LOCALS 32
#define STACK_LOCALS_BYTES (8 * 1024)
#define STACK_FRAMES 1000

struct frame_state *stack_frame_slow(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame);

/* The state of the frame that an event is in. NULL: its code is not recorded. */
static inline struct frame_state *stack_frame(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame)
{
	struct frame_state *top = thread_top(thread);

	if (__builtin_expect(top && top->frame == frame && top->code == py_frame_code(frame), 1))
		return top;
	return stack_frame_slow(tracer, thread, frame);
}

void stack_sync_slow(struct tracer *tracer, struct thread_state *thread, py_frame *caller);

/* Before a frame is pushed: takes frames off the stack that the interpreter has left
 * without an event (a greenlet switched, a debugger threw), seen from the new one's caller. */
static inline void stack_sync(struct tracer *tracer, struct thread_state *thread, py_frame *caller)
{
	struct frame_state *top = thread_top(thread);

	if (__builtin_expect(top && top->frame != caller, 0))
		stack_sync_slow(tracer, thread, caller);
}

/* A state for a frame that starts. NULL: out of memory. */
static inline struct frame_state *stack_new_frame(py_frame *frame, struct plan *plan)
{
	struct frame_state *state = frame_new(plan);

	if (__builtin_expect(!state, 0))
		return NULL;
	state->frame = frame;
	state->code = py_frame_code(frame);
	state->line = plan->first_line;
	return state;
}

/* The state of a generator's frame that goes on; a new one when it was not known. */
struct frame_state *stack_suspended_frame(
	struct tracer *tracer, py_frame *frame, struct plan *plan);

/* An exception is thrown into a generator's frame by way of those that await it: these are its
 * callers again, though nobody has told of it. */
void stack_adopt_callers(struct tracer *tracer, struct thread_state *thread, const py_frame *frame);

void stack_announce_slow(struct tracer *tracer, struct thread_state *thread);

/* After an event was lost: notes how many are, for the shipper, should none come after it. */
void stack_note_lost(struct tracer *tracer);

/* A limit is reached: the gap that says so is the run's last event, and nothing is recorded any
 * more. Or somebody wants a pause: pause.h. The program goes on. */
void stack_end(struct tracer *tracer, struct thread_state *thread);

/* From here on it is not known what happens: writes the gap event, and closes the block. */
void stack_gap(struct tracer *tracer, struct thread_state *thread, const char *reason);

/* Forgets all frames of all threads, and the suspended ones: they are met anew. */
void stack_forget(struct tracer *tracer);

/* Takes `frame`, which has not been told of, and those that called it for the thread's stack.
 * Their ids are negative, as those of frames that a fork has copied. NULL: there is none. */
void stack_adopt(struct tracer *tracer, struct thread_state *thread, py_frame *frame);

void stack_enter_coroutine(
	struct tracer *tracer, struct thread_state *thread, struct frame_state *state);

/* A coroutine that no recorded coroutine awaits is what a task runs: tells which task it is,
 * when another ran before. `state` is about to be pushed. */
static inline void stack_enter_task(
	struct tracer *tracer, struct thread_state *thread, struct frame_state *state)
{
	if (__builtin_expect(state->code->co_flags & CO_COROUTINE, 0))
		stack_enter_coroutine(tracer, thread, state);
}

/* Before an event: writes the events that must stand before it: a gap for events that were
 * lost, the thread's first, the end of a task's step. */
static inline void stack_announce(struct tracer *tracer, struct thread_state *thread);

void stack_state_slow(
	struct tracer *tracer, struct thread_state *thread, struct frame_state *current);

#include "tracer/tracer_internal.h"

/* The index of a code object in the open block. */
static inline uint32_t stack_code(struct stream *stream, struct plan *plan)
{
	return __builtin_expect(plan->block == stream->block, 1) ? plan->index
								 : stream_define_code(stream, plan);
}

/* The top frame has been left: for good, or until it is resumed. */
static inline void stack_leave(struct tracer *tracer, struct thread_state *thread, bool suspended)
{
	struct frame_state *state = thread->stack[--thread->depth];

	thread->task_left |= state->task != 0;
	state->yielded = suspended;
	if (suspended)
		suspended_add(&tracer->suspended, state);
	else
		frame_free(state);
}

static inline void stack_announce(struct tracer *tracer, struct thread_state *thread)
{
	if (__builtin_expect(
		    !thread->started || thread->task_left || tracer->unrecorded > tracer->announced,
		    0))
		stack_announce_slow(tracer, thread);
}

/* In an event, before its item: makes this thread the current one in the block, with its
 * stack. `current` is the frame that the event is in: its locals follow the event. */
static inline void stack_state(
	struct tracer *tracer, struct thread_state *thread, struct frame_state *current)
{
	if (__builtin_expect(
		    thread->block != tracer->stream.block || tracer->threads.current != thread, 0))
		stack_state_slow(tracer, thread, current);
}

#endif
