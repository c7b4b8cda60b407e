#include "tracer/signals.h"

#include "tracer/types.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>

#if PY_BY_SITES

static void (*cpython_handler)(int);
static _PyCFunctionFast set_signal; /* _signal.signal() */

/* In the main thread, with the lock held or not. Who takes the lock notes first whose it is now, and
 * then works out the flag for itself: it may change between what is read and set here. */
static void on_signal(int number)
{
	struct _gil_runtime_state *lock = &_PyRuntime.ceval.gil;
	struct _ceval_state *state = &PyInterpreterState_Main()->ceval;
	PyThreadState *mine;

	cpython_handler(number);
	if (!_Py_IsMainThread() || _Py_atomic_load(&lock->locked) != 1 ||
		PyInterpreterState_Head() != PyInterpreterState_Main())
		return; /* in another interpreter this thread is not the one that it is here */
	mine = PyGILState_GetThisThreadState();
	if (!mine || (PyThreadState *)_Py_atomic_load(&lock->last_holder) == mine)
		return;
	_Py_atomic_store(&state->eval_breaker, 0);
	if (_Py_atomic_load(&state->gil_drop_request))
		_Py_atomic_store(&state->eval_breaker, 1);
}

/* Is it CPython's handler, and not that of a library, or of faulthandler, which has other flags? */
static bool is_cpythons(const struct sigaction *action)
{
	Dl_info here, there;

	return !(action->sa_flags & (SA_SIGINFO | SA_RESTART | SA_NODEFER)) &&
	       dladdr((void *)action->sa_handler, &here) && dladdr((void *)PyOS_setsig, &there) &&
	       here.dli_fbase == there.dli_fbase;
}

static void stand_before(int number)
{
	struct sigaction action;

	if (!cpython_handler || sigaction(number, NULL, &action) < 0 ||
		action.sa_handler != cpython_handler)
		return;
	action.sa_handler = on_signal;
	sigaction(number, &action, NULL);
}

/* In the place of _signal.signal's C function. */
static PyObject *on_set_signal(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	PyObject *result = set_signal(self, arguments, count);
	struct sigaction action;
	int number;

	if (!result || !PyLong_Check(arguments[0]) || !PyCallable_Check(arguments[1]))
		return result;
	number = (int)PyLong_AsLong(arguments[0]);
	if (sigaction(number, NULL, &action) == 0 && action.sa_handler != on_signal)
		cpython_handler = action.sa_handler; /* it has just been set */
	stand_before(number);
	return result;
}

/* Has the program, or the interpreter, a handler in Python for it? */
static bool is_handled(PyObject *module, const PyMethodDef *get_signal, int number)
{
	PyObject *asked = PyLong_FromLong(number);
	PyObject *handler = asked ? get_signal->ml_meth(module, asked) : NULL;
	bool handled = handler && PyCallable_Check(handler);

	Py_XDECREF(handler);
	Py_XDECREF(asked);
	PyErr_Clear();
	return handled;
}

void signals_prepare(void)
{
	PyObject *module = str_dict_get(py_modules(), "_signal");
	PyMethodDef *get = module_method(module, "getsignal", METH_O);
	PyMethodDef *set = module_method(module, "signal", METH_FASTCALL);
	struct sigaction action;

	if (!get || !set || set_signal)
		return;
	set_signal = (_PyCFunctionFast)(void (*)(void))set->ml_meth;
	set->ml_meth = (PyCFunction)(void (*)(void))on_set_signal;
	for (int number = 1; number < NSIG && !cpython_handler; number++)
		if (is_handled(module, get, number) && sigaction(number, NULL, &action) == 0 &&
			is_cpythons(&action))
			cpython_handler = action.sa_handler;
	for (int number = 1; number < NSIG; number++)
		stand_before(number);
}

#endif
