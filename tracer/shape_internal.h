/*
 * shape_internal: how capture and its fingerprints look at a value: one table of kinds and
 * one way through a container, so that all walks agree.
 */
#ifndef SMILEY_TRACER_SHAPE_INTERNAL_H
#define SMILEY_TRACER_SHAPE_INTERNAL_H

#include "tracer/options.h"
#include "tracer/pycompat_internal.h"

#include "schemas/item.h"

#include <stdbool.h>

enum shape {
	SHAPE_NONE,
	SHAPE_BOOL,
	SHAPE_INT,
	SHAPE_FLOAT,
	SHAPE_COMPLEX,
	SHAPE_STR,
	SHAPE_BYTES,
	SHAPE_BYTEARRAY,
	SHAPE_LIST,
	SHAPE_TUPLE,
	SHAPE_SET,
	SHAPE_FROZENSET,
	SHAPE_DICT,
	SHAPE_RANGE,
	SHAPE_SLICE,
	SHAPE_ERROR,
	SHAPE_CLASS,
	SHAPE_ROUTINE,
	SHAPE_CONSTANT,
	SHAPE_OBJECT
};

/* Has the int at most two digits (60 bits)? */
static inline bool shape_is_small_int(PyObject *value)
{
	return (size_t)(py_int_size(value) + 2) <= 4;
}

static inline int64_t shape_small_int(PyObject *value)
{
	const digit *digits = py_int_digits(value);
	Py_ssize_t size = py_int_size(value);
	int64_t magnitude;

	if (size >= -1 && size <= 1)
		return size ? size * (int64_t)digits[0] : 0;
	magnitude = (int64_t)digits[1] << PyLong_SHIFT | digits[0];
	return size < 0 ? -magnitude : magnitude;
}

/* A module, or an instance of a subclass of it? All these keep their dict at one offset, which
 * nearly no other type does. */
bool shape_is_module_type(const PyTypeObject *type);
static inline bool shape_of_module(const PyTypeObject *type)
{
	return type->tp_dictoffset == PyModule_Type.tp_dictoffset &&
	       type->tp_basicsize >= PyModule_Type.tp_basicsize && shape_is_module_type(type);
}

/* An object of a class that the program made: not an exception, class or module. */
static inline bool shape_is_instance(const PyTypeObject *type)
{
	const unsigned long special = Py_TPFLAGS_BASE_EXC_SUBCLASS | Py_TPFLAGS_TYPE_SUBCLASS;

	return (type->tp_flags & (Py_TPFLAGS_HEAPTYPE | special)) == Py_TPFLAGS_HEAPTYPE &&
	       !shape_of_module(type);
}

/* A function, or a method bound to an object: the commonest SHAPE_ROUTINE. */
static inline bool shape_is_function(const PyTypeObject *type)
{
	return type == &PyFunction_Type || type == &PyMethod_Type || type == &PyCFunction_Type;
}

enum shape shape_slow(PyObject *value);

/* Exact types only: a subclass is an object, since it may behave as it likes. */
static inline enum shape shape_of(PyObject *value)
{
	PyTypeObject *type = Py_TYPE(value);

	if (type == &PyLong_Type)
		return SHAPE_INT;
	if (type == &PyUnicode_Type)
		return SHAPE_STR;
	if (type == &PyList_Type)
		return SHAPE_LIST;
	if (type == &PyDict_Type)
		return SHAPE_DICT;
	if (type == &PyFloat_Type)
		return SHAPE_FLOAT;
	if (type == &PyTuple_Type)
		return SHAPE_TUPLE;
	return shape_slow(value);
}

static inline bool shape_is_container(enum shape shape)
{
	return shape >= SHAPE_LIST && shape <= SHAPE_SLICE;
}

/* What is left of a value's limits while it is walked, and the containers on the way down
 * to where the walk is. */
struct walk {
	const struct tracer_options *limits;
	ptrdiff_t start; /* where in its event the value that is written begins */
	int nodes;
	int depth;
	bool private; /* no container met so far has more than one reference */
	PyObject *path[16];
};

/* Not by an initialiser: that would clear the path, which is written before it is read. */
static inline void walk_begin(struct walk *walk, const struct tracer_options *limits)
{
	walk->limits = limits;
	walk->nodes = limits->max_nodes;
	walk->depth = 0;
	walk->private = true;
}

/* Is this container being walked already, further out? */
static inline bool walk_has(const struct walk *walk, PyObject *container)
{
	for (int i = 0; i < walk->depth; i++)
		if (walk->path[i] == container)
			return true;
	return false;
}

/* The items of a container, in the order repr() shows them. A dict's come as key, value. */
struct items {
	enum shape shape;
	PyObject *container;
	Py_ssize_t at;
	int left;        /* that may still be shown, by max_items */
	PyObject *value; /* of the key just given */
};

Py_ssize_t items_length(enum shape shape, PyObject *container);

/* Begins; no items come from below the depth limit. */
struct items items_begin(const struct walk *walk, enum shape shape, PyObject *container);

/* The next shown item, borrowed; NULL at the end. */
PyObject *items_next(struct walk *walk, struct items *items);

/* Takes from the walk's limits what walking the value would, without looking at it more. */
void walk_skip(struct walk *walk, PyObject *value);

#endif
