#include "tracer/record.h"

#include "tracer/builtins.h"
#include "tracer/capture_internal.h"
#include "tracer/failure.h"
#include "tracer/record_internal.h"

/* An event could not be written: counted, and everything is stated anew after it. */
static void lost(struct tracer *tracer, struct thread_state *thread)
{
	tracer->unrecorded++;
	stack_note_lost(tracer);
	thread->block = 0;
}

static void ended(struct tracer *tracer, struct thread_state *thread, enum stream_result result)
{
	if (result == STREAM_LOST)
		lost(tracer, thread);
	else if (result == STREAM_LIMIT)
		stack_end(tracer, thread);
}

/* The event of a frame on the stack has been written, or not. */
static void recorded(struct tracer *tracer, struct thread_state *thread, struct frame_state *state,
	int line, enum stream_result result)
{
	state->line = line;
	builtins_told(thread);
	if (__builtin_expect(result != STREAM_DONE, 0))
		ended(tracer, thread, result);
}

static void push(struct thread_state *thread, struct frame_state *state)
{
	if (!thread_push(thread, state))
		frame_free(state);
}

static void put_line(struct stream *stream, const struct frame_state *state, int line)
{
	stream->at = avro_put_long(stream->at, (int64_t)line - state->line);
}

static enum stream_result put_any_line(
	struct tracer *tracer, struct thread_state *thread, struct frame_state *state, int line)
{
	struct stream *stream = &tracer->stream;
	enum stream_result result;

	stack_announce(tracer, thread);
	do {
		stream_begin(stream);
		stack_state(tracer, thread, state);
		builtins_put(tracer, thread);
		stream_put_event(stream, ITEM_LINE);
		put_line(stream, state, line);
		locals_put(tracer, state);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	return result;
}

void record_line_ended(struct tracer *tracer, struct thread_state *thread,
	struct frame_state *state, int line, enum stream_result result)
{
	if (result == STREAM_AGAIN)
		result = put_any_line(tracer, thread, state, line);
	recorded(tracer, thread, state, line, result);
}

bool record_line(struct tracer *tracer, struct thread_state *thread, py_frame *frame, int line)
{
	struct frame_state *state = stack_frame(tracer, thread, frame);

	if (!state)
		return false;
	recorded(tracer, thread, state, line, put_any_line(tracer, thread, state, line));
	stream_sample(&tracer->stream, &state->plan->cost, &state->plan->cost, COST_LINE);
	record_get_ready(tracer, thread);
	return true;
}

void record_call(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame, struct plan *plan)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state;
	enum stream_result result;

	stack_sync(tracer, thread, py_frame_previous(frame));
	state = stack_new_frame(frame, plan);
	if (!state)
		return;
	stack_enter_task(tracer, thread, state);
	stack_announce(tracer, thread);
	builtins_enter(tracer, thread);
	state->id = stream->seq;
	do {
		uint32_t code;

		stream_begin(stream);
		stack_state(tracer, thread, NULL);
		builtins_put(tracer, thread);
		code = stack_code(stream, plan);
		stream_put_event(stream, ITEM_CALL);
		stream->at = avro_put_long(stream->at, code);
		locals_put_first(tracer, state);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	builtins_told(thread);
	if (result == STREAM_LOST) {
		lost(tracer, thread);
		state->id = -tracer->unrecorded;
	}
	push(thread, state);
	if (result == STREAM_LIMIT)
		stack_end(tracer, thread);
	stream_sample_call(stream, &plan->cost);
	record_get_ready(tracer, thread);
}

/* All that there is to tell is the line: the call has told of the variables. */
static enum stream_result put_line_alone(
	struct stream *stream, const struct frame_state *state, int line)
{
	uint8_t *at = stream->at;

	stream->event = at;
	stream->event_counts = FILLED_ITEM + FILLED_EVENT;
	stream->now_ns = stream->last_ns + 1;
	*at++ = ITEM_LINE << 1;
	*at++ = 1 << 1; /* a nanosecond */
	stream->at = avro_put_long(at, (int64_t)line - state->line);
	return stream_end(stream);
}

void record_line_of_call(struct tracer *tracer, struct thread_state *thread, const py_frame *frame,
	struct plan *plan, int line)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state = thread_top(thread);
	bool known;

	if (!state || state->frame != frame || state->plan != plan)
		return;
	known = stream->open && state->block == stream->block && thread->block == stream->block &&
		stream->pause_ns <= 0 && stream->end - stream->at >= PLAIN_MOST;
	recorded(tracer, thread, state, line,
		known ? put_line_alone(stream, state, line)
		      : put_any_line(tracer, thread, state, line));
	/* What the program does now it does in its line. */
	if (stream->cost.pace == &plan->cost.pace[COST_ENTER])
		cost_ended(&stream->cost, &plan->cost, COST_LINE, clock_now(&stream->clock));
	record_get_ready(tracer, thread);
}

void record_resume(struct tracer *tracer, struct thread_state *thread, py_frame *frame,
	struct plan *plan, int line)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state;
	enum stream_result result;

	stack_sync(tracer, thread, py_frame_previous(frame));
	state = stack_suspended_frame(tracer, frame, plan);
	if (!state)
		return;
	stack_enter_task(tracer, thread, state);
	stack_announce(tracer, thread);
	builtins_enter(tracer, thread);
	do {
		uint32_t code;

		stream_begin(stream);
		stack_state(tracer, thread, NULL);
		builtins_put(tracer, thread);
		code = stack_code(stream, plan);
		stream_put_event(stream, ITEM_RESUME);
		stream_put_long(stream, state->id);
		stream_put_long(stream, code);
		stream_put_long(stream, line);
		locals_put_most(tracer, state);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	recorded(tracer, thread, state, line, result);
	push(thread, state);
	stream_sample(stream, &plan->cost, &plan->cost, COST_ENTER);
	record_get_ready(tracer, thread);
}

static void put_value(struct tracer *tracer, const struct frame_state *state, enum item_kind kind,
	int line, PyObject *value, bool secret)
{
	stream_put_event(&tracer->stream, kind);
	put_line(&tracer->stream, state, line);
	if (value && secret)
		capture_put_secret(tracer, value);
	else if (value)
		capture_put(tracer, value);
}

/* An event with a value, or with none, of a frame on the stack; its plan, NULL: it is not
 * recorded. */
static struct plan *record_value(struct tracer *tracer, struct thread_state *thread,
	py_frame *frame, enum item_kind kind, int line, PyObject *value)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state = stack_frame(tracer, thread, frame);
	enum stream_result result;
	bool secret;

	if (!state)
		return NULL;
	secret = kind != ITEM_EXCEPTION && state->plan->secret;
	stack_announce(tracer, thread);
	do {
		struct stream_mark mark;

		stream_begin(stream);
		stack_state(tracer, thread, state);
		builtins_put(tracer, thread);
		mark = stream_mark(stream);
		put_value(tracer, state, kind, line, value, secret);
		if (__builtin_expect(stream->undefined, 0)) {
			stream_rewind(stream, mark);
			capture_define(tracer, value, secret);
			put_value(tracer, state, kind, line, value, secret);
		}
		locals_put_most(tracer, state);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	recorded(tracer, thread, state, line, result);
	return state->plan;
}

void record_leave(struct tracer *tracer, struct thread_state *thread, py_frame *frame,
	enum item_kind kind, int line, PyObject *value)
{
	struct plan *plan = record_value(tracer, thread, frame, kind, line, value);
	struct frame_state *top;

	if (!plan)
		return;
	stack_leave(tracer, thread, kind == ITEM_YIELD);
	builtins_leave(tracer, thread, frame);
	top = thread_top(thread);
	stream_sample(&tracer->stream, &plan->cost, top ? &top->plan->cost : NULL, COST_LEAVE);
	record_get_ready(tracer, thread);
}

bool record_exception(struct tracer *tracer, struct thread_state *thread, py_frame *frame, int line,
	PyObject *value)
{
	struct plan *plan = record_value(tracer, thread, frame, ITEM_EXCEPTION, line, value);

	if (plan)
		stream_sample(&tracer->stream, &plan->cost, &plan->cost, COST_LINE);
	record_get_ready(tracer, thread);
	return plan;
}
