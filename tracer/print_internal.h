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
	return capture_print_slow(tracer, value);
}

#endif
