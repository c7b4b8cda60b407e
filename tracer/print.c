#include "tracer/capture.h"

#include "tracer/dict_entry_internal.h"
#include "tracer/print_internal.h"
#include "tracer/shape_internal.h"
#include "tracer/tracer_internal.h"

#include <string.h>

static uint64_t mix_bytes(uint64_t hash, const uint8_t *data, size_t len)
{
	uint64_t a, b;

	for (; len > 16; data += 16, len -= 16) {
		memcpy(&a, data, 8);
		memcpy(&b, data + 8, 8);
		hash = print_mix(hash ^ a, b);
	}
	return print_mix_short(hash, data, len);
}

static size_t shown(Py_ssize_t length, int limit)
{
	return (size_t)(length < limit ? length : limit);
}

static uint64_t mix_str(uint64_t hash, PyObject *value, int limit)
{
	Py_ssize_t length = PyUnicode_GET_LENGTH(value);

	if (print_is_text(value, limit))
		return print_mix_short(hash ^ (uint64_t)length << 8,
			(uint8_t *)((PyASCIIObject *)value + 1), (size_t)length);
	if (!PyUnicode_IS_READY(value))
		return print_mix(hash, (uintptr_t)value);
	hash = print_mix(hash, (uint64_t)length);
	return mix_bytes(
		hash, PyUnicode_DATA(value), shown(length, limit) * (size_t)PyUnicode_KIND(value));
}

static uint64_t mix_int(uint64_t hash, PyObject *value)
{
	const digit *number = py_int_digits(value);
	Py_ssize_t size = py_int_size(value);
	size_t digits = (size_t)(size < 0 ? -size : size);

	if (digits <= 1)
		return print_mix(hash, (uint64_t)(size + 1) << 32 | (digits ? number[0] : 0));
	/* The length of a very long one is what is shown of it; 64 digits tell the rest. */
	hash = print_mix(hash, (uint64_t)size);
	return mix_bytes(
		hash, (const uint8_t *)number, (digits < 64 ? digits : 64) * sizeof(digit));
}

static uint64_t print_value(struct walk *walk, uint64_t hash, PyObject *value, bool *fixed);
static uint64_t print_sequence(
	struct walk *walk, uint64_t hash, enum shape shape, PyObject *value, bool *fixed);

/* As print_value(), with what most items are done in line: small ints, short ASCII text,
 * instances, None; lists and tuples by the shortest way. */
static inline uint64_t print_item(
	struct walk *walk, uint64_t hash, PyObject *value, int limit, bool *fixed)
{
	PyTypeObject *type = Py_TYPE(value);

	if (type == &PyUnicode_Type) {
		if (print_is_text(value, limit)) {
			walk->nodes--;
			return print_mix_short(hash + SHAPE_STR + 1,
				(uint8_t *)((PyASCIIObject *)value + 1),
				(size_t)((PyASCIIObject *)value)->length);
		}
	} else if (type == &PyLong_Type) {
		Py_ssize_t size = py_int_size(value);

		if (size == 1 || size == 0) {
			walk->nodes--;
			return print_mix(hash + SHAPE_INT + 1,
				size ? (uint64_t)2 << 32 | py_int_digits(value)[0]
				     : (uint64_t)1 << 32);
		}
	} else if (type == &PyList_Type || type == &PyTuple_Type) {
		enum shape shape = type == &PyList_Type ? SHAPE_LIST : SHAPE_TUPLE;

		walk->nodes--;
		return print_sequence(walk, hash + shape + 1, shape, value, fixed);
	} else if (shape_is_instance(type)) {
		walk->nodes--;
		return print_mix((hash + SHAPE_OBJECT + 1) ^ (uintptr_t)value, (uintptr_t)type);
	}
	return print_value(walk, hash, value, fixed);
}

/* A key's str has its hash already, which tells all of it. */
static inline uint64_t print_key(
	struct walk *walk, uint64_t hash, PyObject *key, int limit, bool *fixed)
{
	const PyASCIIObject *text = (const PyASCIIObject *)key;

	if (Py_TYPE(key) == &PyUnicode_Type && text->hash != -1 && text->length <= limit) {
		walk->nodes--;
		return print_mix(hash + SHAPE_STR + 1, (uint64_t)text->hash);
	}
	return print_item(walk, hash, key, limit, fixed);
}

/* A list's or tuple's: its items are an array. */
static uint64_t print_array(
	struct walk *walk, uint64_t hash, PyObject *container, PyObject **array, bool *fixed)
{
	Py_ssize_t length = Py_SIZE(container);
	int most = walk->depth < walk->limits->max_depth ? walk->limits->max_items : 0;
	Py_ssize_t count = length < most ? length : most, i;
	int limit = walk->limits->max_string;

	walk->path[walk->depth++] = container;
	for (i = 0; i < count && walk->nodes > 0; i++)
		hash = print_item(walk, hash, array[i], limit, fixed);
	walk->depth--;
	return hash + (uint64_t)i;
}

/* A list or tuple that something else holds: as print_container(). */
static uint64_t print_sequence(
	struct walk *walk, uint64_t hash, enum shape shape, PyObject *value, bool *fixed)
{
	bool list = shape == SHAPE_LIST;

	if (list)
		*fixed = false;
	if (Py_REFCNT(value) != 1)
		walk->private = false;
	if (walk_has(walk, value))
		return print_mix(hash, 0x5e1f);
	return print_array(walk, print_mix(hash, (uint64_t)Py_SIZE(value)), value,
		list ? ((PyListObject *)value)->ob_item : ((PyTupleObject *)value)->ob_item, fixed);
}

static uint64_t print_dict(struct walk *walk, uint64_t hash, PyObject *dict, bool *fixed)
{
	int left = walk->depth < walk->limits->max_depth ? walk->limits->max_items : 0;
	int limit = walk->limits->max_string;
	PyObject *key, *value;
	Py_ssize_t at = 0;

	walk->path[walk->depth++] = dict;
	for (; walk->nodes >= 2 && left > 0 && dict_entry_next(dict, &at, &key, &value); left--) {
		hash = print_key(walk, hash, key, limit, fixed);
		hash = print_item(walk, hash, value, limit, fixed);
	}
	walk->depth--;
	return print_mix(hash, (uint64_t)left);
}

/* The list or dict itself that a variable holds: each element by itself. */
static uint64_t print_list_whole(
	struct walk *walk, PyObject *list, bool *fixed, struct elements *elements)
{
	int most = walk->limits->max_depth > 0 ? walk->limits->max_items : 0;
	Py_ssize_t count = Py_SIZE(list) < most ? Py_SIZE(list) : most, i;
	PyObject **array = ((PyListObject *)list)->ob_item;
	int limit = walk->limits->max_string;
	uint64_t hash = print_mix(SHAPE_LIST, 1);

	walk->path[walk->depth++] = list;
	for (i = 0; i < count && walk->nodes > 0; i++) {
		Py_ssize_t place = i & (ELEMENTS_MOST - 1);

		elements->nodes[place] = walk->nodes;
		elements->hash[place] = print_item(walk, 0, array[i], limit, fixed);
		hash = print_mix(hash, elements->hash[place]);
	}
	elements->count = i <= ELEMENTS_MOST ? (int32_t)i : -1;
	return hash;
}

static uint64_t print_dict_whole(
	struct walk *walk, PyObject *dict, bool *fixed, struct elements *elements)
{
	int most = walk->limits->max_depth > 0 ? walk->limits->max_items : 0, i;
	int limit = walk->limits->max_string;
	uint64_t hash = print_mix(SHAPE_DICT, 1);
	PyObject *key, *value;
	Py_ssize_t at = 0;

	walk->path[walk->depth++] = dict;
	for (i = 0; i < most && walk->nodes >= 2 && dict_entry_next(dict, &at, &key, &value); i++) {
		int place = i & (ELEMENTS_MOST - 1);
		uint64_t pair;

		elements->nodes[place] = walk->nodes;
		pair = print_key(walk, 0, key, limit, fixed);
		elements->hash[place] = print_item(walk, pair, value, limit, fixed);
		hash = print_mix(hash, elements->hash[place]);
	}
	elements->count = i <= ELEMENTS_MOST ? i : -1;
	return hash;
}

static uint64_t print_items(struct walk *walk, uint64_t hash, struct items items, bool *fixed)
{
	PyObject *item;

	walk->path[walk->depth++] = items.container;
	while ((item = items_next(walk, &items)))
		hash = print_value(walk, hash, item, fixed);
	walk->depth--;
	return print_mix(hash, (uint64_t)items.left);
}

static uint64_t print_container(
	struct walk *walk, uint64_t hash, enum shape shape, PyObject *value, bool *fixed)
{
	if (shape != SHAPE_TUPLE && shape != SHAPE_FROZENSET && shape != SHAPE_RANGE)
		*fixed = false;
	if (Py_REFCNT(value) != 1 || shape == SHAPE_SET)
		walk->private = false; /* a set also changes through a weak reference */
	if (walk_has(walk, value))
		return print_mix(hash, 0x5e1f);
	/* Mixed also when no item is shown: [()] and ([],) differ in their shapes alone. */
	hash = print_mix(hash, walk->depth > 0 ? (uint64_t)items_length(shape, value) : 0);
	if (shape == SHAPE_LIST)
		return print_array(walk, hash, value, ((PyListObject *)value)->ob_item, fixed);
	if (shape == SHAPE_TUPLE)
		return print_array(walk, hash, value, ((PyTupleObject *)value)->ob_item, fixed);
	if (shape == SHAPE_DICT)
		return print_dict(walk, hash, value, fixed);
	return print_items(walk, hash, items_begin(walk, shape, value), fixed);
}

static uint64_t print_error(struct walk *walk, uint64_t hash, PyObject *value, bool *fixed)
{
	PyObject *args = ((PyBaseExceptionObject *)value)->args;

	*fixed = false;
	hash = print_mix(print_mix(hash, (uintptr_t)value), (uintptr_t)Py_TYPE(value));
	if (!args || !PyTuple_CheckExact(args) || walk_has(walk, args))
		return hash;
	hash = print_mix(hash, (uint64_t)Py_SIZE(args));
	return print_array(walk, hash, args, ((PyTupleObject *)args)->ob_item, fixed);
}

static uint64_t print_bytes(
	const struct walk *walk, uint64_t hash, const char *data, Py_ssize_t length)
{
	return mix_bytes(print_mix(hash, (uint64_t)length), (const uint8_t *)data,
		shown(length, walk->limits->max_string));
}

static uint64_t print_rest(
	struct walk *walk, uint64_t hash, enum shape shape, PyObject *value, bool *fixed)
{
	switch (shape) {
	case SHAPE_NONE:
		return print_mix(hash, 1);
	case SHAPE_BOOL:
		return print_mix(hash, value == Py_True);
	case SHAPE_COMPLEX:
		return mix_bytes(hash, (const uint8_t *)&((PyComplexObject *)value)->cval,
			sizeof(Py_complex));
	case SHAPE_BYTES:
		return print_bytes(walk, hash, PyBytes_AS_STRING(value), Py_SIZE(value));
	case SHAPE_BYTEARRAY:
		*fixed = walk->private = false;
		return print_bytes(walk, hash, PyByteArray_AS_STRING(value), Py_SIZE(value));
	case SHAPE_ERROR:
		walk->private = false;
		return print_error(walk, hash, value, fixed);
	case SHAPE_CLASS:
	case SHAPE_ROUTINE:
	case SHAPE_CONSTANT:
	case SHAPE_OBJECT:
		/* Fixed, although an object can be given another class: see doubts. */
		return print_mix(hash ^ (uintptr_t)value, (uintptr_t)Py_TYPE(value));
	default:
		return print_container(walk, hash, shape, value, fixed);
	}
}

static uint64_t print_value(struct walk *walk, uint64_t hash, PyObject *value, bool *fixed)
{
	enum shape shape = shape_of(value);
	uint64_t bits;

	walk->nodes--;
	hash += (uint64_t)shape + 1;
	switch (shape) {
	case SHAPE_INT:
		return mix_int(hash, value);
	case SHAPE_STR:
		return mix_str(hash, value, walk->limits->max_string);
	case SHAPE_FLOAT:
		memcpy(&bits, &((PyFloatObject *)value)->ob_fval, sizeof(bits));
		return print_mix(hash, bits);
	default:
		return print_rest(walk, hash, shape, value, fixed);
	}
}

void capture_print_slow(struct tracer *tracer, PyObject *value, struct print *print)
{
	enum shape shape = value ? shape_of(value) : SHAPE_ROUTINE;
	struct walk walk;
	bool fixed = true;

	if (shape == SHAPE_ROUTINE) {
		*print = PRINT_ABSENT;
		return;
	}
	walk_begin(&walk, &tracer->options);
	print->shallow = false;
	print->length = shape_is_container(shape) ? items_length(shape, value) : -1;
	if (shape == SHAPE_DICT || shape == SHAPE_LIST) {
		struct elements *elements = tracer->elements.fresh;

		walk.private = Py_REFCNT(value) == 1;
		walk.nodes--;
		print->hash =
			1 |
			(shape == SHAPE_DICT ? print_dict_whole(&walk, value, &fixed, elements)
					     : print_list_whole(&walk, value, &fixed, elements));
		elements->whole = print->hash;
		elements->type = Py_TYPE(value);
		print->shallow = fixed && shape == SHAPE_DICT;
		print->fixed = false;
	} else {
		print->hash = 1 | print_value(&walk, 0, value, &fixed);
		print->fixed = fixed;
	}
	print->private = walk.private && shape_is_container(shape);
}
