#include "tracer/install.h"

#include "tracer/disguise.h"
#include "tracer/evaluator.h"
#include "tracer/instrument.h"
#include "tracer/types.h"

#include <string.h>

#if PY_BY_SITES

#define ARGUMENTS 8 /* more than exec() and eval() take */

static struct install install;
static _PyCFunctionFastWithKeywords exec_function;
static _PyCFunctionFast eval_function;
static newfunc function_new;
static setter function_set_code;

/* Twins, owned, of what C is about to run. More than one: audit hooks of the program's run
 * between the event and the code. */
#define DUE 8
static struct {
	PyCodeObject *twins[DUE];
	int count;
} due;

static void forget_last_due(void)
{
	PyCodeObject *twin = due.twins[--due.count];

	if (due.count == 0)
		evaluator_unwatch(EVALUATOR_INSTALL);
	Py_DECREF(twin);
}

/* A new reference: the twin, or the object itself. */
static PyObject *twin_of(PyObject *object)
{
	PyCodeObject *code = (PyCodeObject *)object, *twin = NULL;

	if (PyCode_Check(object) && !instrument_original(code) && install.wanted(code)) {
		twin = instrument_code(code);
		install.made();
		if (!twin)
			install.failed(code);
	}
	if (twin)
		return (PyObject *)twin;
	Py_INCREF(object);
	return object;
}

static PyObject *on_exec(
	PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
	Py_ssize_t all = count + (names ? PyTuple_GET_SIZE(names) : 0);
	PyObject *copy[ARGUMENTS], *result;

	if (count == 0 || all > ARGUMENTS || !PyCode_Check(arguments[0]))
		return exec_function(self, arguments, count, names);
	memcpy(copy, arguments, (size_t)all * sizeof(copy[0]));
	copy[0] = twin_of(arguments[0]);
	result = exec_function(self, copy, count, names);
	Py_DECREF(copy[0]);
	return result;
}

static PyObject *on_eval(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	PyObject *copy[ARGUMENTS], *result;

	if (count == 0 || count > ARGUMENTS || !PyCode_Check(arguments[0]))
		return eval_function(self, arguments, count);
	memcpy(copy, arguments, (size_t)count * sizeof(copy[0]));
	copy[0] = twin_of(arguments[0]);
	result = eval_function(self, copy, count);
	Py_DECREF(copy[0]);
	return result;
}

/* function(code, globals, ...): a new reference to the arguments with the twin in them. */
static PyObject *with_twin(PyObject *arguments)
{
	Py_ssize_t count = PyTuple_GET_SIZE(arguments);
	PyObject *copy = PyTuple_New(count);

	for (Py_ssize_t i = 0; copy && i < count; i++) {
		PyObject *argument = PyTuple_GET_ITEM(arguments, i);

		if (i > 0)
			Py_INCREF(argument);
		PyTuple_SET_ITEM(copy, i, i == 0 ? twin_of(argument) : argument);
	}
	return copy;
}

static PyObject *on_function_new(PyTypeObject *type, PyObject *arguments, PyObject *named)
{
	PyObject *copy, *result;

	if (PyTuple_GET_SIZE(arguments) == 0) {
		PyObject *code = named ? PyDict_GetItemString(named, "code") : NULL;
		PyObject *twin = code ? twin_of(code) : NULL;

		copy = named ? PyDict_Copy(named) : NULL;
		if (twin && copy && PyDict_SetItemString(copy, "code", twin) == 0)
			result = function_new(type, arguments, copy);
		else
			result = function_new(type, arguments, named);
		Py_XDECREF(twin);
		Py_XDECREF(copy);
		return result;
	}
	copy = with_twin(arguments);
	if (!copy)
		return NULL;
	result = function_new(type, copy, named);
	Py_DECREF(copy);
	return result;
}

static int on_set_code(PyObject *self, PyObject *value, void *closure)
{
	PyObject *twin = value ? twin_of(value) : NULL;
	int result = function_set_code(self, twin, closure);

	Py_XDECREF(twin);
	return result;
}

static PyMethodDef *builtin_method(const char *name, int flags)
{
	PyObject *found = str_dict_get(PyEval_GetBuiltins(), name);
	PyMethodDef *method =
		found && PyCFunction_CheckExact(found) ? ((PyCFunctionObject *)found)->m_ml : NULL;

	return method && method->ml_flags == flags ? method : NULL;
}

bool install_begin(const struct install *wanted)
{
	PyMethodDef *exec = builtin_method("exec", METH_FASTCALL | METH_KEYWORDS);
	PyMethodDef *eval = builtin_method("eval", METH_FASTCALL);
	PyGetSetDef *code = disguise_descriptor(&PyFunction_Type, "__code__");

	if (!exec || !eval || !code || !disguise_put_on())
		return false;
	install = *wanted;
	exec_function = (_PyCFunctionFastWithKeywords)(void (*)(void))exec->ml_meth;
	exec->ml_meth = (PyCFunction)(void (*)(void))on_exec;
	eval_function = (_PyCFunctionFast)(void (*)(void))eval->ml_meth;
	eval->ml_meth = (PyCFunction)(void (*)(void))on_eval;
	function_new = PyFunction_Type.tp_new;
	PyFunction_Type.tp_new = on_function_new;
	function_set_code = code->set;
	code->set = on_set_code;
	return true;
}

/* As on_set_code(), of which the program's audit hooks would hear. */
static void install_in_function(PyFunctionObject *function)
{
	PyObject *code = function->func_code;

	function->func_code = twin_of(code);
	if (function->func_code != code)
		function->func_version = 0; /* who calls it, looks at it anew */
	Py_DECREF(code);
}

static void install_in_generation(PyGC_Head *list)
{
	for (PyGC_Head *at = _PyGCHead_NEXT(list); at != list; at = _PyGCHead_NEXT(at)) {
		PyObject *object = (PyObject *)(at + 1);

		if (PyFunction_Check(object))
			install_in_function((PyFunctionObject *)object);
	}
}

void install_functions(void)
{
	struct _gc_runtime_state *state = &_PyInterpreterState_GET()->gc;
	struct py_collector held = py_collector_hold();

	for (int i = 0; i < NUM_GENERATIONS; i++)
		install_in_generation(&state->generations[i].head);
	py_collector_let_go(held);
}

/* Is this the frame of what was announced? Then all that was announced later does not run any
 * more: an audit hook has said no to it. */
static PyCodeObject *on_frame(PyThreadState *python, const py_frame *frame)
{
	PyCodeObject *twin = NULL;
	int i = due.count - 1;

	(void)python;
	while (i >= 0 && instrument_original(due.twins[i]) != frame->f_code)
		i--;
	if (i < 0)
		return NULL;
	twin = due.twins[i];
	Py_INCREF(twin);
	while (due.count > i)
		forget_last_due();
	return twin;
}

void install_exec(PyObject *code)
{
	PyObject *twin = PyCode_Check(code) ? twin_of(code) : NULL;

	if (!twin || twin == code) {
		Py_XDECREF(twin);
		return;
	}
	if (due.count == DUE)
		forget_last_due();
	due.twins[due.count++] = (PyCodeObject *)twin;
	evaluator_watch(EVALUATOR_INSTALL, on_frame);
}

#endif
