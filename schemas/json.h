/*
 * json: writes JSON (RFC 8259) to a buf, commas and escapes looked after.
 *
 *     struct json json;
 *     json_init(&json, &out, 0);
 *     json_object_begin(&json);
 *     json_key(&json, "id");
 *     json_text(&json, "7f3a");
 *     json_object_end(&json);
 *
 * Invariant: in an object a key comes before each value, in an array none does; begins
 * and ends match. Nesting goes to JSON_MAX_DEPTH. What comes out is one line of UTF-8
 * without control characters, whatever the texts hold; with an indent, lines. The buf is
 * borrowed; whether memory ran out is in the buf.
 */
#ifndef SMILEY_SCHEMAS_JSON_H
#define SMILEY_SCHEMAS_JSON_H

#include "schemas/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define JSON_MAX_DEPTH 32

struct json {
	struct buf *out;
	int indent; /* spaces a level; 0: all on one line */
	int depth;
	uint64_t started; /* bit per level: something is in it already */
	bool after_key;   /* the next value follows its key */
};

void json_init(struct json *json, struct buf *out, int indent);

void json_object_begin(struct json *json);
void json_object_end(struct json *json);
void json_array_begin(struct json *json);
void json_array_end(struct json *json);

/* The name of the next value in an object. */
void json_key(struct json *json, const char *key);
void json_key_slice(struct json *json, struct slice key);

void json_text(struct json *json, const char *text);
void json_slice(struct json *json, struct slice text);
void json_long(struct json *json, int64_t value);
void json_boolean(struct json *json, bool value);
void json_null(struct json *json);

/* Nanoseconds as a number of seconds with nine decimals. */
void json_seconds(struct json *json, int64_t nanoseconds);

/* Appends text as a JSON string with its quotes: controls, DEL, C1, U+2028 to
 * U+202E and U+2066 to U+2069 escaped, what is not UTF-8 replaced by U+FFFD. */
void json_string(struct buf *out, struct slice text);

#endif
