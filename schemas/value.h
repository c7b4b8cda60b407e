/*
 * value: reads one encoded value.
 */
#ifndef SMILEY_SCHEMAS_VALUE_H
#define SMILEY_SCHEMAS_VALUE_H

#include "schemas/buf.h"
#include "schemas/err.h"
#include "schemas/event.h"
#include "schemas/item.h"

/* Names that a block has defined so far, by index. */
struct name_table {
	size_t count;
	const struct slice *names;
};

/* Steps over one value, checking it: nesting up to VALUE_MAX_DEPTH, valid UTF-8, enums and
 * name indexes in range. False when the bytes are not a value. */
struct avro_in;
bool value_skip(struct avro_in *in, size_t name_count);

/* The same over a container's array of items; *items are their bytes without count and end. */
bool value_skip_items(struct avro_in *in, size_t name_count, int64_t *count, struct slice *items);

/* The branch of a value that has been checked. */
enum value_kind value_kind(struct value value);

/*
 * Appends the value as Python's repr() would show it, for built-in types within the
 * tracer's limits (repr of CPython 3.11: float by shortest round-trip, quotes chosen as
 * str does, non-printable characters escaped). What was cut says so:
 *   a str 'abc'... (1000 chars); bytes b'abc'... (1000 bytes); a list [1, 2, ... 98 more];
 *   an int over the limit <int of 19932 bits>; itself inside itself [...];
 *   <module.Type object at 0x7f..>; <redacted str #a1b2>.
 * Control characters never come out raw, whatever the value holds.
 */
void value_repr(struct value value, struct buf *out);

/* True for what the text form leaves out: modules, functions, methods. */
bool value_is_routine(struct value value);

#endif
