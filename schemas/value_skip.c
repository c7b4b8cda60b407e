/*
 * The one check of a value's bytes: what passes here, value_repr() and the cursor read
 * without further checks of bounds, enums, names or UTF-8. Arrays are one Avro block
 * (count, items, 0) or none (0), as every writer of ours, Avro C and fastavro make them.
 * Numbers that the schema leaves free (lengths, addresses, bits) are not judged.
 */
#include "schemas/value.h"

#include "schemas/avro.h"

/* Each returns the place behind what it reads; NULL: the bytes are not that. */

static const uint8_t *skip_value(
	const uint8_t *at, const uint8_t *end, size_t name_count, int depth);

static inline const uint8_t *skip_index(const uint8_t *at, const uint8_t *end, size_t limit)
{
	struct avro_long index = avro_long(at, end);

	return index.behind && (uint64_t)index.value < limit ? index.behind : NULL;
}

static inline const uint8_t *skip_bytes(const uint8_t *at, const uint8_t *end)
{
	struct avro_long len = avro_long(at, end);

	if (!len.behind || (uint64_t)len.value > (uint64_t)(end - len.behind))
		return NULL;
	return len.behind + len.value;
}

static const uint8_t *skip_string(const uint8_t *at, const uint8_t *end)
{
	struct avro_in in = {at, end};
	struct slice value;

	return avro_get_string(&in, &value) ? in.at : NULL;
}

static const uint8_t *skip_int(const uint8_t *at, const uint8_t *end)
{
	struct avro_in in = {at, end};
	int32_t value;

	return avro_get_int(&in, &value) ? in.at : NULL;
}

static inline const uint8_t *skip_fixed(const uint8_t *at, const uint8_t *end, ptrdiff_t len)
{
	return end - at >= len ? at + len : NULL;
}

static inline const uint8_t *skip_boolean(const uint8_t *at, const uint8_t *end)
{
	return at != end && *at <= 1 ? at + 1 : NULL;
}

/* A long, then bytes. */
static const uint8_t *skip_long_bytes(const uint8_t *at, const uint8_t *end)
{
	at = avro_skip_long(at, end);
	return at ? skip_bytes(at, end) : NULL;
}

static const uint8_t *skip_blob(const uint8_t *at, const uint8_t *end)
{
	at = skip_index(at, end, BLOB_KINDS);
	return at ? skip_long_bytes(at, end) : NULL;
}

/* How many items an array has. Each takes at least a byte, so that a hostile count ends with the
 * input. */
static inline const uint8_t *read_count(const uint8_t *at, const uint8_t *end, int64_t *count)
{
	struct avro_long read = avro_long(at, end);

	*count = read.value;
	return read.behind && read.value >= 0 && read.value <= end - read.behind ? read.behind
										 : NULL;
}

static const uint8_t *skip_items(
	const uint8_t *at, const uint8_t *end, int64_t count, size_t name_count, int depth)
{
	for (int64_t i = 0; i < count && at; i++)
		at = skip_value(at, end, name_count, depth);
	return at;
}

/* An array's end, which one without items has not, is a zero: in one byte or in more. */
static inline const uint8_t *skip_stop(const uint8_t *at, const uint8_t *end, int64_t count)
{
	struct avro_long stop;

	if (count == 0)
		return at;
	stop = avro_long(at, end);
	return stop.value == 0 ? stop.behind : NULL;
}

static const uint8_t *skip_array(
	const uint8_t *at, const uint8_t *end, size_t name_count, int depth)
{
	int64_t count;

	at = read_count(at, end, &count);
	if (at)
		at = skip_items(at, end, count, name_count, depth + 1);
	return at ? skip_stop(at, end, count) : NULL;
}

static const uint8_t *skip_container(
	const uint8_t *at, const uint8_t *end, size_t name_count, int depth)
{
	at = skip_index(at, end, CONTAINER_KINDS);
	if (at)
		at = avro_skip_long(at, end);
	return at ? skip_array(at, end, name_count, depth) : NULL;
}

static const uint8_t *skip_object(const uint8_t *at, const uint8_t *end, size_t name_count)
{
	at = skip_index(at, end, OBJECT_KINDS);
	if (at)
		at = skip_index(at, end, name_count);
	return at ? avro_skip_long(at, end) : NULL;
}

static const uint8_t *skip_error(
	const uint8_t *at, const uint8_t *end, size_t name_count, int depth)
{
	at = skip_index(at, end, name_count);
	if (at)
		at = avro_skip_long(at, end);
	if (at)
		at = avro_skip_long(at, end);
	return at ? skip_array(at, end, name_count, depth) : NULL;
}

static const uint8_t *skip_redacted(const uint8_t *at, const uint8_t *end, size_t name_count)
{
	at = skip_index(at, end, name_count);
	return at ? skip_int(at, end) : NULL;
}

static const uint8_t *skip_value(
	const uint8_t *at, const uint8_t *end, size_t name_count, int depth)
{
	struct avro_long kind = avro_long(at, end);

	at = kind.behind;
	if (!at || depth > VALUE_MAX_DEPTH)
		return NULL;
	switch (kind.value) {
	case VALUE_NULL:
	case VALUE_UNSET:
		return at;
	case VALUE_BOOLEAN:
		return skip_boolean(at, end);
	case VALUE_LONG:
		return avro_skip_long(at, end);
	case VALUE_DOUBLE:
		return skip_fixed(at, end, 8);
	case VALUE_STRING:
		return skip_string(at, end);
	case VALUE_BYTES:
		return skip_bytes(at, end);
	case VALUE_BIGINT:
	case VALUE_TEXT:
		return skip_long_bytes(at, end);
	case VALUE_BLOB:
		return skip_blob(at, end);
	case VALUE_COMPLEX:
		return skip_fixed(at, end, 16);
	case VALUE_CONTAINER:
		return skip_container(at, end, name_count, depth);
	case VALUE_OBJECT:
		return skip_object(at, end, name_count);
	case VALUE_ERROR:
		return skip_error(at, end, name_count, depth);
	case VALUE_REDACTED:
		return skip_redacted(at, end, name_count);
	default:
		return NULL;
	}
}

bool value_skip_items(struct avro_in *in, size_t name_count, int64_t *count, struct slice *items)
{
	const uint8_t *first = read_count(in->at, in->end, count), *behind, *stop;

	behind = first ? skip_items(first, in->end, *count, name_count, 1) : NULL;
	stop = behind ? skip_stop(behind, in->end, *count) : NULL;
	if (!stop)
		return false;
	*items = (struct slice){first, (size_t)(behind - first)};
	in->at = stop;
	return true;
}

bool value_skip(struct avro_in *in, size_t name_count)
{
	const uint8_t *behind = skip_value(in->at, in->end, name_count, 0);

	if (behind)
		in->at = behind;
	return behind != NULL;
}
