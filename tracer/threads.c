#include "tracer/threads.h"

#include "tracer/builtins.h"
#include "tracer/control.h"
#include "tracer/engine.h"
#include "tracer/evaluator.h"
#include "tracer/hook.h"
#include "tracer/monitor.h"
#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"

#include <stdio.h>
#include <string.h>

#if PY_BY_TRACE_FUNCTION

#define EVALUATIONS 100000 /* frames after which waiting for a thread that ended is over */

/* Lines of frames that we did not want are the program's tracer's to see. */
static void show_lines_of_stack(PyThreadState *python)
{
	for (py_frame *frame = py_thread_frame(python); frame; frame = py_frame_previous(frame))
		if (py_frame_object(frame))
			py_frame_object(frame)->f_trace_lines = 1;
}

/* Are our functions in front of what the thread has? */
static bool is_taken(const struct tracer *tracer, const PyThreadState *python)
{
	return python->c_tracefunc == hook_event &&
	       (!tracer->options.profile_builtins || python->c_profilefunc == builtins_event);
}

/* Puts them there. */
static void take_over(struct tracer *tracer, PyThreadState *python)
{
	struct thread_state *thread;

	if (!tracer_lives(tracer) || python->interp != PyInterpreterState_Main() ||
		is_taken(tracer, python))
		return;
	thread = thread_get_slow(&tracer->threads, python);
	if (!thread)
		return;
	stream_unready(&tracer->stream);
	if (python->c_tracefunc != hook_event) {
		thread->user_function = python->c_tracefunc;
		if (thread->user_function)
			show_lines_of_stack(python);
		py_thread_set_function(python, hook_event);
	}
	if (tracer->options.profile_builtins && python->c_profilefunc != builtins_event) {
		thread->user_profile = python->c_profilefunc;
		py_thread_set_profile(python, builtins_event);
	}
	if (tracer->engine_on && !py_thread_frame(python) && !python->c_profilefunc &&
		!thread->user_function)
		python->cframe->use_tracing = 0; /* it has not run yet: sites will tell */
}

/* Until this thread's next Python call. */
static PyCodeObject *on_frame(PyThreadState *python, const py_frame *frame)
{
	struct tracer *tracer = hook_tracer();
	bool take = tracer && !is_taken(tracer, python) && !python->tracing;

	(void)frame;
	if (take)
		take_over(tracer, python);
	if (!tracer || take || --tracer->evaluations <= 0)
		evaluator_unwatch(EVALUATOR_THREADS);
	return NULL;
}

static void watch_frames(struct tracer *tracer)
{
	tracer->evaluations = EVALUATIONS;
	evaluator_watch(EVALUATOR_THREADS, on_frame);
}

static int take_over_main(void *context)
{
	struct tracer *tracer = hook_tracer();

	(void)context;
	if (tracer)
		take_over(tracer, _PyThreadState_GET());
	return 0;
}

#endif

/* Called with an exception possibly set, and before the event: only notes what to do. */
static int on_audit(const char *event, PyObject *arguments, void *context)
{
	struct tracer *tracer = hook_tracer();

	(void)context;
	if (tracer && strcmp(event, CONTROL_EVENT) == 0)
		control_answer(arguments);
	if (!tracer || !(tracer->active || tracer->paused))
		return 0;
	engine_audit(tracer, event, arguments);
	if (strcmp(event, "object.__setattr__") == 0 || strncmp(event, "gc.", 3) == 0)
		tracer_doubt(tracer); /* __class__ is set; gc hands out what it knows */
#if PY_BY_MONITORING
	if (strcmp(event, "sys.settrace") == 0)
		monitor_hear_trace_function(tracer);
#else
	if (strcmp(event, "sys.settrace") == 0 ||
		(tracer->options.profile_builtins && strcmp(event, "sys.setprofile") == 0)) {
		if (PyThread_get_thread_ident() != tracer->main_ident ||
			Py_AddPendingCall(take_over_main, NULL) < 0)
			watch_frames(tracer);
	}
#endif
	return 0;
}

#if PY_BY_TRACE_FUNCTION

/* In the place of _thread.start_new_thread's C function. */
static PyObject *start_new_thread(PyObject *self, PyObject *arguments)
{
	struct tracer *tracer = hook_tracer();
	PyObject *result = tracer->start_new_thread(self, arguments);

	if (result && (tracer->active || tracer->paused))
		threads_adopt(tracer); /* the new one waits for the lock that we hold */
	return result;
}

/* CPython up to 3.11 tells nobody of a new thread. The function object that the program sees
 * stays the same: only the C function in its method table is another. */
static void hear_new_threads(struct tracer *tracer)
{
	PyMethodDef *method = module_method(
		str_dict_get(py_modules(), "_thread"), "start_new_thread", METH_VARARGS);

	if (!method)
		return;
	tracer->start_new_thread = method->ml_meth;
	method->ml_meth = start_new_thread;
}

/* In the place of sys.setprofile's C function, whose own end must not be told to the profile function
 * that it sets. */
static PyObject *set_profile(PyObject *self, PyObject *function)
{
	struct tracer *tracer = hook_tracer();
	PyObject *result = tracer->set_profile(self, function);

	if (result)
		take_over(tracer, _PyThreadState_GET());
	return result;
}

static void hear_profile_functions(struct tracer *tracer)
{
	PyMethodDef *method =
		module_method(str_dict_get(py_modules(), "sys"), "setprofile", METH_O);

	if (!method)
		return;
	tracer->set_profile = method->ml_meth;
	method->ml_meth = set_profile;
}

void threads_adopt(struct tracer *tracer)
{
	PyThreadState *python = PyInterpreterState_ThreadHead(PyInterpreterState_Main());

	for (; python; python = PyThreadState_Next(python))
		if (!python->c_tracefunc && !python->tracing)
			take_over(tracer, python);
}

void threads_prepare(struct tracer *tracer)
{
	PySys_AddAuditHook(on_audit, NULL);
	hear_new_threads(tracer);
	if (tracer->options.profile_builtins)
		hear_profile_functions(tracer);
}

void threads_tell(struct tracer *tracer)
{
	PyThreadState *python = PyInterpreterState_ThreadHead(PyInterpreterState_Main());

	for (; python; python = PyThreadState_Next(python)) {
		if (python->c_tracefunc == hook_event)
			py_thread_set_function(python, hook_event);
		else
			take_over(tracer, python);
	}
}

int threads_detach(struct tracer *tracer, PyThreadState *python, PyObject *self,
	PyFrameObject *object, int what, PyObject *argument)
{
	struct thread_state *thread = thread_get_slow(&tracer->threads, python);
	Py_tracefunc user = thread ? thread->user_function : NULL;

	if (thread && python->c_profilefunc == builtins_event)
		py_thread_set_profile(python, thread->user_profile);
	py_thread_set_function(python, user);
	return user ? user(self, object, what, argument) : 0;
}

int threads_call_user(struct thread_state *thread, PyObject *self, PyFrameObject *object, int what,
	PyObject *argument)
{
	return thread->user_function(self, object, what, argument);
}

#else

void threads_adopt(struct tracer *tracer)
{
	(void)tracer; /* all threads are */
}

void threads_prepare(struct tracer *tracer)
{
	(void)tracer;
	PySys_AddAuditHook(on_audit, NULL);
}

#endif

/* The Thread object that threading has for this ident. Borrowed or NULL. */
static PyObject *threading_object(unsigned long ident)
{
	PyObject *module = str_dict_get(py_modules(), "threading");
	PyObject *active = module && PyModule_CheckExact(module)
				   ? str_dict_get(PyModule_GetDict(module), "_active")
				   : NULL;
	PyObject *key, *value;
	Py_ssize_t at = 0;

	if (!active || !PyDict_CheckExact(active))
		return NULL;
	while (PyDict_Next(active, &at, &key, &value))
		if (PyLong_CheckExact(key) && PyLong_AsUnsignedLongMask(key) == ident)
			return value;
	return NULL;
}

struct name *threads_name(struct tracer *tracer, struct thread_state *thread)
{
	PyObject *object, **dict;
	char text[512];
	size_t len = 0;

	if (thread->name && thread->name_known)
		return thread->name;
	object = threading_object(thread->ident);
	dict = object ? _PyObject_GetDictPtr(object) : NULL;
	if (dict)
		len = unicode_copy(str_dict_get(*dict, "_name"), text, sizeof(text));
	thread->name_known = len > 0;
	if (len == 0 && thread->name)
		return thread->name;
	if (len == 0)
		len = (size_t)snprintf(text, sizeof(text),
			thread->python->thread_id == tracer->main_ident ? "MainThread"
									: "Dummy-%lld",
			(long long)thread->number);
	thread->name = names_intern(&tracer->names, text, len);
	return thread->name;
}
