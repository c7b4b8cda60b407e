#include "tracer/shape_internal.h"

/* The fields of CPython's range object (Objects/rangeobject.c): its struct is private. */
struct range_object {
	PyObject_HEAD PyObject *start, *stop, *step, *length;
};

bool shape_is_module_type(const PyTypeObject *type)
{
	for (; type; type = type->tp_base)
		if (type == &PyModule_Type)
			return true;
	return false;
}

static enum shape shape_of_flags(const PyTypeObject *type)
{
	if (type->tp_flags & Py_TPFLAGS_BASE_EXC_SUBCLASS)
		return SHAPE_ERROR;
	if (type->tp_flags & Py_TPFLAGS_TYPE_SUBCLASS)
		return SHAPE_CLASS;
	return shape_of_module(type) ? SHAPE_ROUTINE : SHAPE_OBJECT;
}

enum shape shape_slow(PyObject *value)
{
	PyTypeObject *type = Py_TYPE(value);

	if (type->tp_flags & Py_TPFLAGS_HEAPTYPE)
		return shape_of_flags(type);
	if (value == Py_None)
		return SHAPE_NONE;
	if (type == &PyBool_Type)
		return SHAPE_BOOL;
	if (type == &PyBytes_Type)
		return SHAPE_BYTES;
	if (type == &PySet_Type)
		return SHAPE_SET;
	if (type == &PyFrozenSet_Type)
		return SHAPE_FROZENSET;
	if (type == &PyByteArray_Type)
		return SHAPE_BYTEARRAY;
	if (type == &PyComplex_Type)
		return SHAPE_COMPLEX;
	if (type == &PyRange_Type)
		return SHAPE_RANGE;
	if (type == &PySlice_Type)
		return SHAPE_SLICE;
	if (shape_is_function(type))
		return SHAPE_ROUTINE;
	if (value == Py_Ellipsis || value == Py_NotImplemented)
		return SHAPE_CONSTANT;
	return shape_of_flags(type);
}

Py_ssize_t items_length(enum shape shape, PyObject *container)
{
	switch (shape) {
	case SHAPE_LIST:
	case SHAPE_TUPLE:
		return Py_SIZE(container);
	case SHAPE_SET:
	case SHAPE_FROZENSET:
		return PySet_GET_SIZE(container);
	case SHAPE_DICT:
		return PyDict_GET_SIZE(container);
	default:
		return 3; /* start, stop, step */
	}
}

struct items items_begin(const struct walk *walk, enum shape shape, PyObject *container)
{
	return (struct items){
		.shape = shape,
		.container = container,
		.left = walk->depth < walk->limits->max_depth ? walk->limits->max_items : 0,
	};
}

static PyObject *three_next(struct items *items)
{
	PyObject *three[3];

	if (items->at >= 3)
		return NULL;
	if (items->shape == SHAPE_RANGE) {
		struct range_object *range = (struct range_object *)items->container;

		three[0] = range->start;
		three[1] = range->stop;
		three[2] = range->step;
	} else {
		PySliceObject *slice = (PySliceObject *)items->container;

		three[0] = slice->start;
		three[1] = slice->stop;
		three[2] = slice->step;
	}
	return three[items->at++];
}

static PyObject *pair_next(struct walk *walk, struct items *items)
{
	PyObject *key;

	if (items->value) {
		key = items->value;
		items->value = NULL;
		return key;
	}
	if (walk->nodes < 2 || items->left == 0 ||
		!PyDict_Next(items->container, &items->at, &key, &items->value))
		return NULL;
	items->left--;
	return key;
}

PyObject *items_next(struct walk *walk, struct items *items)
{
	PyObject *item;
	Py_hash_t hash;

	if (items->shape == SHAPE_DICT)
		return pair_next(walk, items);
	if (items->left == 0 || walk->nodes < 1)
		return NULL;
	items->left--;
	switch (items->shape) {
	case SHAPE_LIST:
		return items->at < Py_SIZE(items->container)
			       ? PyList_GET_ITEM(items->container, items->at++)
			       : NULL;
	case SHAPE_TUPLE:
		return items->at < Py_SIZE(items->container)
			       ? PyTuple_GET_ITEM(items->container, items->at++)
			       : NULL;
	case SHAPE_SET:
	case SHAPE_FROZENSET:
		return _PySet_NextEntry(items->container, &items->at, &item, &hash) ? item : NULL;
	default:
		return three_next(items);
	}
}

void walk_skip(struct walk *walk, PyObject *value)
{
	enum shape shape = shape_of(value);
	struct items items;
	PyObject *item;

	walk->nodes--;
	if (shape == SHAPE_ERROR) {
		value = ((PyBaseExceptionObject *)value)->args;
		shape = value && PyTuple_CheckExact(value) ? SHAPE_TUPLE : SHAPE_OBJECT;
	}
	if (!shape_is_container(shape) || walk_has(walk, value))
		return;
	items = items_begin(walk, shape, value);
	walk->path[walk->depth++] = value;
	while ((item = items_next(walk, &items)))
		walk_skip(walk, item);
	walk->depth--;
}
