/*
 * unicode: Python's str read in place, as UTF-8. Nothing is allocated in, or cached on,
 * the object.
 */
#ifndef SMILEY_TRACER_UNICODE_H
#define SMILEY_TRACER_UNICODE_H

#include "tracer/pycompat_internal.h"

#include <stddef.h>
#include <stdint.h>

/* The most UTF-8 bytes that a character takes. */
#define UTF8_MOST 4

/*
 * Writes the first `chars` characters of a ready str to out, which has chars * UTF8_MOST
 * bytes of room; lone surrogates as three bytes each ("surrogatepass"), counted in
 * *surrogates. Returns the bytes written.
 */
size_t unicode_put(PyObject *text, size_t chars, uint8_t *out, size_t *surrogates);

/* The text in `out`, NUL behind, cut to what fits; lone surrogates become '?'. Anything but
 * a str gives "". Returns the bytes before the NUL. */
size_t unicode_copy(PyObject *text, char *out, size_t room);

#endif
