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

/* After an event of the thread: its top frame is ready when the open block knows it, with its thread,
 * and there is nothing to be told before its next event; so that this need not ask again. Whatever
 * changes one of these things calls stream_unready(). Where a block is open nothing is missing: it
 * began with a gap event if need be. */
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

/* The state of the frame, if it is ready and nothing is due that comes with time: a sample, more room,
 * variables that a debugger reaches. NULL: it is not, or not known to be. */
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

/* The same, found out if it is not known. NULL: record_line() is to. */
static inline struct frame_state *record_plain_frame(
	struct tracer *tracer, const PyThreadState *python, const py_frame *frame)
{
	const struct thread_state *thread = tracer->threads.current;
	struct frame_state *state = record_ready_frame(tracer, python, frame);

	if (__builtin_expect(state != NULL, 1))
		return state;
	if (!thread || thread->python != python || thread->python_id != python->id)
		return NULL;
	record_get_ready(tracer, thread);
	return record_ready_frame(tracer, python, frame);
}

/* Begins an event of the open block, dt_ns after the one before; returns where it goes on. */
static inline uint8_t *record_begin_at(struct stream *stream, enum item_kind kind, int64_t dt_ns)
{
	uint8_t *at = stream->at;

	stream->event = at;
	stream->now_ns = stream->last_ns + dt_ns;
	stream->event_counts = FILLED_ITEM + FILLED_EVENT;
	*at = (uint8_t)(kind << 1);
	return avro_put_long(at + 1, dt_ns);
}

/* The same, now. NULL: it comes late. */
static inline uint8_t *record_begin_plain(struct stream *stream, enum item_kind kind)
{
	int64_t dt_ns = clock_now(&stream->clock) - stream->last_ns;

	if (__builtin_expect((uint64_t)dt_ns > PREEMPT_LONG_NS, 0))
		return NULL;
	return record_begin_at(stream, kind, dt_ns);
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
