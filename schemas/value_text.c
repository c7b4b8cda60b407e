#include "schemas/printable_internal.h"
#include "schemas/value_internal.h"

#include <string.h>

bool code_point_printable(uint32_t code_point)
{
	size_t low = 0;
	size_t high = sizeof(printable_borders) / sizeof(printable_borders[0]);

	if (code_point < 0x7f)
		return code_point >= 0x20;
	/* How many borders are at or below it tells the side that it is on. */
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (printable_borders[middle] <= code_point)
			low = middle + 1;
		else
			high = middle;
	}
	return low % 2;
}

int32_t utf8_next(const uint8_t **at, const uint8_t *end)
{
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const uint8_t *in = *at;
	int32_t c = *in;
	int len = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	*at = in + 1;
	if (len == 1)
		return c;
	if (len == 0 || end - in < len)
		return -1;
	c &= 0x7f >> len;
	for (int i = 1; i < len; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (in[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff)
		return -1;
	*at = in + len;
	return c;
}

/* The quote that Python chooses: double only around text with single ones alone. */
static uint8_t choose_quote(struct slice text)
{
	if (text.len && memchr(text.data, '\'', text.len) && !memchr(text.data, '"', text.len))
		return '"';
	return '\'';
}

/* What needs a backslash in any literal; false for a character that is its own text. */
static bool put_simple_escape(int32_t c, uint8_t quote, struct buf *out)
{
	switch (c) {
	case '\t':
		buf_text(out, "\\t");
		return true;
	case '\n':
		buf_text(out, "\\n");
		return true;
	case '\r':
		buf_text(out, "\\r");
		return true;
	case '\\':
		buf_text(out, "\\\\");
		return true;
	default:
		if (c != quote)
			return false;
		buf_byte(out, '\\');
		buf_byte(out, quote);
		return true;
	}
}

static void put_code_escape(uint32_t c, struct buf *out)
{
	if (c <= 0xff)
		buf_printf(out, "\\x%02x", (unsigned)c);
	else if (c <= 0xffff)
		buf_printf(out, "\\u%04x", (unsigned)c);
	else
		buf_printf(out, "\\U%08x", (unsigned)c);
}

/* Length of the run of printable ASCII that needs no escape. */
static size_t plain_run(const uint8_t *at, const uint8_t *end, uint8_t quote)
{
	const uint8_t *start = at;

	while (at < end && *at >= 0x20 && *at < 0x7f && *at != quote && *at != '\\')
		at++;
	return (size_t)(at - start);
}

int64_t string_repr(struct slice text, struct buf *out)
{
	const uint8_t *at = text.data;
	const uint8_t *end = at + text.len;
	uint8_t quote = choose_quote(text);
	int64_t chars = 0;

	buf_byte(out, quote);
	while (at < end) {
		size_t run = plain_run(at, end, quote);
		const uint8_t *start;
		int32_t c;

		buf_append(out, at, run);
		at += run;
		chars += (int64_t)run;
		if (at == end)
			break;
		start = at;
		c = utf8_next(&at, end);
		chars++;
		if (c < 0)
			put_code_escape(*start, out);
		else if (put_simple_escape(c, quote, out))
			continue;
		else if (code_point_printable((uint32_t)c))
			buf_append(out, start, (size_t)(at - start));
		else
			put_code_escape((uint32_t)c, out);
	}
	buf_byte(out, quote);
	return chars;
}

/* A bytearray's repr() escapes single quotes even where double ones are around it. */
static void put_bytes(struct slice bytes, bool bytearray, struct buf *out)
{
	const uint8_t *at = bytes.data;
	const uint8_t *end = at + bytes.len;
	uint8_t quote = choose_quote(bytes);
	uint8_t escaped = bytearray ? '\'' : quote;

	buf_byte(out, 'b');
	buf_byte(out, quote);
	while (at < end) {
		size_t run = plain_run(at, end, escaped);

		buf_append(out, at, run);
		at += run;
		if (at < end) {
			if (!put_simple_escape(*at, escaped, out))
				put_code_escape(*at, out);
			at++;
		}
	}
	buf_byte(out, quote);
}

void bytes_repr(struct slice bytes, struct buf *out)
{
	put_bytes(bytes, false, out);
}

void bytearray_repr(struct slice bytes, struct buf *out)
{
	buf_text(out, "bytearray(");
	put_bytes(bytes, true, out);
	buf_byte(out, ')');
}
