#include "tracer/monitor.h"

#include "tracer/builtins.h"
#include "tracer/failure.h"
#include "tracer/hook.h"
#include "tracer/joined.h"
#include "tracer/pause.h"
#include "tracer/record_internal.h"
#include "tracer/shape_internal.h"
#include "tracer/stack.h"
#include "tracer/tracer_internal.h"

#if PY_BY_MONITORING

#define FIRST_TOOL 3 /* debuggers, coverage tools and profilers have 0 to 2 */
#define LAST_TOOL 4
#define CALIBRATIONS 4096

/* sys.monitoring's own objects, kept for good. */
static PyObject *monitoring, *disable, *missing;
static int tool;

static PyObject *nothing(void)
{
	return Py_NewRef(Py_None);
}

/* This place of the code need not be told again. Not for events that no place has: exceptions,
 * unwind, throw. */
static PyObject *never_again(void)
{
	return Py_NewRef(disable);
}

static void listen(int events)
{
	PyObject *result = PyObject_CallMethod(monitoring, "set_events", "ii", tool, events);

	Py_XDECREF(result);
	PyErr_Clear();
}

/* Places that said never_again() are told again. An exception that is set stays so. */
static void hear_all_places(void)
{
	PyObject *exception = PyErr_GetRaisedException();
	PyObject *result = PyObject_CallMethod(monitoring, "restart_events", NULL);

	Py_XDECREF(result);
	PyErr_SetRaisedException(exception);
}

enum event {
	ON_START,
	ON_RESUME,
	ON_THROW,
	ON_RETURN,
	ON_YIELD,
	ON_UNWIND,
	ON_RAISE,
	ON_STOP,
	ON_LINE,
	ON_JUMP,
	/* Only for functions written in C. */
	ON_C_CALL,
	ON_C_RETURN,
	ON_C_RAISE,
	EVENTS
};

typedef PyObject *callback(
	PyObject *self, PyObject *const *arguments, size_t count, PyObject *names);
static callback on_start, on_resume, on_throw, on_return, on_yield, on_unwind, on_raise, on_stop,
	on_line, on_jump, on_c_call, on_c_end;

/* number: the event's bit, as sys.monitoring.events has it. */
static struct {
	const char *name;
	callback *function;
	PyMethodDef method;
	int number;
} events[EVENTS] = {
	[ON_START] = {"PY_START", on_start},
	[ON_RESUME] = {"PY_RESUME", on_resume},
	[ON_THROW] = {"PY_THROW", on_throw},
	[ON_RETURN] = {"PY_RETURN", on_return},
	[ON_YIELD] = {"PY_YIELD", on_yield},
	[ON_UNWIND] = {"PY_UNWIND", on_unwind},
	[ON_RAISE] = {"RAISE", on_raise},
	[ON_STOP] = {"STOP_ITERATION", on_stop},
	[ON_LINE] = {"LINE", on_line},
	[ON_JUMP] = {"JUMP", on_jump},
	[ON_C_CALL] = {"CALL", on_c_call},
	[ON_C_RETURN] = {"C_RETURN", on_c_end},
	[ON_C_RAISE] = {"C_RAISE", on_c_end},
};

static int all_events(void)
{
	int count = hook_tracer()->options.profile_builtins ? EVENTS : ON_C_CALL;
	int all = 0;

	for (int i = 0; i < count; i++)
		all |= events[i].number;
	return all;
}

/* While it rests only the exception that ends the program is of interest; and, where a flag is
 * waited for, what every program does again and again, wherever. A run that has reached its
 * limit keeps what it hears: each place only once (rest()). */
void monitor_listen(struct tracer *tracer)
{
	const int failure = events[ON_RAISE].number | events[ON_UNWIND].number;
	const int often =
		events[ON_START].number | events[ON_RESUME].number | events[ON_JUMP].number;

	if (tracer->active)
		listen(all_events());
	else if (tracer->waiting)
		listen(events[ON_RETURN].number | events[ON_UNWIND].number);
	else if (tracer->paused)
		listen(failure | (tracer->paused & PAUSE_FLAGGED ? often : 0));
	else if (!tracer->resting)
		listen(0);
	if (!tracer->active && !tracer->waiting && tracer->paused & PAUSE_FLAGGED)
		hear_all_places();
}

/* The interpreter forgets of which instructions a trace function wants to be told when that becomes
 * the code's second tool (cpython issue 157900): pdb.set_trace() on 3.13 would stop a line later.
 * Once the function is set a restart puts that right. */
void monitor_hear_trace_function(struct tracer *tracer)
{
	PyThreadState *python = _PyThreadState_GET();
	const py_frame *frame = py_thread_frame(python);

	if (!monitoring || !tracer->active || python->interp != PyInterpreterState_Main())
		return;
	while (frame && !py_frame_traces_opcodes(frame))
		frame = py_frame_previous(frame);
	if (!frame)
		return;
	/* Then the next place that runs is told, whosever it is: arrive(). */
	hear_all_places();
	tracer->restart_due = true;
}

/* What a callback works with. */
struct here {
	struct tracer *tracer;
	struct thread_state *thread;
	py_frame *frame;
	PyObject *code;
};

/* Something is told while the tracer is not active. True: it is, now. */
static bool wake(struct tracer *tracer, const py_frame *frame, enum event event)
{
	bool waiting = tracer->waiting;
	int what = event == ON_RETURN || event == ON_UNWIND ? PyTrace_RETURN : PyTrace_LINE;
	bool awake = tracer_wake(tracer, frame, what);

	if (waiting != tracer->waiting || !(awake || tracer_lives(tracer) || tracer->resting))
		monitor_listen(tracer);
	return awake;
}

/* False: nothing is to be recorded. */
static inline bool arrive(struct here *here, PyObject *code, enum event event)
{
	PyThreadState *python = _PyThreadState_GET();

	here->tracer = hook_tracer();
	here->frame = py_thread_frame(python);
	here->code = code;
	if (__builtin_expect(here->tracer->restart_due, 0)) {
		here->tracer->restart_due = false;
		hear_all_places();
	}
	if (__builtin_expect(!here->frame || (PyObject *)py_frame_code(here->frame) != code, 0))
		return false;
	if (__builtin_expect(!here->tracer->active, 0) && !wake(here->tracer, here->frame, event))
		return false;
	stream_sample_begin(&here->tracer->stream);
	here->thread = thread_get(&here->tracer->threads, python);
	return here->thread != NULL;
}

/* The plan of the code, if it is recorded. */
static inline struct plan *plan_here(const struct here *here)
{
	const struct frame_state *top = thread_top(here->thread);
	struct plan *plan;

	if (top && top->frame == here->frame && (PyObject *)top->code == here->code)
		return top->plan;
	plan = plan_of(here->tracer, here->code);
	return plan && plan->recorded ? plan : NULL;
}

static inline int unit_of(PyObject *offset)
{
	return (int)(shape_small_int(offset) / (int64_t)sizeof(_Py_CODEUNIT));
}

static inline int line_at(const struct plan *plan, PyObject *offset)
{
	return plan_unit_line(plan, unit_of(offset));
}

/* An exception that goes on is where it was raised, not where its way led through. */
static inline int line_of_frame(const struct plan *plan, const py_frame *frame)
{
	return plan_unit_line(plan, py_frame_at(frame));
}

/* After arrive() has said no. A run that has reached its limit rests for good. */
static PyObject *rest(const struct here *here)
{
	return here->tracer->resting && !here->tracer->paused ? never_again() : nothing();
}

static PyObject *on_start(PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	struct plan *plan;
	struct here here;

	(void)self, (void)count, (void)names;
	if (!arrive(&here, arguments[0], ON_START))
		return rest(&here);
	plan = plan_of(here.tracer, here.code);
	if (!plan || !plan->recorded)
		return never_again();
	if (!plan->joined_unit)
		joined_decide(here.tracer, plan, (PyCodeObject *)here.code, unit_of(arguments[1]));
	record_call(here.tracer, here.thread, here.frame, plan);
	if (joined_is_line_due(here.tracer, plan))
		record_line_of_call(here.tracer, here.thread, here.frame, plan, plan->joined_line);
	return nothing();
}

static PyObject *on_resume(
	PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	struct plan *plan;
	struct here here;

	(void)self, (void)count, (void)names;
	if (!arrive(&here, arguments[0], ON_RESUME))
		return rest(&here);
	plan = plan_of(here.tracer, here.code);
	if (!plan || !plan->recorded)
		return never_again();
	record_resume(here.tracer, here.thread, here.frame, plan, line_at(plan, arguments[1]));
	return nothing();
}

static PyObject *on_throw(PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	struct plan *plan;
	struct here here;

	(void)self, (void)count, (void)names;
	if (!arrive(&here, arguments[0], ON_THROW))
		return nothing();
	plan = plan_of(here.tracer, here.code);
	stack_adopt_callers(here.tracer, here.thread, here.frame);
	if (plan && plan->recorded)
		record_resume(
			here.tracer, here.thread, here.frame, plan, line_at(plan, arguments[1]));
	return nothing();
}

static PyObject *leave(PyObject *const *arguments, enum event event, enum item_kind kind)
{
	struct plan *plan;
	struct here here;

	if (!arrive(&here, arguments[0], event))
		return rest(&here);
	plan = plan_here(&here);
	if (!plan)
		return never_again();
	record_leave(here.tracer, here.thread, here.frame, kind, line_at(plan, arguments[1]),
		arguments[2]);
	return nothing();
}

static PyObject *on_return(
	PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	(void)self, (void)count, (void)names;
	return leave(arguments, ON_RETURN, ITEM_RETURN);
}

static PyObject *on_yield(PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	(void)self, (void)count, (void)names;
	return leave(arguments, ON_YIELD, ITEM_YIELD);
}

static PyObject *on_unwind(
	PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	struct plan *plan;
	struct here here;
	bool arrived;

	(void)self, (void)count, (void)names;
	arrived = arrive(&here, arguments[0], ON_UNWIND);
	if (!arrived && here.tracer->resting)
		here.thread = thread_get(&here.tracer->threads, _PyThreadState_GET());
	else if (!arrived)
		return nothing();
	if (here.thread && !py_frame_previous(here.frame))
		failure_write(here.tracer, here.thread, here.frame);
	plan = arrived ? plan_here(&here) : NULL;
	if (plan)
		record_leave(here.tracer, here.thread, here.frame, ITEM_UNWIND,
			line_of_frame(plan, here.frame), NULL);
	return nothing();
}

static void note_failure(const struct here *here, PyObject *value)
{
	PyObject *traceback = PyExceptionInstance_Check(value)
				      ? ((PyBaseExceptionObject *)value)->traceback
				      : NULL;

	failure_note(here->tracer, here->thread, here->frame, value, traceback);
}

static PyObject *on_raise(PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	struct plan *plan;
	struct here here;
	bool arrived;

	(void)self, (void)count, (void)names;
	arrived = arrive(&here, arguments[0], ON_RAISE);
	if (!arrived && here.tracer->resting)
		here.thread = thread_get(&here.tracer->threads, _PyThreadState_GET());
	else if (!arrived)
		return nothing();
	if (here.thread && !py_frame_previous(here.frame))
		note_failure(&here, arguments[2]);
	plan = arrived ? plan_here(&here) : NULL;
	if (plan)
		record_exception(here.tracer, here.thread, here.frame,
			line_of_frame(plan, here.frame), arguments[2]);
	return nothing();
}

/* A generator that a loop or an await goes through has ended: for sys.settrace() an exception. */
static PyObject *on_stop(PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	struct plan *plan;
	struct here here;

	(void)self, (void)count, (void)names;
	if (!arrive(&here, arguments[0], ON_STOP))
		return rest(&here);
	plan = plan_here(&here);
	if (!plan)
		return never_again();
	record_exception(
		here.tracer, here.thread, here.frame, line_at(plan, arguments[1]), arguments[2]);
	return nothing();
}

static PyObject *any_line(PyObject *code, int line)
{
	const struct plan *plan;
	struct here here;

	if (!arrive(&here, code, ON_LINE))
		return rest(&here);
	plan = plan_here(&here);
	if (!plan || joined_is_told(plan, here.frame, line))
		return never_again();
	record_line(here.tracer, here.thread, here.frame, line);
	return nothing();
}

static PyObject *on_line(PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	PyThreadState *python = _PyThreadState_GET();
	struct tracer *tracer = hook_tracer();
	int line = (int)shape_small_int(arguments[1]);
	struct frame_state *state;

	(void)self, (void)count, (void)names;
	/* Its code is that of the frame, which is the innermost. */
	state = record_plain_frame(tracer, python, py_thread_frame(python));
	if (!state || line == state->plan->joined_line ||
		!record_line_of_plain(tracer, state, line))
		return any_line(arguments[0], line);
	return nothing();
}

/* Only a jump back to the line that it stands in is of interest: no other event tells. */
static PyObject *on_jump(PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	struct plan *plan;
	struct here here;
	int line;

	(void)self, (void)count, (void)names;
	if (shape_small_int(arguments[2]) > shape_small_int(arguments[1]))
		return never_again();
	if (!arrive(&here, arguments[0], ON_JUMP))
		return rest(&here);
	plan = plan_here(&here);
	line = plan ? line_at(plan, arguments[2]) : -1;
	if (line < 0 || line != line_at(plan, arguments[1]))
		return never_again();
	record_line(here.tracer, here.thread, here.frame, line);
	return nothing();
}

/* Where a function is called or comes back. Not by arrive(): nothing is recorded now. */
static bool arrive_at_call(struct here *here, PyObject *const *arguments)
{
	PyThreadState *python = _PyThreadState_GET();
	PyObject *function = arguments[2];

	here->tracer = hook_tracer();
	here->frame = py_thread_frame(python);
	here->code = arguments[0];
	if (!here->tracer->active ||
		!(PyCFunction_Check(function) || Py_IS_TYPE(function, &PyMethodDescr_Type)))
		return false;
	here->thread = thread_get(&here->tracer->threads, python);
	return here->thread != NULL;
}

static PyObject *on_c_call(
	PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	PyObject *of = arguments[3] == missing ? NULL : arguments[3];
	struct here here;

	(void)self, (void)count, (void)names;
	if (!arrive_at_call(&here, arguments))
		return rest(&here);
	if (!plan_here(&here))
		return never_again();
	builtins_begin(here.tracer, here.thread, here.frame, arguments[2], of, false);
	return nothing();
}

static PyObject *on_c_end(PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
	struct here here;

	(void)self, (void)count, (void)names;
	if (arrive_at_call(&here, arguments))
		builtins_end(here.tracer, here.thread, here.frame);
	return nothing();
}

static bool use_tool(void)
{
	for (tool = FIRST_TOOL; tool <= LAST_TOOL; tool++) {
		PyObject *result =
			PyObject_CallMethod(monitoring, "use_tool_id", "is", tool, "smiley");

		Py_XDECREF(result);
		if (result)
			return true;
		PyErr_Clear();
	}
	return false;
}

static bool register_one(PyObject *names, int i)
{
	PyObject *number = PyObject_GetAttrString(names, events[i].name);
	PyObject *function = NULL, *result = NULL;

	events[i].number = number ? (int)PyLong_AsLong(number) : 0;
	events[i].method = (PyMethodDef){
		"smiley", (PyCFunction)(void (*)(void))events[i].function, METH_FASTCALL, NULL};
	if (events[i].number > 0)
		function = PyCFunction_New(&events[i].method, NULL);
	if (function) {
		/* The interpreter calls it by this, without a look at the arguments or how deep
		 * the stack is. */
		((PyCFunctionObject *)function)->vectorcall = events[i].function;
		PyObject_GC_UnTrack(function); /* the program's gc.get_objects() */
		result = PyObject_CallMethod(
			monitoring, "register_callback", "iiO", tool, events[i].number, function);
	}
	Py_XDECREF(number);
	Py_XDECREF(function);
	Py_XDECREF(result);
	return result != NULL;
}

static bool register_all(void)
{
	PyObject *names;
	bool done;

	monitoring = Py_XNewRef(PySys_GetObject("monitoring"));
	disable = monitoring ? PyObject_GetAttrString(monitoring, "DISABLE") : NULL;
	missing = disable ? PyObject_GetAttrString(monitoring, "MISSING") : NULL;
	names = missing ? PyObject_GetAttrString(monitoring, "events") : NULL;
	done = names && use_tool();
	for (int i = 0; done && i < EVENTS; i++)
		done = register_one(names, i);
	Py_XDECREF(names);
	PyErr_Clear();
	return done;
}

/* What an event takes before its time (cost.h): a callback that finds nothing to do, and the
 * interpreter's way to it, which is as long again. */
static void calibrate(struct tracer *tracer)
{
	callback *volatile told = on_line;
	PyObject *arguments[] = {Py_None, Py_False};
	int64_t since_ns = 0;

	for (int i = -CALIBRATIONS; i < CALIBRATIONS; i++) {
		if (i == 0)
			since_ns = stream_pause(&tracer->stream);
		Py_XDECREF(told(NULL, arguments, 2, NULL));
	}
	for (int kind = 0; kind < COST_KINDS; kind++)
		tracer->stream.cost.traced_ns[kind] =
			(int32_t)(2 * (stream_pause(&tracer->stream) - since_ns) / CALIBRATIONS);
	tracer->stream.cost.builtin_inside_ns = tracer->stream.cost.traced_ns[COST_LINE];
	tracer->stream.cost.builtin_told_ns = 2 * tracer->stream.cost.traced_ns[COST_LINE];
}

int monitor_begin(struct tracer *tracer, struct err *err)
{
	if (!register_all())
		return err_set(err, ERR_STATE, "sys.monitoring has no place for another tool");
	calibrate(tracer);
	monitor_listen(tracer);
	return 0;
}

#endif
