/*
 * pycompat_internal: everything that depends on the interpreter's version. Only files of
 * tracer/ include it. CPython 3.10 to 3.13, of which the internal layouts are the same in all
 * patch releases of one minor (design notes, "Embedding or injecting"): one build for each.
 *
 * | version   | frames                     | who tells of events                            |
 * | 3.10      | pycompat_310_internal.h    | a trace function (hook.h)                      |
 * | 3.11      | pycompat_311_internal.h    | sites in the code (engine.h), a trace function |
 * | 3.12-3.13 | pycompat_312_internal.h    | sys.monitoring (monitor.h)                     |
 *
 * A file that one of these ways is made of stands as a whole in #if PY_BY_...
 */
#ifndef SMILEY_TRACER_PYCOMPAT_INTERNAL_H
#define SMILEY_TRACER_PYCOMPAT_INTERNAL_H

#include "tracer/pycompat_310_internal.h"
#include "tracer/pycompat_311_internal.h"
#include "tracer/pycompat_312_internal.h"

/* The contents of a cell or free variable's slot, or what is in a slot until its cell is made. */
static inline PyObject *py_frame_local(const py_frame *frame, int i, bool is_cell)
{
	PyObject *value = py_frame_slot(frame, i);

	if (is_cell && value && PyCell_Check(value))
		return PyCell_GET(value);
	return value;
}

/* A module's or class body's names live in a dict: that dict, or NULL for fast locals or
 * another mapping (which could run the user's code). */
static inline PyObject *py_frame_names(const py_frame *frame)
{
	if (py_frame_code(frame)->co_flags & CO_OPTIMIZED)
		return NULL;
	return frame->f_locals && PyDict_Check(frame->f_locals) ? frame->f_locals : NULL;
}

/* A code object's place for what others hang at it. */
static inline Py_ssize_t py_code_extra_index(freefunc release)
{
#if PY_VERSION_HEX >= 0x030c0000
	return PyUnstable_Eval_RequestCodeExtraIndex(release);
#else
	return _PyEval_RequestCodeExtraIndex(release);
#endif
}

static inline int py_code_extra(PyObject *code, Py_ssize_t index, void **extra)
{
#if PY_VERSION_HEX >= 0x030c0000
	return PyUnstable_Code_GetExtra(code, index, extra);
#else
	return _PyCode_GetExtra(code, index, extra);
#endif
}

static inline int py_code_set_extra(PyObject *code, Py_ssize_t index, void *extra)
{
#if PY_VERSION_HEX >= 0x030c0000
	return PyUnstable_Code_SetExtra(code, index, extra);
#else
	return _PyCode_SetExtra(code, index, extra);
#endif
}

/* sys.modules, borrowed. */
static inline PyObject *py_modules(void)
{
	return PyImport_GetModuleDict();
}

/* The garbage collector, held: what we allocate sets no collection off, in which the program's
 * finalizers would run, and does not count towards its next one. */
struct py_collector {
	int enabled, count;
};

static inline struct py_collector py_collector_hold(void)
{
	struct _gc_runtime_state *state = &_PyInterpreterState_GET()->gc;
	struct py_collector held = {state->enabled, state->generations[0].count};

	state->enabled = 0;
	return held;
}

static inline void py_collector_let_go(struct py_collector held)
{
	struct _gc_runtime_state *state = &_PyInterpreterState_GET()->gc;

	state->enabled = held.enabled;
	state->generations[0].count = held.count;
}

/* Has the thread a trace function, ours or the program's? */
static inline bool py_is_traced(const PyThreadState *thread)
{
	return thread->c_tracefunc != NULL;
}

#if PY_BY_TRACE_FUNCTION

/* The line of the event that is being delivered: the interpreter sets it just before. */
static inline int py_event_line(const PyFrameObject *object)
{
	return object->f_lineno;
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

/* The same for profile functions, and sys.getprofile(). */
static inline void py_thread_set_profile(PyThreadState *thread, Py_tracefunc function)
{
	thread->c_profilefunc = function;
	py_thread_set_function(thread, thread->c_tracefunc);
}

#endif

#endif
