#include "schemas/avro.h"

#include <limits.h>

uint8_t *avro_put_wide(uint8_t *out, uint64_t bits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (bits >= 1 && bits < (uint64_t)1 << 56) {
		int more = (63 - __builtin_clzll(bits)) / 7; /* bytes before the last */

		/* Two halves of 28 bits, four quarters of 14, eight bytes of 7. */
		bits = (bits & 0x000000000fffffff) | (bits & 0x00fffffff0000000) << 4;
		bits = (bits & 0x00003fff00003fff) | (bits & 0x0fffc0000fffc000) << 2;
		bits = (bits & 0x007f007f007f007f) | (bits & 0x3f803f803f803f80) << 1;
		bits |= 0x8080808080808080 & (((uint64_t)1 << (8 * more)) - 1);
		memcpy(out, &bits, sizeof(bits));
		return out + more + 1;
	}
#endif
	while (bits >= 0x80) {
		*out++ = (uint8_t)(bits | 0x80);
		bits >>= 7;
	}
	*out++ = (uint8_t)bits;
	return out;
}

void avro_buf_long(struct buf *buf, int64_t value)
{
	uint8_t bytes[AVRO_LONG_MAX_BYTES];

	buf_append(buf, bytes, (size_t)(avro_put_long(bytes, value) - bytes));
}

void avro_buf_double(struct buf *buf, double value)
{
	uint8_t bytes[8];

	avro_put_double(bytes, value);
	buf_append(buf, bytes, sizeof(bytes));
}

void avro_buf_bytes(struct buf *buf, const void *data, size_t len)
{
	avro_buf_long(buf, (int64_t)len);
	buf_append(buf, data, len);
}

struct avro_long avro_long_slowly(const uint8_t *at, const uint8_t *end)
{
	struct avro_in in = {at, end};
	struct avro_long read = {NULL, 0};

	if (avro_get_long(&in, &read.value))
		read.behind = in.at;
	return read;
}

bool avro_get_int(struct avro_in *in, int32_t *value)
{
	int64_t wide;

	if (!avro_get_long(in, &wide) || wide < INT32_MIN || wide > INT32_MAX)
		return false;
	*value = (int32_t)wide;
	return true;
}

bool avro_get_boolean(struct avro_in *in, bool *value)
{
	if (in->at == in->end || *in->at > 1)
		return false;
	*value = *in->at++ == 1;
	return true;
}

bool avro_get_double(struct avro_in *in, double *value)
{
	uint64_t bits = 0;

	if (in->end - in->at < 8)
		return false;
	for (int i = 0; i < 8; i++)
		bits |= (uint64_t)in->at[i] << (8 * i);
	memcpy(value, &bits, sizeof(bits));
	in->at += 8;
	return true;
}

bool avro_get_bytes(struct avro_in *in, struct slice *value)
{
	int64_t len;

	if (!avro_get_long(in, &len) || len < 0 || len > in->end - in->at)
		return false;
	*value = (struct slice){in->at, (size_t)len};
	in->at += len;
	return true;
}

bool avro_get_string(struct avro_in *in, struct slice *value)
{
	return avro_get_bytes(in, value) && avro_utf8_valid(*value);
}

bool avro_get_fixed(struct avro_in *in, void *value, size_t len)
{
	if ((size_t)(in->end - in->at) < len)
		return false;
	memcpy(value, in->at, len);
	in->at += len;
	return true;
}

/* Eight bytes at a time while they are ASCII, as nearly all text is. */
static const uint8_t *skip_ascii(const uint8_t *at, const uint8_t *end)
{
	uint64_t eight;

	while (end - at >= 8) {
		memcpy(&eight, at, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
		at += 8;
	}
	while (at != end && *at < 0x80)
		at++;
	return at;
}

size_t avro_utf8_length(struct slice text)
{
	uint8_t lead = text.data[0];
	uint8_t low = 0x80, high = 0xbf;
	size_t more;

	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		more = 1;
	else if (lead >= 0xe0 && lead <= 0xef)
		more = 2;
	else if (lead >= 0xf0 && lead <= 0xf4)
		more = 3;
	else
		return 0;
	/* The second byte's range rules out overlong forms, surrogates and what is too big. */
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	if (text.len <= more || text.data[1] < low || text.data[1] > high)
		return 0;
	for (size_t i = 2; i <= more; i++) {
		if ((text.data[i] & 0xc0) != 0x80)
			return 0;
	}
	return more + 1;
}

bool avro_utf8_valid(struct slice text)
{
	const uint8_t *at = text.data;
	const uint8_t *end;

	if (text.len == 0)
		return true;
	end = text.data + text.len;
	for (;;) {
		size_t length;

		at = skip_ascii(at, end);
		if (at == end)
			return true;
		length = avro_utf8_length((struct slice){at, (size_t)(end - at)});
		if (length == 0)
			return false;
		at += length;
	}
}
