/*
 * print_internal: how fingerprints mix their words: folded multiplication, as wyhash and
 * XXH3 do. Small ints, floats, None and booleans are done here, in line.
 */
#ifndef SMILEY_TRACER_PRINT_INTERNAL_H
#define SMILEY_TRACER_PRINT_INTERNAL_H

#include "tracer/capture.h"

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

struct print capture_print_slow(struct tracer *tracer, PyObject *value);

/* An object of a class that the program made: not an exception, class or module. */
static inline bool print_is_instance(const PyTypeObject *type)
{
	const unsigned long special = Py_TPFLAGS_BASE_EXC_SUBCLASS | Py_TPFLAGS_TYPE_SUBCLASS;

	if ((type->tp_flags & (Py_TPFLAGS_HEAPTYPE | special)) != Py_TPFLAGS_HEAPTYPE)
		return false;
	for (type = type->tp_base; type; type = type->tp_base)
		if (type == &PyModule_Type)
			return false;
	return true;
}

static inline struct print capture_print(struct tracer *tracer, PyObject *value)
{
	struct print print = {0, -1, true, false, true, false};

	if (value && Py_TYPE(value) == &PyLong_Type) {
		Py_ssize_t size = Py_SIZE(value);

		if (size >= -1 && size <= 1) {
			print.hash = ((uint64_t)(size + 1) << 40 |
					     (uint64_t)((PyLongObject *)value)->ob_digit[0] << 4) |
				     1;
			if (size == 0)
				print.hash = (uint64_t)1 << 40 | 1;
			return print;
		}
	} else if (value && Py_TYPE(value) == &PyFloat_Type) {
		memcpy(&print.hash, &((PyFloatObject *)value)->ob_fval, 8);
		print.hash = print_mix(print.hash, 0x0f10a7) | 1;
		return print;
	}
	if (value == Py_None) {
		print.hash = 3; /* no small int's: those have a size in the high bits */
		return print;
	}
	if (value && print_is_instance(Py_TYPE(value))) {
		print.hash = print_mix((uintptr_t)value, (uintptr_t)Py_TYPE(value)) | 1;
		print.plain = false;
		return print;
	}
	return capture_print_slow(tracer, value);
}

#endif
