#include "tracer/unicode.h"

#include <string.h>

static uint8_t *put_character(uint8_t *out, Py_UCS4 c)
{
	if (c < 0x80) {
		*out++ = (uint8_t)c;
	} else if (c < 0x800) {
		*out++ = (uint8_t)(0xc0 | c >> 6);
		*out++ = (uint8_t)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (uint8_t)(0xe0 | c >> 12);
		*out++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		*out++ = (uint8_t)(0x80 | (c & 0x3f));
	} else {
		*out++ = (uint8_t)(0xf0 | c >> 18);
		*out++ = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		*out++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		*out++ = (uint8_t)(0x80 | (c & 0x3f));
	}
	return out;
}

size_t unicode_put(PyObject *text, size_t chars, uint8_t *out, size_t *surrogates)
{
	int kind = (int)PyUnicode_KIND(text);
	const void *data = PyUnicode_DATA(text);
	uint8_t *start = out;

	*surrogates = 0;
	if (PyUnicode_IS_ASCII(text)) {
		memcpy(out, data, chars);
		return chars;
	}
	for (size_t i = 0; i < chars; i++) {
		Py_UCS4 c = PyUnicode_READ(kind, data, (Py_ssize_t)i);

		*surrogates += c >= 0xd800 && c < 0xe000;
		out = put_character(out, c);
	}
	return (size_t)(out - start);
}

size_t unicode_copy(PyObject *text, char *out, size_t room)
{
	uint8_t one[UTF8_MOST];
	size_t len = 0;

	if (text && PyUnicode_Check(text) && PyUnicode_IS_READY(text)) {
		int kind = (int)PyUnicode_KIND(text);
		const void *data = PyUnicode_DATA(text);
		Py_ssize_t chars = PyUnicode_GET_LENGTH(text);

		for (Py_ssize_t i = 0; i < chars; i++) {
			Py_UCS4 c = PyUnicode_READ(kind, data, i);
			size_t bytes;

			if (c >= 0xd800 && c < 0xe000)
				c = '?';
			bytes = (size_t)(put_character(one, c) - one);
			if (len + bytes + 1 > room)
				break;
			memcpy(out + len, one, bytes);
			len += bytes;
		}
	}
	out[len] = '\0';
	return len;
}
