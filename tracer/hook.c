#include "tracer/hook.h"

#include "tracer/builtins.h"
#include "tracer/engine.h"
#include "tracer/failure.h"
#include "tracer/pause.h"
#include "tracer/record_internal.h"
#include "tracer/threads.h"
#include "tracer/tracer_internal.h"

struct tracer *hook_the_tracer;

void hook_set_tracer(struct tracer *tracer)
{
	hook_the_tracer = tracer;
}

#if PY_BY_TRACE_FUNCTION

static void on_line(struct tracer *tracer, struct thread_state *thread, PyFrameObject *object)
{
	/* When nothing of the frame is recorded its lines need not be told. */
	if (!record_line(tracer, thread, py_frame_of(object), py_event_line(object)) &&
		!thread->user_function)
		object->f_trace_lines = 0;
}

static void on_call(struct tracer *tracer, struct thread_state *thread, PyFrameObject *object)
{
	py_frame *frame = py_frame_of(object);
	struct plan *plan = plan_of(tracer, py_frame_code(frame));

	if (!plan || !plan->recorded) {
		if (!thread->user_function)
			object->f_trace_lines = 0;
		engine_ignores(tracer);
		return;
	}
	engine_meets(tracer, frame);
	if (py_frame_is_generator(frame) && !py_frame_starts(frame))
		record_resume(tracer, thread, frame, plan, py_event_line(object));
	else
		record_call(tracer, thread, frame, plan);
}

static void on_leave(
	struct tracer *tracer, struct thread_state *thread, PyFrameObject *object, PyObject *value)
{
	py_frame *frame = py_frame_of(object);
	bool yields = value && py_frame_is_generator(frame) && py_frame_at_yield(frame);
	enum item_kind kind = !value ? ITEM_UNWIND : yields ? ITEM_YIELD : ITEM_RETURN;

	if (!value && !py_frame_previous(frame))
		failure_write(tracer, thread, frame);
	record_leave(tracer, thread, frame, kind, py_event_line(object), value);
}

/* The argument is (type, value, traceback). */
static void note_failure(struct tracer *tracer, struct thread_state *thread, const py_frame *frame,
	PyObject *argument)
{
	if (PyTuple_CheckExact(argument) && Py_SIZE(argument) == 3)
		failure_note(tracer, thread, frame, PyTuple_GET_ITEM(argument, 1),
			PyTuple_GET_ITEM(argument, 2));
}

static void on_exception(struct tracer *tracer, struct thread_state *thread, PyFrameObject *object,
	PyObject *argument)
{
	py_frame *frame = py_frame_of(object);
	PyObject *value = PyTuple_CheckExact(argument) && Py_SIZE(argument) == 3
				  ? PyTuple_GET_ITEM(argument, 1)
				  : Py_None;

	if (!py_frame_previous(frame))
		note_failure(tracer, thread, frame, argument);
	engine_before_exception(tracer, thread, frame, py_event_line(object));
	if (!record_exception(tracer, thread, frame, py_event_line(object), value))
		engine_ignores(tracer);
}

static void dispatch(struct tracer *tracer, struct thread_state *thread, PyFrameObject *object,
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

/* A limit has ended the recording, or it is paused: the interpreter is told to leave us alone, but
 * for the way out of the main program's last frame. Where there are no sites, who waits for a flag
 * wants to be told. */
static int on_rest(struct tracer *tracer, PyThreadState *python, PyObject *self,
	PyFrameObject *object, int what, PyObject *argument)
{
	struct thread_state *thread = thread_get(&tracer->threads, python);
	py_frame *frame = py_frame_of(object);
	bool leaves = what == PyTrace_EXCEPTION && !py_frame_previous(frame);

	if (!thread)
		return 0;
	if (leaves)
		note_failure(tracer, thread, frame, argument);
	else if (what == PyTrace_RETURN && !argument && !py_frame_previous(frame))
		failure_write(tracer, thread, frame);
	if (thread->user_function)
		return threads_call_user(thread, self, object, what, argument);
	if (thread->user_profile ||
		(python->c_profilefunc && python->c_profilefunc != builtins_event))
		return 0;
	if (!(tracer->paused & PAUSE_FLAGGED) || tracer->engine_on)
		python->cframe->use_tracing = leaves ? PY_TELL_ALL : 0;
	return 0;
}

static __attribute__((noinline)) int on_any(
	PyObject *self, PyFrameObject *object, int what, PyObject *argument)
{
	struct tracer *tracer = hook_tracer();
	PyThreadState *python = _PyThreadState_GET();
	struct thread_state *thread;

	if (__builtin_expect(tracer->resting, 0) && !pause_is_over(tracer, py_frame_of(object)))
		return on_rest(tracer, python, self, object, what, argument);
	if (!tracer->active && !tracer_wake(tracer, py_frame_of(object), what))
		return tracer_lives(tracer)
			       ? 0
			       : threads_detach(tracer, python, self, object, what, argument);
	stream_sample_begin(&tracer->stream);
	thread = thread_get(&tracer->threads, python);
	if (!thread)
		return 0;
	dispatch(tracer, thread, object, what, argument);
	if (__builtin_expect(thread->user_function != NULL, 0) &&
		!(what == PyTrace_OPCODE && engine_hides(py_frame_of(object))))
		return threads_call_user(thread, self, object, what, argument);
	return 0;
}

int hook_event(PyObject *self, PyFrameObject *object, int what, PyObject *argument)
{
	if (__builtin_expect(what == PyTrace_LINE, 1) &&
		record_plain_line(hook_tracer(), _PyThreadState_GET(), py_frame_of(object),
			py_event_line(object)))
		return 0;
	return on_any(self, object, what, argument);
}

#endif
