#include "tracer/capture.h"

#include "tracer/shape_internal.h"
#include "tracer/tracer_internal.h"

#include <string.h>

/* Folded multiplication, as wyhash and XXH3 mix their words. */
static inline uint64_t mix(uint64_t hash, uint64_t word)
{
	unsigned __int128 product =
		(unsigned __int128)(hash ^ word ^ 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t mix_bytes(uint64_t hash, const uint8_t *data, size_t len)
{
	uint64_t word;

	hash = mix(hash, len);
	for (; len >= 8; data += 8, len -= 8) {
		memcpy(&word, data, 8);
		hash = mix(hash, word);
	}
	if (len) {
		word = 0;
		memcpy(&word, data, len);
		hash = mix(hash, word);
	}
	return hash;
}

static size_t shown(Py_ssize_t length, int limit)
{
	return (size_t)(length < limit ? length : limit);
}

static uint64_t mix_str(uint64_t hash, PyObject *value, int limit)
{
	Py_ssize_t length = PyUnicode_GET_LENGTH(value);

	if (!PyUnicode_IS_READY(value))
		return mix(hash, (uintptr_t)value);
	hash = mix(hash, (uint64_t)length);
	return mix_bytes(
		hash, PyUnicode_DATA(value), shown(length, limit) * (size_t)PyUnicode_KIND(value));
}

static uint64_t mix_int(uint64_t hash, PyObject *value)
{
	PyLongObject *number = (PyLongObject *)value;
	Py_ssize_t size = Py_SIZE(number);
	size_t digits = (size_t)(size < 0 ? -size : size);

	hash = mix(hash, (uint64_t)size);
	if (digits <= 1)
		return mix(hash, digits ? number->ob_digit[0] : 0);
	/* The length of a very long one is what is shown of it; 64 digits tell the rest. */
	return mix_bytes(hash, (const uint8_t *)number->ob_digit,
		(digits < 64 ? digits : 64) * sizeof(digit));
}

static uint64_t print_value(struct walk *walk, uint64_t hash, PyObject *value, bool *fixed);

static uint64_t print_items(struct walk *walk, uint64_t hash, struct items items, bool *fixed)
{
	PyObject *item;

	walk->path[walk->depth++] = items.container;
	while ((item = items_next(walk, &items)))
		hash = print_value(walk, hash, item, fixed);
	walk->depth--;
	return mix(hash, (uint64_t)items.left);
}

static uint64_t print_container(
	struct walk *walk, uint64_t hash, enum shape shape, PyObject *value, bool *fixed)
{
	if (shape != SHAPE_TUPLE && shape != SHAPE_FROZENSET && shape != SHAPE_RANGE)
		*fixed = false;
	if (walk_has(walk, value))
		return mix(hash, 0x5e1f);
	if (walk->depth > 0)
		hash = mix(hash, (uint64_t)items_length(shape, value));
	return print_items(walk, hash, items_begin(walk, shape, value), fixed);
}

static uint64_t print_error(struct walk *walk, uint64_t hash, PyObject *value, bool *fixed)
{
	PyObject *args = ((PyBaseExceptionObject *)value)->args;

	*fixed = false;
	hash = mix(mix(hash, (uintptr_t)value), (uintptr_t)Py_TYPE(value));
	if (!args || !PyTuple_CheckExact(args) || walk_has(walk, args))
		return hash;
	hash = mix(hash, (uint64_t)Py_SIZE(args));
	return print_items(walk, hash, items_begin(walk, SHAPE_TUPLE, args), fixed);
}

static uint64_t print_value(struct walk *walk, uint64_t hash, PyObject *value, bool *fixed)
{
	enum shape shape = shape_of(value);
	uint64_t bits;

	walk->nodes--;
	hash = mix(hash, (uint64_t)shape + 1);
	switch (shape) {
	case SHAPE_NONE:
		return hash;
	case SHAPE_BOOL:
		return mix(hash, value == Py_True);
	case SHAPE_INT:
		return mix_int(hash, value);
	case SHAPE_FLOAT:
		memcpy(&bits, &((PyFloatObject *)value)->ob_fval, sizeof(bits));
		return mix(hash, bits);
	case SHAPE_COMPLEX:
		return mix_bytes(hash, (const uint8_t *)&((PyComplexObject *)value)->cval,
			sizeof(Py_complex));
	case SHAPE_STR:
		return mix_str(hash, value, walk->limits->max_string);
	case SHAPE_BYTES:
		return mix_bytes(mix(hash, (uint64_t)Py_SIZE(value)),
			(const uint8_t *)PyBytes_AS_STRING(value),
			shown(Py_SIZE(value), walk->limits->max_string));
	case SHAPE_BYTEARRAY:
		*fixed = false;
		return mix_bytes(mix(hash, (uint64_t)Py_SIZE(value)),
			(const uint8_t *)PyByteArray_AS_STRING(value),
			shown(Py_SIZE(value), walk->limits->max_string));
	case SHAPE_ERROR:
		return print_error(walk, hash, value, fixed);
	case SHAPE_CLASS:
	case SHAPE_ROUTINE:
	case SHAPE_CONSTANT:
		return mix(hash, (uintptr_t)value);
	case SHAPE_OBJECT:
		/* An object of a class made by the program can be given another class. */
		if (PyType_HasFeature(Py_TYPE(value), Py_TPFLAGS_HEAPTYPE))
			*fixed = false;
		return mix(mix(hash, (uintptr_t)value), (uintptr_t)Py_TYPE(value));
	default:
		return print_container(walk, hash, shape, value, fixed);
	}
}

struct print capture_print(struct tracer *tracer, PyObject *value)
{
	struct walk walk = walk_value(&tracer->options);
	struct print print = {0, -1, true, false};
	enum shape shape;

	if (!value)
		return PRINT_ABSENT;
	shape = shape_of(value);
	if (shape == SHAPE_ROUTINE)
		return PRINT_ABSENT;
	if (shape == SHAPE_DICT) {
		bool shallow = true;

		walk.nodes--;
		print.hash =
			print_items(&walk, SHAPE_DICT, items_begin(&walk, shape, value), &shallow) |
			1;
		print.shallow = shallow;
		print.fixed = false;
	} else {
		print.hash = print_value(&walk, 0, value, &print.fixed) | 1;
	}
	if (shape_is_container(shape))
		print.length = items_length(shape, value);
	return print;
}
