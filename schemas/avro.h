/*
 * avro: the primitives of Avro's binary encoding (Avro 1.11 specification, "Binary
 * Encoding"). Writers put bytes at a pointer that the caller has made sure of; readers
 * check every bound and never allocate. int and long are zig-zag varints, least
 * significant group first, at most 10 bytes.
 */
#ifndef SMILEY_SCHEMAS_AVRO_H
#define SMILEY_SCHEMAS_AVRO_H

#include "schemas/buf.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define AVRO_LONG_MAX_BYTES 10

/* A zigzag number's bits, seven a byte, the low ones first. */
uint8_t *avro_put_wide(uint8_t *out, uint64_t bits);

/* Writes value at out, which has AVRO_LONG_MAX_BYTES of room; returns behind it. */
static inline uint8_t *avro_put_long(uint8_t *out, int64_t value)
{
	uint64_t bits = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);

	if (__builtin_expect(bits < 0x80, 1)) {
		*out = (uint8_t)bits;
		return out + 1;
	}
	if (bits < 0x4000) {
		out[0] = (uint8_t)(bits | 0x80);
		out[1] = (uint8_t)(bits >> 7);
		return out + 2;
	}
	return avro_put_wide(out, bits);
}

/* Eight bytes, IEEE 754, little-endian. */
static inline uint8_t *avro_put_double(uint8_t *out, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	for (int i = 0; i < 8; i++)
		*out++ = (uint8_t)(bits >> (8 * i));
	return out;
}

/* Length and bytes, of a bytes or a string; out has len + AVRO_LONG_MAX_BYTES of room. */
static inline uint8_t *avro_put_bytes(uint8_t *out, const void *data, size_t len)
{
	out = avro_put_long(out, (int64_t)len);
	if (len)
		memcpy(out, data, len);
	return out + len;
}

/* The same, growing a buf. */
void avro_buf_long(struct buf *buf, int64_t value);
void avro_buf_double(struct buf *buf, double value);
void avro_buf_bytes(struct buf *buf, const void *data, size_t len);

/* What is left to read. A failed read leaves it anywhere: stop there. */
struct avro_in {
	const uint8_t *at;
	const uint8_t *end;
};

static inline struct avro_in avro_in(struct slice bytes)
{
	/* Nothing may be added to NULL, not even 0. */
	return (struct avro_in){bytes.data, bytes.len ? bytes.data + bytes.len : bytes.data};
}

/* Each returns false at the end of input, or when the bytes are not that type. */
static inline bool avro_get_long(struct avro_in *in, int64_t *value)
{
	uint64_t bits = 0;

	if (in->at != in->end && *in->at < 0x80) {
		bits = *in->at++;
		*value = (int64_t)((bits >> 1) ^ (0 - (bits & 1)));
		return true;
	}
	for (int shift = 0; shift < 70; shift += 7) {
		uint8_t byte;

		if (in->at == in->end)
			return false;
		byte = *in->at++;
		if (shift == 63 && byte > 1)
			return false;
		bits |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*value = (int64_t)((bits >> 1) ^ (0 - (bits & 1)));
			return true;
		}
	}
	return false;
}

/* The same for loops that read much, which keep their place in a register: behind is NULL
 * where avro_get_long() returns false. */
struct avro_long {
	const uint8_t *behind;
	int64_t value;
};

struct avro_long avro_long_slowly(const uint8_t *at, const uint8_t *end);

static inline struct avro_long avro_long(const uint8_t *at, const uint8_t *end)
{
	if (end - at >= 2) {
		uint64_t bits = at[0];

		if (bits < 0x80)
			return (struct avro_long){
				at + 1, (int64_t)((bits >> 1) ^ (0 - (bits & 1)))};
		if (at[1] < 0x80) {
			bits = (bits & 0x7f) | (uint64_t)at[1] << 7;
			return (struct avro_long){
				at + 2, (int64_t)((bits >> 1) ^ (0 - (bits & 1)))};
		}
	}
	return avro_long_slowly(at, end);
}

/* Behind a long that nobody asks for: it ends with the first byte below 0x80. */
static inline const uint8_t *avro_skip_long(const uint8_t *at, const uint8_t *end)
{
	uint64_t eight;

	if (end - at >= (ptrdiff_t)sizeof(eight)) {
		memcpy(&eight, at, sizeof(eight));
		eight = ~le64toh(eight) & UINT64_C(0x8080808080808080);
		if (eight)
			return at + (__builtin_ctzll(eight) >> 3) + 1;
	}
	return avro_long_slowly(at, end).behind;
}

bool avro_get_int(struct avro_in *in, int32_t *value);
bool avro_get_boolean(struct avro_in *in, bool *value);
bool avro_get_double(struct avro_in *in, double *value);
/* The slice points into the input. */
bool avro_get_bytes(struct avro_in *in, struct slice *value);
/* As avro_get_bytes(), and the bytes are valid UTF-8. */
bool avro_get_string(struct avro_in *in, struct slice *value);
bool avro_get_fixed(struct avro_in *in, void *value, size_t len);

/* Valid UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool avro_utf8_valid(struct slice text);

/* Bytes of the character that text, which is not empty, begins with; 0: none is valid. */
size_t avro_utf8_length(struct slice text);

#endif
