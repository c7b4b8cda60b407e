/*
 * print_internal: how fingerprints mix their words: folded multiplication, as wyhash and
 * XXH3 do. Values that one word tells are done here, in line.
 */
#ifndef SMILEY_TRACER_PRINT_INTERNAL_H
#define SMILEY_TRACER_PRINT_INTERNAL_H

#include "tracer/capture.h"
#include "tracer/shape_internal.h"

#include <string.h>

static inline uint64_t print_mix(uint64_t hash, uint64_t word)
{
	unsigned __int128 product =
		(unsigned __int128)(hash ^ 0x9e3779b97f4a7c15u) * (word ^ 0xd6e8feb86659fd93u);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Up to 16 bytes, read as two words that may overlap. Of ASCII text bit 7 of each byte is free,
 * and says how long it is, so that no two texts are the same words. */
#define PRINT_LENGTHS 0x0810204080u /* times 0 to 16: each bit of that comes to a bit 7 */
static inline uint64_t print_mix_short(uint64_t hash, const uint8_t *data, size_t len)
{
	uint64_t a = 0, b = 0;
	uint32_t low, high;

	if (len >= 8) {
		memcpy(&a, data, 8);
		memcpy(&b, data + len - 8, 8);
	} else if (len >= 4) {
		memcpy(&low, data, 4);
		memcpy(&high, data + len - 4, 4);
		a = low;
		b = high;
	} else if (len) {
		a = (uint64_t)data[0] | (uint64_t)data[len / 2] << 8 |
		    (uint64_t)data[len - 1] << 16;
	}
	return print_mix(hash ^ a, b ^ len * PRINT_LENGTHS);
}

void capture_print_slow(struct tracer *tracer, PyObject *value, struct print *print);

/* Short ASCII text, not shown cut? */
static inline bool print_is_text(PyObject *value, int limit)
{
	Py_ssize_t length = ((PyASCIIObject *)value)->length;

	return PyUnicode_IS_COMPACT_ASCII(value) && length <= 16 && length <= limit;
}

/* The hashes of values that one word tells, never 0. */
static inline uint64_t print_int(int64_t number)
{
	return (uint64_t)number << 2 | 1;
}

static inline uint64_t print_double(PyObject *value)
{
	uint64_t bits;

	memcpy(&bits, &((PyFloatObject *)value)->ob_fval, 8);
	return print_mix(bits, 0x0f10a7) | 1;
}

static inline uint64_t print_text(const uint8_t *text, size_t length)
{
	return print_mix_short((SHAPE_STR + 1) ^ (uint64_t)length << 8, text, length) | 1;
}

/* None and booleans; a small int's ends in 01. */
static inline uint64_t print_constant(PyObject *value)
{
	return value == Py_None ? 3 : value == Py_True ? 7 : 11;
}

static inline uint64_t print_instance(PyObject *value)
{
	return print_mix((uintptr_t)value, (uintptr_t)Py_TYPE(value)) | 1;
}

/* Is it a small int, float, None, boolean or instance? */
static inline bool print_is_simple(PyObject *value)
{
	PyTypeObject *type;

	if (!value)
		return false;
	type = Py_TYPE(value);
	if (type == &PyLong_Type)
		return shape_is_small_int(value);
	return type == &PyFloat_Type || value == Py_None || type == &PyBool_Type ||
	       shape_is_instance(type);
}

static inline uint64_t print_simple(PyObject *value)
{
	PyTypeObject *type = Py_TYPE(value);

	if (type == &PyLong_Type)
		return print_int(shape_small_int(value));
	if (type == &PyFloat_Type)
		return print_double(value);
	if (value == Py_None || type == &PyBool_Type)
		return print_constant(value);
	return print_instance(value);
}

/* Not as a result: its parts, written one by one and read together, would wait for each other
 * in the processor's store buffer. */
static inline void capture_print(struct tracer *tracer, PyObject *value, struct print *print)
{
	if (print_is_simple(value))
		*print = (struct print){print_simple(value), -1, true, false, false};
	else
		capture_print_slow(tracer, value, print);
}

#endif
