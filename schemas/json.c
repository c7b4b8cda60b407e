#include "schemas/json.h"

#include "schemas/value_internal.h"

#include <assert.h>
#include <inttypes.h>

/* Length of the run of ASCII that stands for itself in a JSON string. */
static size_t plain_run(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *start = at;

	while (at < end && *at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
		at++;
	return (size_t)(at - start);
}

static void put_escape(struct buf *out, int32_t c)
{
	switch (c) {
	case '"':
		buf_text(out, "\\\"");
		break;
	case '\\':
		buf_text(out, "\\\\");
		break;
	case '\n':
		buf_text(out, "\\n");
		break;
	case '\r':
		buf_text(out, "\\r");
		break;
	case '\t':
		buf_text(out, "\\t");
		break;
	default:
		buf_printf(out, "\\u%04x", (unsigned)c);
	}
}

/* Also what some readers take for the end of a line, and what turns the direction of text
 * on a terminal. */
static bool needs_escape(int32_t c)
{
	return c == '"' || c == '\\' || c < 0x20 || (c >= 0x7f && c < 0xa0) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void json_string(struct buf *out, struct slice text)
{
	const uint8_t *at = text.data;
	const uint8_t *end = text.len ? at + text.len : at;

	buf_byte(out, '"');
	while (at < end) {
		size_t run = plain_run(at, end);
		const uint8_t *start;
		int32_t c;

		buf_append(out, at, run);
		at += run;
		if (at == end)
			break;
		start = at;
		c = utf8_next(&at, end);
		if (c < 0 || (c >= 0xd800 && c < 0xe000))
			buf_text(out, "\xef\xbf\xbd");
		else if (needs_escape(c))
			put_escape(out, c);
		else
			buf_append(out, start, (size_t)(at - start));
	}
	buf_byte(out, '"');
}

void json_init(struct json *json, struct buf *out, int indent)
{
	*json = (struct json){.out = out, .indent = indent};
}

static void new_line(struct json *json)
{
	if (!json->indent)
		return;
	buf_byte(json->out, '\n');
	for (int i = 0; i < json->depth * json->indent; i++)
		buf_byte(json->out, ' ');
}

/* Everything that a value or key needs in front of it. */
static void separate(struct json *json)
{
	uint64_t bit = (uint64_t)1 << json->depth;

	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (json->depth == 0)
		return;
	if (json->started & bit)
		buf_text(json->out, json->indent ? "," : ", ");
	json->started |= bit;
	new_line(json);
}

static void begin(struct json *json, uint8_t open)
{
	separate(json);
	buf_byte(json->out, open);
	assert(json->depth < JSON_MAX_DEPTH);
	json->depth++;
	json->started &= ~((uint64_t)1 << json->depth);
}

static void end(struct json *json, uint8_t close)
{
	bool some = json->started & (uint64_t)1 << json->depth;

	assert(json->depth > 0 && !json->after_key);
	json->depth--;
	if (some)
		new_line(json);
	buf_byte(json->out, close);
}

void json_object_begin(struct json *json)
{
	begin(json, '{');
}

void json_object_end(struct json *json)
{
	end(json, '}');
}

void json_array_begin(struct json *json)
{
	begin(json, '[');
}

void json_array_end(struct json *json)
{
	end(json, ']');
}

void json_key_slice(struct json *json, struct slice key)
{
	separate(json);
	json_string(json->out, key);
	buf_text(json->out, ": ");
	json->after_key = true;
}

void json_key(struct json *json, const char *key)
{
	json_key_slice(json, slice_text(key));
}

void json_slice(struct json *json, struct slice text)
{
	separate(json);
	json_string(json->out, text);
}

void json_text(struct json *json, const char *text)
{
	json_slice(json, slice_text(text));
}

void json_long(struct json *json, int64_t value)
{
	separate(json);
	long_repr(value, 0, json->out);
}

void json_boolean(struct json *json, bool value)
{
	separate(json);
	buf_text(json->out, value ? "true" : "false");
}

void json_null(struct json *json)
{
	separate(json);
	buf_text(json->out, "null");
}

void json_seconds(struct json *json, int64_t nanoseconds)
{
	uint64_t magnitude = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;

	separate(json);
	buf_printf(json->out, "%s%" PRIu64 ".%09" PRIu64, nanoseconds < 0 ? "-" : "",
		magnitude / 1000000000, magnitude % 1000000000);
}
