#include "tracer/disguise.h"

#include "tracer/instrument.h"
#include "tracer/types.h"

#if PY_BY_SITES

/* The C functions that ours stand in for. */
static getter function_code, frame_code, frame_lasti;
static PyCFunction gc_get_referents;

/* Takes a reference to a code object, gives one to its original. */
static PyObject *original_of(PyObject *code)
{
	PyCodeObject *original =
		code && PyCode_Check(code) ? instrument_original((PyCodeObject *)code) : NULL;

	if (!original)
		return code;
	Py_INCREF(original);
	Py_DECREF(code);
	return (PyObject *)original;
}

static PyObject *get_function_code(PyObject *self, void *closure)
{
	return original_of(function_code(self, closure));
}

static PyObject *get_frame_code(PyObject *self, void *closure)
{
	return original_of(frame_code(self, closure));
}

/* Places are told in bytes; -1: none. */
static PyObject *original_lasti(PyCodeObject *code, int lasti)
{
	const int unit = (int)sizeof(_Py_CODEUNIT);

	if (lasti >= 0) /* the program can make one that lies within a unit */
		lasti = instrument_original_unit(code, lasti / unit) * unit + lasti % unit;
	return PyLong_FromLong(lasti);
}

static PyObject *get_frame_lasti(PyObject *self, void *closure)
{
	PyFrameObject *frame = (PyFrameObject *)self;

	if (!instrument_original(frame->f_frame->f_code))
		return frame_lasti(self, closure);
	return original_lasti(frame->f_frame->f_code, PyFrame_GetLasti(frame));
}

static PyObject *get_traceback_lasti(PyObject *self, void *closure)
{
	const PyTracebackObject *traceback = (const PyTracebackObject *)self;

	(void)closure;
	return original_lasti(traceback->tb_frame->f_frame->f_code, traceback->tb_lasti);
}

/* Of a generator, coroutine or asynchronous generator: their structs begin alike. */
static PyObject *get_generator_code(PyObject *self, void *name)
{
	PyObject *code = (PyObject *)((PyGenObject *)self)->gi_code;

	if (PySys_Audit("object.__getattr__", "Os", self, (const char *)name) < 0)
		return NULL;
	Py_INCREF(code);
	return original_of(code);
}

/* What frames and generators take; in the order of enum sized. */
enum sized {
	SIZED_FRAME,
	SIZED_GENERATOR,
	SIZED_COROUTINE,
	SIZED_ASYNC_GENERATOR,
	SIZED_COUNT
};
static PyCFunction sizeof_functions[SIZED_COUNT];

static PyObject *sizeof_original(enum sized sized, PyObject *self, const PyCodeObject *code)
{
	PyObject *size = sizeof_functions[sized](self, NULL);
	const PyCodeObject *original = instrument_original(code);
	Py_ssize_t more;

	if (!size || !original)
		return size;
	more = (Py_ssize_t)sizeof(PyObject *) * (code->co_stacksize - original->co_stacksize);
	more = PyLong_AsSsize_t(size) - more;
	Py_DECREF(size);
	return PyLong_FromSsize_t(more);
}

static PyObject *sizeof_frame(PyObject *self, PyObject *nothing)
{
	(void)nothing;
	return sizeof_original(SIZED_FRAME, self, ((PyFrameObject *)self)->f_frame->f_code);
}

static PyObject *sizeof_generator(PyObject *self, PyObject *nothing)
{
	enum sized sized = PyGen_CheckExact(self)    ? SIZED_GENERATOR
			   : PyCoro_CheckExact(self) ? SIZED_COROUTINE
						     : SIZED_ASYNC_GENERATOR;

	(void)nothing;
	return sizeof_original(sized, self, ((PyGenObject *)self)->gi_code);
}

/* A type without the method counts its objects otherwise: nothing of a twin's shows. */
static void replace_sizeof(enum sized sized, PyTypeObject *type, PyCFunction function)
{
	PyObject *found = str_dict_get(type->tp_dict, "__sizeof__");
	PyMethodDef *method = found && Py_IS_TYPE(found, &PyMethodDescr_Type)
				      ? ((PyMethodDescrObject *)found)->d_method
				      : NULL;

	if (!method || method->ml_flags != METH_NOARGS)
		return;
	sizeof_functions[sized] = method->ml_meth;
	method->ml_meth = function;
}

/* gc.get_referents(): a function refers to its code. */
static PyObject *get_referents(PyObject *self, PyObject *objects)
{
	PyObject *found = gc_get_referents(self, objects);

	for (Py_ssize_t i = 0; found && i < PyList_GET_SIZE(found); i++)
		PyList_SET_ITEM(found, i, original_of(PyList_GET_ITEM(found, i)));
	return found;
}

static void replace_get_referents(void)
{
	PyObject *gc = module_for_a_moment("gc");
	PyMethodDef *method = module_method(gc, "get_referents", METH_VARARGS);

	if (method) {
		gc_get_referents = method->ml_meth;
		method->ml_meth = get_referents;
	}
	module_let_go("gc", gc);
}

static PyGetSetDef traceback_lasti = {"tb_lasti", get_traceback_lasti, NULL, NULL, NULL};
static PyGetSetDef generator_codes[] = {
	{"gi_code", get_generator_code, NULL, NULL, (void *)(uintptr_t) "gi_code"},
	{"cr_code", get_generator_code, NULL, NULL, (void *)(uintptr_t) "cr_code"},
	{"ag_code", get_generator_code, NULL, NULL, (void *)(uintptr_t) "ag_code"},
};

PyGetSetDef *disguise_descriptor(void *type, const char *name)
{
	PyObject *found = str_dict_get(((PyTypeObject *)type)->tp_dict, name);

	return found && Py_IS_TYPE(found, &PyGetSetDescr_Type)
		       ? ((PyGetSetDescrObject *)found)->d_getset
		       : NULL;
}

static bool replace_member(PyTypeObject *type, PyGetSetDef *definition)
{
	PyObject *found = str_dict_get(type->tp_dict, definition->name);
	PyObject *descriptor;
	bool done;

	if (!found || !Py_IS_TYPE(found, &PyMemberDescr_Type))
		return false;
	descriptor = PyDescr_NewGetSet(type, definition);
	done = descriptor && PyDict_SetItemString(type->tp_dict, definition->name, descriptor) == 0;
	Py_XDECREF(descriptor);
	PyType_Modified(type);
	return done;
}

bool disguise_put_on(void)
{
	PyGetSetDef *function = disguise_descriptor(&PyFunction_Type, "__code__");
	PyGetSetDef *code = disguise_descriptor(&PyFrame_Type, "f_code");
	PyGetSetDef *lasti = disguise_descriptor(&PyFrame_Type, "f_lasti");

	if (!function || !code || !lasti || !replace_member(&PyTraceBack_Type, &traceback_lasti) ||
		!replace_member(&PyGen_Type, &generator_codes[0]) ||
		!replace_member(&PyCoro_Type, &generator_codes[1]) ||
		!replace_member(&PyAsyncGen_Type, &generator_codes[2])) {
		PyErr_Clear();
		return false;
	}
	replace_sizeof(SIZED_FRAME, &PyFrame_Type, sizeof_frame);
	replace_sizeof(SIZED_GENERATOR, &PyGen_Type, sizeof_generator);
	replace_sizeof(SIZED_COROUTINE, &PyCoro_Type, sizeof_generator);
	replace_sizeof(SIZED_ASYNC_GENERATOR, &PyAsyncGen_Type, sizeof_generator);
	replace_get_referents();
	function_code = function->get;
	frame_code = code->get;
	frame_lasti = lasti->get;
	function->get = get_function_code;
	code->get = get_frame_code;
	lasti->get = get_frame_lasti;
	return true;
}

#endif
