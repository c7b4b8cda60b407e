#include "web/http.h"

#include <string.h>

void http_answer_clear(struct http_answer *answer)
{
	struct buf body = answer->body, location = answer->location,
		   set_cookie = answer->set_cookie;

	buf_clear(&body);
	buf_clear(&location);
	buf_clear(&set_cookie);
	*answer =
		(struct http_answer){.body = body, .location = location, .set_cookie = set_cookie};
}

void http_answer_release(struct http_answer *answer)
{
	buf_release(&answer->body);
	buf_release(&answer->location);
	buf_release(&answer->set_cookie);
}

static int hex_digit(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

static void unescape(struct buf *out, struct slice text, bool plus)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.data[i];
		int high = -1, low = -1;

		if (byte == '%' && text.len - i > 2) {
			high = hex_digit(text.data[i + 1]);
			low = hex_digit(text.data[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			byte = (uint8_t)(high << 4 | low);
			i += 2;
		} else if (plus && byte == '+') {
			byte = ' ';
		}
		buf_byte(out, byte);
	}
}

void http_unescape(struct buf *out, struct slice text)
{
	unescape(out, text, false);
}

bool http_query_get(struct slice query, const char *name, struct buf *value)
{
	size_t name_len = strlen(name);
	size_t at = 0;

	while (at < query.len) {
		size_t end = at;

		while (end < query.len && query.data[end] != '&')
			end++;
		if (end - at > name_len && query.data[at + name_len] == '=' &&
			memcmp(query.data + at, name, name_len) == 0) {
			at += name_len + 1;
			unescape(value, (struct slice){query.data + at, end - at}, true);
			return true;
		}
		at = end + 1;
	}
	return false;
}

bool http_accepts(struct slice accept, const char *type)
{
	return accept.len && memmem(accept.data, accept.len, type, strlen(type)) != NULL;
}
