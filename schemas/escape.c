#include "schemas/escape.h"

#include "schemas/value_internal.h"

bool escape_is_control(int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool is_plain(uint8_t byte, const bool *special)
{
	return byte >= 0x20 && byte < 0x7f && !(special && special[byte]);
}

void escape_text(struct buf *out, struct slice text, const struct escape_rules *rules)
{
	const uint8_t *at = text.data;
	const uint8_t *end = text.len ? at + text.len : at;

	while (at < end) {
		const uint8_t *start = at;
		int32_t c;

		while (at < end && is_plain(*at, rules->special))
			at++;
		buf_append(out, start, (size_t)(at - start));
		if (at == end)
			break;
		start = at;
		c = utf8_next(&at, end);
		if (c < 0 || (c >= 0xd800 && c < 0xe000))
			buf_text(out, "\xef\xbf\xbd");
		else if (!rules->put(out, c))
			buf_append(out, start, (size_t)(at - start));
	}
}
