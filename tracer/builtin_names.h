/*
 * builtin_names: what cProfile calls a function that is written in C, found once for each.
 */
#ifndef SMILEY_TRACER_BUILTIN_NAMES_H
#define SMILEY_TRACER_BUILTIN_NAMES_H

#include "tracer/names.h"
#include "tracer/pycompat_internal.h"

/* By the function's definition: all that share one are one, under the name of the first. */
struct builtin_names {
	struct builtin_name {
		const PyMethodDef *method; /* only compared */
		const char *spelt;         /* its ml_name then; only compared */
		struct name *name;
	} * entries;
	size_t count, cap; /* cap is 0 or a power of two */
};

/* Of a C function, or of a method descriptor that is called for `self` (NULL: of nothing). NULL:
 * it is neither, or there is no memory. Runs none of the program's code. */
struct name *builtin_name(
	struct builtin_names *known, struct names *names, PyObject *function, PyObject *self);

#endif
