/*
 * pycompat_310_internal: frames, code objects and ints of CPython 3.10, in which a frame is the
 * object that Python code sees. What a function means stands in pycompat_311_internal.h. Empty
 * in another version's build.
 */
#ifndef SMILEY_TRACER_PYCOMPAT_310_INTERNAL_H
#define SMILEY_TRACER_PYCOMPAT_310_INTERNAL_H

#include "tracer/pycompat_python_internal.h"

#if PY_VERSION_HEX < 0x030b0000

typedef PyFrameObject py_frame;

static inline py_frame *py_frame_of(PyFrameObject *object)
{
	return object;
}

static inline PyCodeObject *py_frame_code(const py_frame *frame)
{
	return frame->f_code;
}

static inline py_frame *py_frame_previous(const py_frame *frame)
{
	return frame->f_back;
}

static inline PyFrameObject *py_frame_object(py_frame *frame)
{
	return frame;
}

static inline py_frame *py_thread_frame(const PyThreadState *thread)
{
	return thread->frame;
}

static inline PyObject *py_frame_slot(const py_frame *frame, int i)
{
	return frame->f_localsplus[i];
}

static inline int py_frame_at(const py_frame *frame)
{
	return frame->f_lasti;
}

static inline bool py_frame_starts(const py_frame *frame)
{
	return frame->f_lasti < 0;
}

static inline bool py_frame_is_generator(const py_frame *frame)
{
	return frame->f_gen != NULL;
}

/* Asked while a generator's frame is left with a value: `yield from` has stepped back. */
static inline bool py_frame_at_yield(const py_frame *frame)
{
	const _Py_CODEUNIT *code =
		(const _Py_CODEUNIT *)(void *)PyBytes_AS_STRING(frame->f_code->co_code);

	return frame->f_lasti >= 0 && _Py_OPCODE(code[frame->f_lasti]) != RETURN_VALUE;
}

static inline bool py_frame_has_locals_dict(const py_frame *frame)
{
	return frame->f_locals != NULL;
}

static inline int py_code_slots(const PyCodeObject *code)
{
	return code->co_nlocals + (int)PyTuple_GET_SIZE(code->co_cellvars) +
	       (int)PyTuple_GET_SIZE(code->co_freevars);
}

static inline bool py_code_slot_is_cell(const PyCodeObject *code, int i)
{
	return i >= code->co_nlocals;
}

/* Is the argument in this slot moved to a cell when the code begins? */
static inline bool py_code_slot_moves(const PyCodeObject *code, int i)
{
	Py_ssize_t cells = PyTuple_GET_SIZE(code->co_cellvars);

	for (Py_ssize_t cell = 0; code->co_cell2arg && cell < cells; cell++)
		if (code->co_cell2arg[cell] == i)
			return true;
	return false;
}

/* NULL: the variable is in another slot. */
static inline PyObject *py_code_slot_name(const PyCodeObject *code, int i)
{
	int cells = (int)PyTuple_GET_SIZE(code->co_cellvars);

	if (i < code->co_nlocals)
		return py_code_slot_moves(code, i) ? NULL : PyTuple_GET_ITEM(code->co_varnames, i);
	i -= code->co_nlocals;
	return i < cells ? PyTuple_GET_ITEM(code->co_cellvars, i)
			 : PyTuple_GET_ITEM(code->co_freevars, i - cells);
}

/* Code objects of 3.10 do not know what they are defined in. */
static inline PyObject *py_code_qualname(const PyCodeObject *code)
{
	return code->co_name;
}

static inline PyObject *py_code_bytes(PyCodeObject *code)
{
	return Py_NewRef(code->co_code);
}

static inline struct py_touched py_touches(const PyCodeObject *code, int opcode, int oparg)
{
	struct py_touched touched = PY_TOUCHES_NOTHING;

	switch (opcode) {
	case STORE_FAST:
	case DELETE_FAST:
		touched.stored[0] = oparg;
		break;
	case STORE_DEREF:
	case DELETE_DEREF:
		touched.stored[0] = code->co_nlocals + oparg;
		break;
	case LOAD_FAST:
		touched.loaded[0] = oparg;
		break;
	default:
		break;
	}
	return touched;
}

static inline uint64_t py_dict_version(PyObject *dict)
{
	return ((PyDictObject *)dict)->ma_version_tag;
}

static inline Py_ssize_t py_int_size(PyObject *value)
{
	return Py_SIZE(value);
}

static inline const digit *py_int_digits(PyObject *value)
{
	return ((const PyLongObject *)value)->ob_digit;
}

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
	return entry->tb_lineno;
}

#endif

#endif
