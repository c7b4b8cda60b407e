/*
 * pycompat_311_internal: frames, code objects and ints of CPython 3.11. Empty
 * in another version's build.
 */
#ifndef SMILEY_TRACER_PYCOMPAT_311_INTERNAL_H
#define SMILEY_TRACER_PYCOMPAT_311_INTERNAL_H

#include "tracer/pycompat_python_internal.h"

#if PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030c0000

typedef _PyInterpreterFrame py_frame;

static inline py_frame *py_frame_of(PyFrameObject *object)
{
	return object->f_frame;
}

static inline PyCodeObject *py_frame_code(const py_frame *frame)
{
	return frame->f_code;
}

/* The frame that called this one; NULL: C code did, and nothing of Python is further out. */
static inline py_frame *py_frame_previous(const py_frame *frame)
{
	return frame->previous;
}

/* The object that Python code sees of it; NULL: none has been made. */
static inline PyFrameObject *py_frame_object(const py_frame *frame)
{
	return frame->frame_obj;
}

/* The innermost frame of a thread. */
static inline py_frame *py_thread_frame(const PyThreadState *thread)
{
	return thread->cframe->current_frame;
}

/* What is in a fast slot; may be NULL. */
static inline PyObject *py_frame_slot(const py_frame *frame, int i)
{
	return frame->localsplus[i];
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

/* Does the frame start now, and not go on behind a yield? */
static inline bool py_frame_starts(const py_frame *frame)
{
	return py_frame_at_resume(frame) &&
	       _Py_OPARG(_PyCode_CODE(frame->f_code)[py_frame_at(frame)]) == 0;
}

/* Does code run that belongs to a generator, coroutine or asynchronous generator? */
static inline bool py_frame_is_generator(const py_frame *frame)
{
	return frame->owner == FRAME_OWNED_BY_GENERATOR;
}

/* Have the fast locals been copied to a dict, from which they can be written back? */
static inline bool py_frame_has_locals_dict(const py_frame *frame)
{
	return frame->frame_obj && frame->frame_obj->f_fast_as_locals;
}

static inline int py_code_slots(const PyCodeObject *code)
{
	return code->co_nlocalsplus;
}

static inline PyObject *py_code_slot_name(const PyCodeObject *code, int i)
{
	return PyTuple_GET_ITEM(code->co_localsplusnames, i);
}

static inline bool py_code_slot_is_cell(const PyCodeObject *code, int i)
{
	return PyBytes_AS_STRING(code->co_localspluskinds)[i] & (CO_FAST_CELL | CO_FAST_FREE);
}

static inline PyObject *py_code_qualname(const PyCodeObject *code)
{
	return code->co_qualname;
}

/* A new reference to the instructions as they were compiled, none specialised. */
static inline PyObject *py_code_bytes(PyCodeObject *code)
{
	return PyCode_GetCode(code);
}

static inline struct py_touched py_touches(const PyCodeObject *code, int opcode, int oparg)
{
	struct py_touched touched = PY_TOUCHES_NOTHING;

	(void)code;
	switch (opcode) {
	case STORE_FAST:
	case DELETE_FAST:
	case STORE_DEREF:
	case DELETE_DEREF:
	case MAKE_CELL:
		touched.stored[0] = oparg;
		break;
	case LOAD_FAST:
		touched.loaded[0] = oparg;
		break;
	default:
		break;
	}
	return touched;
}

/* Changes with every change of the dict, and never repeats for another one; 0: not known. */
static inline uint64_t py_dict_version(PyObject *dict)
{
	return ((PyDictObject *)dict)->ma_version_tag;
}

/* How many digits an int has, negative for a negative one. */
static inline Py_ssize_t py_int_size(PyObject *value)
{
	return Py_SIZE(value);
}

static inline const digit *py_int_digits(PyObject *value)
{
	return ((const PyLongObject *)value)->ob_digit;
}

/* Two's complement, the highest byte first. Negative, and perhaps an error set: no room. */
static inline int py_int_bytes(PyObject *value, uint8_t *bytes, size_t len)
{
	return _PyLong_AsByteArray((PyLongObject *)value, bytes, len, 0, 1);
}

static inline const PyConfig *py_config(PyInterpreterState *interpreter)
{
	return _PyInterpreterState_GetConfig(interpreter);
}

static inline int py_traceback_line(const PyTracebackObject *entry)
{
	PyCodeObject *code = entry->tb_frame->f_frame->f_code;

	/* Later 3.11s, such as 3.11.7, work it out when it is asked for, as 3.12 does. */
	return entry->tb_lineno >= 0 ? entry->tb_lineno : PyCode_Addr2Line(code, entry->tb_lasti);
}

#endif

#endif
