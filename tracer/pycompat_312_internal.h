/*
 * pycompat_312_internal: frames, code objects and ints of CPython 3.12 and 3.13. What a function
 * means stands in pycompat_311_internal.h. Empty in another version's build.
 */
#ifndef SMILEY_TRACER_PYCOMPAT_312_INTERNAL_H
#define SMILEY_TRACER_PYCOMPAT_312_INTERNAL_H

#include "tracer/pycompat_python_internal.h"

#if PY_VERSION_HEX >= 0x030c0000

typedef struct _PyInterpreterFrame py_frame;

static inline py_frame *py_frame_of(PyFrameObject *object)
{
	return object->f_frame;
}

static inline PyCodeObject *py_frame_code(const py_frame *frame)
{
#if PY_VERSION_HEX >= 0x030d0000
	return (PyCodeObject *)frame->f_executable;
#else
	return frame->f_code;
#endif
}

/* Each loop of the interpreter has a frame of its own on the C stack, which runs nothing. */
static inline py_frame *py_frame_of_code(py_frame *frame)
{
	while (frame && frame->owner == FRAME_OWNED_BY_CSTACK)
		frame = frame->previous;
	return frame;
}

static inline py_frame *py_frame_previous(const py_frame *frame)
{
	return py_frame_of_code(frame->previous);
}

static inline py_frame *py_thread_frame(const PyThreadState *thread)
{
#if PY_VERSION_HEX >= 0x030d0000
	return py_frame_of_code(thread->current_frame);
#else
	return py_frame_of_code(thread->cframe->current_frame);
#endif
}

/* The code unit that the frame is at. */
static inline int py_frame_at(const py_frame *frame)
{
#if PY_VERSION_HEX >= 0x030d0000
	return (int)(frame->instr_ptr - _PyCode_CODE(py_frame_code(frame)));
#else
	return (int)(frame->prev_instr - _PyCode_CODE(py_frame_code(frame)));
#endif
}

static inline bool py_frame_is_generator(const py_frame *frame)
{
	return frame->owner == FRAME_OWNED_BY_GENERATOR;
}

static inline PyObject *py_frame_slot(const py_frame *frame, int i)
{
	return frame->localsplus[i];
}

/* From 3.13 on, who has the frame object writes through its f_locals. */
static inline bool py_frame_has_locals_dict(const py_frame *frame)
{
#if PY_VERSION_HEX >= 0x030d0000
	return frame->frame_obj != NULL;
#else
	return frame->frame_obj && frame->frame_obj->f_fast_as_locals;
#endif
}

/* Does the program want to be told of each instruction of the frame? */
static inline bool py_frame_traces_opcodes(const py_frame *frame)
{
	return frame->frame_obj && frame->frame_obj->f_trace_opcodes;
}

static inline int py_code_slots(const PyCodeObject *code)
{
	return code->co_nlocalsplus;
}

/* NULL: a variable that no Python code sees, of a comprehension in a module or class. */
static inline PyObject *py_code_slot_name(const PyCodeObject *code, int i)
{
	if (PyBytes_AS_STRING(code->co_localspluskinds)[i] & CO_FAST_HIDDEN)
		return NULL;
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

static inline PyObject *py_code_bytes(PyCodeObject *code)
{
	return PyCode_GetCode(code);
}

/* Is the interpreter to tell of a line at this code unit? */
static inline bool py_code_tells_line(PyCodeObject *code, int unit)
{
	return _PyCode_CODE(code)[unit].op.code == INSTRUMENTED_LINE;
}

static inline struct py_touched py_touches(const PyCodeObject *code, int opcode, int oparg)
{
	struct py_touched touched = PY_TOUCHES_NOTHING;

	(void)code;
	switch (opcode) {
	case LOAD_FAST_AND_CLEAR: /* before and behind a comprehension in line */
		touched.loaded[0] = touched.stored[0] = oparg;
		break;
	case STORE_FAST:
	case DELETE_FAST:
	case STORE_DEREF:
	case DELETE_DEREF:
	case MAKE_CELL:
		touched.stored[0] = oparg;
		break;
	case LOAD_FAST:
	case LOAD_FAST_CHECK:
		touched.loaded[0] = oparg;
		break;
#if PY_VERSION_HEX >= 0x030d0000
	case LOAD_FAST_LOAD_FAST:
		touched.loaded[0] = oparg >> 4;
		touched.loaded[1] = oparg & 15;
		break;
	case STORE_FAST_LOAD_FAST:
		touched.stored[0] = oparg >> 4;
		touched.loaded[0] = oparg & 15;
		break;
	case STORE_FAST_STORE_FAST:
		touched.stored[0] = oparg >> 4;
		touched.stored[1] = oparg & 15;
		break;
#endif
	default:
		break;
	}
	return touched;
}

/* Its lowest bits say who watches the dict, in this version: that it changes then is as well. */
static inline uint64_t py_dict_version(PyObject *dict)
{
	return ((PyDictObject *)dict)->ma_version_tag;
}

static inline Py_ssize_t py_int_size(PyObject *value)
{
	uintptr_t tag = ((const PyLongObject *)value)->long_value.lv_tag;

	return (1 - (Py_ssize_t)(tag & _PyLong_SIGN_MASK)) *
	       (Py_ssize_t)(tag >> _PyLong_NON_SIZE_BITS);
}

static inline const digit *py_int_digits(PyObject *value)
{
	return ((const PyLongObject *)value)->long_value.ob_digit;
}

static inline int py_int_bytes(PyObject *value, uint8_t *bytes, size_t len)
{
#if PY_VERSION_HEX >= 0x030d0000
	return _PyLong_AsByteArray((PyLongObject *)value, bytes, len, 0, 1, 0);
#else
	return _PyLong_AsByteArray((PyLongObject *)value, bytes, len, 0, 1);
#endif
}

static inline const PyConfig *py_config(PyInterpreterState *interpreter)
{
	return &interpreter->config;
}

/* From 3.12 on worked out when it is asked for. */
static inline int py_traceback_line(const PyTracebackObject *entry)
{
	PyCodeObject *code = py_frame_code(entry->tb_frame->f_frame);

	return entry->tb_lineno >= 0 ? entry->tb_lineno : PyCode_Addr2Line(code, entry->tb_lasti);
}

#endif

#endif
