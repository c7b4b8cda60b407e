/*
 * pycompat_internal: everything that depends on the interpreter's version. Only files of
 * tracer/ include it. This build: CPython 3.11, whose internal frame layout is the same
 * in all its patch releases (design notes, "Embedding or injecting").
 */
#ifndef SMILEY_TRACER_PYCOMPAT_INTERNAL_H
#define SMILEY_TRACER_PYCOMPAT_INTERNAL_H

#define PY_SSIZE_T_CLEAN
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <Python.h>
#define Py_BUILD_CORE 1
#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_opcode.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_pystate.h>
#undef Py_BUILD_CORE
#include <frameobject.h>
#include <opcode.h>
#pragma GCC diagnostic pop

#include <stdbool.h>

#if PY_VERSION_HEX < 0x030b0000 || PY_VERSION_HEX >= 0x030c0000
#error "this tracer is built for CPython 3.11"
#endif

typedef _PyInterpreterFrame py_frame;

/* Of use_tracing: the interpreter tells of every line, call and return. */
#define PY_TELL_ALL 255

static inline py_frame *py_frame_of(PyFrameObject *object)
{
	return object->f_frame;
}

/* Index, in code units, of the instruction that the frame is at; negative before the first. */
static inline int py_frame_at(const py_frame *frame)
{
	return _PyInterpreterFrame_LASTI(frame);
}

/* Is the frame at the instruction that begins or resumes it? */
static inline bool py_frame_at_resume(const py_frame *frame)
{
	int at = py_frame_at(frame);
	int opcode = at < 0 ? -1 : _Py_OPCODE(_PyCode_CODE(frame->f_code)[at]);

	return opcode == RESUME || opcode == RESUME_QUICK;
}

/* Is it at a yield (yield, await, yield from)? No specialised form of it exists in 3.11. */
static inline bool py_frame_at_yield(const py_frame *frame)
{
	int at = py_frame_at(frame);

	return at >= 0 && _Py_OPCODE(_PyCode_CODE(frame->f_code)[at]) == YIELD_VALUE;
}

static inline int py_frame_oparg(const py_frame *frame)
{
	return _Py_OPARG(_PyCode_CODE(frame->f_code)[py_frame_at(frame)]);
}

/* Does the frame start now, and not go on behind a yield? */
static inline bool py_frame_starts(const py_frame *frame)
{
	return py_frame_at_resume(frame) && py_frame_oparg(frame) == 0;
}

/* Does code run that belongs to a generator, coroutine or asynchronous generator? */
static inline bool py_frame_is_generator(const py_frame *frame)
{
	return frame->owner == FRAME_OWNED_BY_GENERATOR;
}

/* The line of the event that is being delivered: the interpreter sets it just before. */
static inline int py_event_line(const PyFrameObject *object)
{
	return object->f_lineno;
}

/* The value in fast slot i; cell contents for cell and free variables; may be NULL. */
static inline PyObject *py_frame_local(const py_frame *frame, int i, bool is_cell)
{
	PyObject *value = frame->localsplus[i];

	if (is_cell && value && PyCell_Check(value))
		return PyCell_GET(value);
	return value;
}

/* Have the fast locals been copied to a dict, from which they can be written back? */
static inline bool py_frame_has_locals_dict(const py_frame *frame)
{
	return frame->frame_obj && frame->frame_obj->f_fast_as_locals;
}

/* A module's or class body's names live in a dict: that dict, or NULL for fast locals or
 * another mapping (which could run the user's code). */
static inline PyObject *py_frame_names(const py_frame *frame)
{
	if (frame->f_code->co_flags & CO_OPTIMIZED)
		return NULL;
	return frame->f_locals && PyDict_Check(frame->f_locals) ? frame->f_locals : NULL;
}

/* Changes with every change of the dict, and never repeats for another one. */
static inline uint64_t py_dict_version(PyObject *dict)
{
	return ((PyDictObject *)dict)->ma_version_tag;
}

static inline void py_thread_trace(PyThreadState *thread, Py_tracefunc function)
{
	_PyEval_SetTrace(thread, function, NULL);
}

/* Puts our function in the place of the program's own, whose object stays visible by
 * sys.gettrace(). */
static inline void py_thread_set_function(PyThreadState *thread, Py_tracefunc function)
{
	thread->c_tracefunc = function;
	if (thread->tracing)
		return; /* inside a trace function: the interpreter sets it when that ends */
	thread->cframe->use_tracing =
		(thread->c_tracefunc != NULL || thread->c_profilefunc != NULL) ? PY_TELL_ALL : 0;
}

#endif
