/*
 * value_internal: the pieces of value_repr(), by type; and what the text form needs to
 * know of a value beyond its text.
 */
#ifndef SMILEY_SCHEMAS_VALUE_INTERNAL_H
#define SMILEY_SCHEMAS_VALUE_INTERNAL_H

#include "schemas/buf.h"
#include "schemas/event.h"

#include <stdbool.h>
#include <stdint.h>

/* As "%*" PRId64 does with this width, without its cost: most of what is shown is numbers. */
void long_repr(int64_t value, size_t width, struct buf *out);

/* As repr(float). */
void double_repr(double value, struct buf *out);

/* As repr(complex). */
void complex_repr(double real, double imag, struct buf *out);

/* Decimal text of a two's complement, big-endian number; <int of N bits> when it is longer
 * than a value may be shown. */
void bigint_repr(struct slice digits, int64_t bits, struct buf *out);

/* As repr(str). Lone surrogates may be in the text as three bytes each; other bytes that
 * are not UTF-8 come out as \xNN. Returns how many characters the text has. */
int64_t string_repr(struct slice text, struct buf *out);

/* As repr(bytes) and repr(bytearray). */
void bytes_repr(struct slice bytes, struct buf *out);
void bytearray_repr(struct slice bytes, struct buf *out);

/* As str.isprintable() of one character, by Unicode 14 (CPython 3.11). */
bool code_point_printable(uint32_t code_point);

/* Decodes one character at *at, which is before end, and steps over it. Accepts lone
 * surrogates. Returns -1 for a byte that begins no character, and steps over that byte. */
int32_t utf8_next(const uint8_t **at, const uint8_t *end);

/* Where the object or exception lies in the traced program's memory; 0 for other values. */
int64_t value_address(struct value value);

#endif
