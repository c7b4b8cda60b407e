/*
 * pycompat_python_internal: Python's own headers, and which version they are of. What the tracer
 * asks of them stands in pycompat_internal.h, which includes this.
 */
#ifndef SMILEY_TRACER_PYCOMPAT_PYTHON_INTERNAL_H
#define SMILEY_TRACER_PYCOMPAT_PYTHON_INTERNAL_H

#define PY_SSIZE_T_CLEAN
/* Python's macros check the types of what they are given by assert(): we have looked at these. */
#ifndef NDEBUG
#define NDEBUG
#endif
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <patchlevel.h>
#if PY_VERSION_HEX >= 0x030c0000
#define Py_BUILD_CORE_MODULE 1
#define Py_BUILD_CORE 1
#endif
#include <Python.h>
#undef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#include <internal/pycore_code.h>
#if PY_VERSION_HEX >= 0x030b0000
#include <internal/pycore_frame.h>
#endif
#if PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030c0000
#include <internal/pycore_opcode.h>
#endif
#if PY_VERSION_HEX >= 0x030d0000
#include <internal/pycore_setobject.h>
#endif
#include <internal/pycore_interp.h>
#include <internal/pycore_pystate.h>
#undef Py_BUILD_CORE
#include <frameobject.h>
#include <opcode.h>
#pragma GCC diagnostic pop

#include <stdbool.h>

#ifdef Py_GIL_DISABLED
#error "smiley does not trace free-threaded builds of Python"
#endif
#if PY_VERSION_HEX < 0x030a0000 || PY_VERSION_HEX >= 0x030e0000
#error "smiley traces CPython 3.10 to 3.13"
#endif

#define PY_BY_MONITORING (PY_VERSION_HEX >= 0x030c0000)
#define PY_BY_TRACE_FUNCTION (!PY_BY_MONITORING)
#define PY_BY_SITES (PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030c0000)

/* Of a frame's use_tracing: the interpreter tells of every line, call and return. */
#define PY_TELL_ALL 255

/* The variables that an instruction stores or deletes, and loads, by their slots; -1: none. */
struct py_touched {
	int stored[2];
	int loaded[2];
};
#define PY_TOUCHES_NOTHING ((struct py_touched){{-1, -1}, {-1, -1}})

#endif
