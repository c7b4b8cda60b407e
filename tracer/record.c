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

/* Is the thread's last event that of the frame which now calls, so that there is nothing to be
 * told before the call? */
static bool is_plain_call(const struct tracer *tracer, const struct thread_state *thread,
	py_frame *frame, const struct plan *plan)
{
	return record_ready_frame(tracer, thread->python, py_frame_previous(frame)) &&
	       plan->block == tracer->stream.block && !thread->builtins &&
	       !cost_wants(&plan->cost) && !(py_frame_code(frame)->co_flags & CO_COROUTINE);
}

/* False: nothing has been done. */
static bool record_plain_call(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame, struct plan *plan)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state = stack_new_frame(frame, plan);
	uint8_t *at = state ? record_begin_plain(stream, ITEM_CALL) : NULL;
	enum stream_result result = STREAM_AGAIN;

	if (at) {
		state->id = stream->seq;
		stream->at = avro_put_long(at, plan->index);
		locals_put_first(tracer, state);
		result = stream_end(stream);
	}
	if (__builtin_expect(result == STREAM_AGAIN, 0)) {
		frame_free(state);
		return false;
	}
	stream->cost.until--;
	push(thread, state);
	if (__builtin_expect(result != STREAM_DONE, 0))
		ended(tracer, thread, result);
	return true;
}

static void record_any_call(
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
}

void record_call(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame, struct plan *plan)
{
	if (!is_plain_call(tracer, thread, frame, plan) ||
		!record_plain_call(tracer, thread, frame, plan))
		record_any_call(tracer, thread, frame, plan);
	record_get_ready(tracer, thread);
}

/* All that there is to tell is the line: the call has told of the variables. */
static enum stream_result put_line_alone(
	struct stream *stream, const struct frame_state *state, int line)
{
	stream->at = record_begin_at(stream, ITEM_LINE, 1);
	put_line(stream, state, line);
	return stream_end(stream);
}

void record_line_of_call(struct tracer *tracer, struct thread_state *thread, const py_frame *frame,
	struct plan *plan, int line)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state = thread_top(thread);

	if (!state || state->frame != frame || state->plan != plan)
		return;
	if (stream->ready == state && stream->end - stream->at >= PLAIN_MOST) {
		enum stream_result result = put_line_alone(stream, state, line);

		state->line = line;
		if (__builtin_expect(result != STREAM_DONE, 0))
			ended(tracer, thread, result);
	} else {
		recorded(tracer, thread, state, line, put_any_line(tracer, thread, state, line));
		record_get_ready(tracer, thread);
	}
	/* What the program does now it does in its line. */
	if (stream->cost.pace == &plan->cost.pace[COST_ENTER])
		cost_ended(&stream->cost, &plan->cost, COST_LINE, clock_now(&stream->clock));
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

/* The end of the frame that the thread's last event was in, with a value that does not look like a
 * secret. False: nothing has been done. */
static bool record_plain_leave(struct tracer *tracer, struct frame_state *state,
	enum item_kind kind, int line, PyObject *value)
{
	struct stream *stream = &tracer->stream;
	uint8_t *at = record_begin_plain(stream, kind);
	enum stream_result result;

	if (!at)
		return false;
	stream->at = at;
	put_line(stream, state, line);
	if (value)
		capture_put(tracer, value);
	if (__builtin_expect(stream->undefined, 0)) {
		stream_rewind(stream, (struct stream_mark){0, 0});
		return false;
	}
	locals_put_known(tracer, state);
	result = stream_end(stream);
	if (__builtin_expect(result == STREAM_AGAIN, 0))
		return false;
	if (__builtin_expect(result != STREAM_DONE, 0))
		ended(tracer, tracer->threads.current, result);
	return true;
}

void record_leave(struct tracer *tracer, struct thread_state *thread, py_frame *frame,
	enum item_kind kind, int line, PyObject *value)
{
	struct frame_state *ready = record_ready_frame(tracer, thread->python, frame), *top;
	struct plan *plan = ready ? ready->plan : NULL;

	if (!plan || plan->secret || thread->builtins ||
		!record_plain_leave(tracer, ready, kind, line, value))
		plan = record_value(tracer, thread, frame, kind, line, value);
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
