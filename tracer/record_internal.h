/*
 * record_internal: the line event, in line for the hooks: one function from the interpreter to
 * the committed event, when it is what nearly all events are.
 */
#ifndef SMILEY_TRACER_RECORD_INTERNAL_H
#define SMILEY_TRACER_RECORD_INTERNAL_H

#include "tracer/locals_internal.h"
#include "tracer/record.h"
#include "tracer/stack.h"
#include "tracer/tracer_internal.h"

/* The line has been written, and the event is not just done. */
void record_line_ended(struct tracer *tracer, struct thread_state *thread,
	struct frame_state *state, int line, enum stream_result result);

/* The state of a frame that the open block knows, with its thread, the current one, and of which
 * there is nothing to be told before its line; NULL: record_line() is to find out. Where a block
 * is open nothing is missing: it began with a gap event if need be. */
static inline struct frame_state *record_stated_frame(
	const struct tracer *tracer, const PyThreadState *python, const py_frame *frame)
{
	const struct stream *stream = &tracer->stream;
	const struct thread_state *thread = tracer->threads.current;
	struct frame_state *state;

	if (!tracer->active || !stream->open || thread->block != stream->block ||
		thread->python != python || thread->python_id != python->id || thread->task_left ||
		thread->user_function || thread->depth == 0)
		return NULL;
	state = thread->stack[thread->depth - 1];
	if (state->frame != frame || state->code != py_frame_code(frame) ||
		!locals_are_known(tracer, state) || stream->pause_ns > 0 ||
		stream->cost.until == 1 || stream->end - stream->at < PLAIN_MOST)
		return NULL;
	return state;
}

/* After an event of the thread: its top frame, if record_stated_frame() would say yes of its next
 * line. So the next line need not ask again; whatever changes one of these things calls
 * stream_unready(). */
static inline void record_get_ready(struct tracer *tracer, const struct thread_state *thread)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state = thread_top(thread);

	stream->ready = state && stream->open && !thread->task_left && !thread->user_function &&
					stream->pause_ns <= 0 && thread->block == stream->block &&
					tracer->active && tracer->threads.current == thread &&
					locals_are_known(tracer, state)
				? state
				: NULL;
}

/* The same, of the top frame of the thread that was ready until its last event. */
static inline void record_stay_ready(struct tracer *tracer, struct frame_state *state)
{
	struct stream *stream = &tracer->stream;

	stream->ready = stream->open && locals_are_known(tracer, state) ? state : NULL;
}

/* The frame, if its line is ready to be recorded: the current thread is that of the event before,
 * and all but what passes with each event has been looked at. */
static inline struct frame_state *record_ready_frame(
	const struct tracer *tracer, const PyThreadState *python, const py_frame *frame)
{
	const struct stream *stream = &tracer->stream;
	struct frame_state *state = stream->ready;

	if (__builtin_expect(!state || state->frame != frame ||
				     state->code != py_frame_code(frame) ||
				     tracer->threads.current->python != python ||
				     py_frame_has_locals_dict(frame) || stream->cost.until == 1 ||
				     stream->end - stream->at < PLAIN_MOST,
		    0))
		return NULL;
	return state;
}

/* By one or the other of them. */
static inline struct frame_state *record_plain_frame(
	struct tracer *tracer, const PyThreadState *python, const py_frame *frame)
{
	struct frame_state *state = record_ready_frame(tracer, python, frame);

	if (!state)
		state = tracer->stream.ready = record_stated_frame(tracer, python, frame);
	return state;
}

/* Begins an event of the open block; returns where it goes on. NULL: it comes late. */
static inline uint8_t *record_begin_plain(struct stream *stream, enum item_kind kind)
{
	int64_t dt = clock_now(&stream->clock) - stream->last_ns;
	uint8_t *at = stream->at;

	if (__builtin_expect((uint64_t)dt > PREEMPT_LONG_NS, 0))
		return NULL;
	stream->event = at;
	stream->now_ns = stream->last_ns + dt;
	stream->event_counts = FILLED_ITEM + FILLED_EVENT;
	*at = (uint8_t)(kind << 1);
	return avro_put_long(at + 1, dt);
}

/* Records the line of such a frame. False: it comes late, and record_line() is to. */
static inline bool record_line_of_plain(struct tracer *tracer, struct frame_state *state, int line)
{
	struct stream *stream = &tracer->stream;
	uint8_t *at = record_begin_plain(stream, ITEM_LINE);
	enum stream_result result;

	if (__builtin_expect(!at, 0))
		return false;
	stream->at = avro_put_long(at, (int64_t)line - state->line);
	locals_put_known(tracer, state);
	result = stream_end(stream);
	stream->cost.until--;
	if (__builtin_expect(result != STREAM_DONE, 0))
		record_line_ended(tracer, tracer->threads.current, state, line, result);
	else
		state->line = line;
	return true;
}

/* Records the line, if it is such a frame's. */
static inline bool record_plain_line(
	struct tracer *tracer, const PyThreadState *python, const py_frame *frame, int line)
{
	struct frame_state *state = record_plain_frame(tracer, python, frame);

	return __builtin_expect(state != NULL, 1) && record_line_of_plain(tracer, state, line);
}

#endif
