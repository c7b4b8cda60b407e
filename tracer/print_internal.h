/*
 * print_internal: how fingerprints mix their words: folded multiplication, as wyhash and
 * XXH3 do. Small ints, floats, None and booleans are done here, in line.
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

/* Up to 16 bytes, read as two words that may overlap. */
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
	return print_mix(hash ^ a, b + len);
}

void capture_print_slow(struct tracer *tracer, PyObject *value, struct print *print);

/* Is it a small int, float, None or instance? Then one word tells all that would be written. */
static inline bool print_is_simple(PyObject *value)
{
	PyTypeObject *type;

	if (!value)
		return false;
	type = Py_TYPE(value);
	if (type == &PyLong_Type)
		return shape_is_small_int(value);
	return type == &PyFloat_Type || value == Py_None || shape_is_instance(type);
}

/* The hash of such a value, never 0. */
static inline uint64_t print_simple(PyObject *value)
{
	PyTypeObject *type = Py_TYPE(value);
	uint64_t bits;

	if (type == &PyLong_Type)
		return (uint64_t)shape_small_int(value) << 2 | 1;
	if (type == &PyFloat_Type) {
		memcpy(&bits, &((PyFloatObject *)value)->ob_fval, 8);
		return print_mix(bits, 0x0f10a7) | 1;
	}
	if (value == Py_None)
		return 3; /* a small int's ends in 01 */
	return print_mix((uintptr_t)value, (uintptr_t)type) | 1;
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
