#include "tracer/hook.h"

#include "tracer/failure.h"
#include "tracer/locals.h"
#include "tracer/stack.h"
#include "tracer/threads.h"
#include "tracer/tracer_internal.h"

static struct tracer *the_tracer;

struct tracer *hook_tracer(void)
{
	return the_tracer;
}

void hook_set_tracer(struct tracer *tracer)
{
	the_tracer = tracer;
}

/* An event could not be written: counted, and everything is stated anew after it. */
static void lost(struct tracer *tracer, struct thread_state *thread)
{
	tracer->unrecorded++;
	thread->block = 0;
}

static void put_line(struct stream *stream, struct frame_state *state, int line)
{
	stream->at = avro_put_long(stream->at, (int64_t)line - state->line);
}

static void on_line(struct tracer *tracer, struct thread_state *thread, PyFrameObject *object)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state = stack_frame(tracer, thread, object);
	int line = py_event_line(object);
	enum stream_result result;

	if (!state) {
		/* Nothing of this frame is recorded: its lines need not be told. */
		if (!thread->user_function)
			object->f_trace_lines = 0;
		return;
	}
	stack_announce(tracer, thread);
	do {
		stream_begin(stream);
		stack_state(tracer, thread, state);
		stream_put_event(stream, ITEM_LINE);
		put_line(stream, state, line);
		locals_put(tracer, state);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	state->line = line;
	if (result == STREAM_LOST)
		lost(tracer, thread);
}

static void on_new_call(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame, struct plan *plan)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state;
	enum stream_result result;

	stack_sync(tracer, thread, frame->previous);
	state = stack_new_frame(frame, plan);
	if (!state)
		return;
	stack_enter_task(tracer, thread, state);
	stack_announce(tracer, thread);
	state->id = stream->seq;
	do {
		uint32_t code;

		stream_begin(stream);
		stack_state(tracer, thread, NULL);
		code = stream_define_code(stream, plan);
		stream_put_event(stream, ITEM_CALL);
		stream->at = avro_put_long(stream->at, code);
		locals_put(tracer, state);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	if (result == STREAM_LOST) {
		lost(tracer, thread);
		state->id = -tracer->unrecorded;
	}
	if (!thread_push(thread, state))
		frame_free(state);
}

static void on_resume(struct tracer *tracer, struct thread_state *thread, PyFrameObject *object,
	struct plan *plan)
{
	struct stream *stream = &tracer->stream;
	py_frame *frame = py_frame_of(object);
	struct frame_state *state;
	enum stream_result result;

	stack_sync(tracer, thread, frame->previous);
	state = stack_suspended_frame(tracer, frame, plan);
	if (!state)
		return;
	stack_enter_task(tracer, thread, state);
	stack_announce(tracer, thread);
	do {
		uint32_t code;

		stream_begin(stream);
		stack_state(tracer, thread, NULL);
		code = stream_define_code(stream, plan);
		stream_put_event(stream, ITEM_RESUME);
		stream_put_long(stream, state->id);
		stream_put_long(stream, code);
		stream_put_long(stream, py_event_line(object));
		locals_put(tracer, state);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	state->line = py_event_line(object);
	if (result == STREAM_LOST)
		lost(tracer, thread);
	if (!thread_push(thread, state))
		frame_free(state);
}

static void on_call(struct tracer *tracer, struct thread_state *thread, PyFrameObject *object)
{
	py_frame *frame = py_frame_of(object);
	struct plan *plan = plan_of(tracer, frame->f_code);

	if (!plan || !plan->recorded) {
		if (!thread->user_function)
			object->f_trace_lines = 0;
		return;
	}
	if (py_frame_is_generator(frame) && !py_frame_starts(frame))
		on_resume(tracer, thread, object, plan);
	else
		on_new_call(tracer, thread, frame, plan);
}

/* Return, yield or unwind: one item, and the frame leaves the stack. */
static void on_leave(
	struct tracer *tracer, struct thread_state *thread, PyFrameObject *object, PyObject *value)
{
	struct stream *stream = &tracer->stream;
	py_frame *frame = py_frame_of(object);
	struct frame_state *state = stack_frame(tracer, thread, object);
	bool yields = value && py_frame_is_generator(frame) && py_frame_at_yield(frame);
	enum item_kind kind = !value ? ITEM_UNWIND : yields ? ITEM_YIELD : ITEM_RETURN;
	enum stream_result result;

	if (!value && !frame->previous)
		failure_write(tracer, thread, frame);
	if (!state)
		return;
	stack_announce(tracer, thread);
	do {
		stream_begin(stream);
		stack_state(tracer, thread, state);
		if (value && state->plan->secret)
			capture_prepare_secret(tracer, value);
		else if (value)
			capture_prepare(tracer, value);
		stream_put_event(stream, kind);
		put_line(stream, state, py_event_line(object));
		if (value && state->plan->secret)
			capture_put_secret(tracer, value);
		else if (value)
			capture_put(tracer, value);
		locals_put(tracer, state);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	state->line = py_event_line(object);
	if (result == STREAM_LOST)
		lost(tracer, thread);
	stack_leave(tracer, thread, yields);
}

static void on_exception(struct tracer *tracer, struct thread_state *thread, PyFrameObject *object,
	PyObject *argument)
{
	struct stream *stream = &tracer->stream;
	struct frame_state *state = stack_frame(tracer, thread, object);
	PyObject *value = PyTuple_CheckExact(argument) && Py_SIZE(argument) == 3
				  ? PyTuple_GET_ITEM(argument, 1)
				  : Py_None;
	enum stream_result result;

	if (!py_frame_of(object)->previous)
		failure_note(tracer, thread, py_frame_of(object), argument);
	if (!state)
		return;
	stack_announce(tracer, thread);
	do {
		stream_begin(stream);
		stack_state(tracer, thread, state);
		capture_prepare(tracer, value);
		stream_put_event(stream, ITEM_EXCEPTION);
		put_line(stream, state, py_event_line(object));
		capture_put(tracer, value);
		locals_put(tracer, state);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	state->line = py_event_line(object);
	if (result == STREAM_LOST)
		lost(tracer, thread);
}

static void record(struct tracer *tracer, struct thread_state *thread, PyFrameObject *object,
	int what, PyObject *argument)
{
	switch (what) {
	case PyTrace_LINE:
		on_line(tracer, thread, object);
		break;
	case PyTrace_CALL:
		on_call(tracer, thread, object);
		break;
	case PyTrace_RETURN:
		on_leave(tracer, thread, object, argument);
		break;
	case PyTrace_EXCEPTION:
		on_exception(tracer, thread, object, argument);
		break;
	default:
		break;
	}
}

int hook_event(PyObject *self, PyFrameObject *object, int what, PyObject *argument)
{
	struct tracer *tracer = the_tracer;
	PyThreadState *python = _PyThreadState_GET();
	struct thread_state *thread;

	if (!tracer->active && !tracer_wake(tracer, py_frame_of(object), what))
		return tracer->active || tracer->waiting
			       ? 0
			       : threads_detach(tracer, python, self, object, what, argument);
	thread = thread_get(&tracer->threads, python);
	if (!thread)
		return 0;
	record(tracer, thread, object, what, argument);
	if (__builtin_expect(thread->user_function != NULL, 0))
		return threads_call_user(thread, self, object, what, argument);
	return 0;
}
