#include "schemas/json.h"

#include <assert.h>
#include <inttypes.h>

#include "schemas/escape.h"
#include "schemas/value_internal.h"

static bool put_escape(struct buf *out, int32_t c)
{
	switch (c) {
	case '"':
		buf_text(out, "\\\"");
		return true;
	case '\\':
		buf_text(out, "\\\\");
		return true;
	case '\n':
		buf_text(out, "\\n");
		return true;
	case '\r':
		buf_text(out, "\\r");
		return true;
	case '\t':
		buf_text(out, "\\t");
		return true;
	default:
		if (escape_is_control(c))
			buf_printf(out, "\\u%04x", (unsigned)c);
		return escape_is_control(c);
	}
}

void json_string(struct buf *out, struct slice text)
{
	static const bool special[ESCAPE_SPECIALS] = {['"'] = true, ['\\'] = true};
	static const struct escape_rules rules = {special, put_escape};

	buf_byte(out, '"');
	escape_text(out, text, &rules);
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
