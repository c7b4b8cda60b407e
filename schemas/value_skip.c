/*
 * The one check of a value's bytes: what passes here, value_repr() and the cursor read
 * without further checks of bounds, enums, names or UTF-8. Arrays are one Avro block
 * (count, items, 0) or none (0), as every writer of ours, Avro C and fastavro make them.
 * Numbers that the schema leaves free (lengths, addresses, bits) are not judged.
 */
#include "schemas/value.h"

#include "schemas/avro.h"

static bool skip_value(struct avro_in *in, size_t name_count, int depth);

static bool skip_index(struct avro_in *in, size_t limit)
{
	int64_t index;

	return avro_get_long(in, &index) && index >= 0 && (uint64_t)index < limit;
}

static bool skip_long(struct avro_in *in)
{
	int64_t value;

	return avro_get_long(in, &value);
}

static bool skip_bytes(struct avro_in *in)
{
	struct slice value;

	return avro_get_bytes(in, &value);
}

static bool skip_string(struct avro_in *in)
{
	struct slice value;

	return avro_get_string(in, &value);
}

static bool skip_fixed(struct avro_in *in, size_t len)
{
	if ((size_t)(in->end - in->at) < len)
		return false;
	in->at += len;
	return true;
}

static bool skip_boolean(struct avro_in *in)
{
	bool value;

	return avro_get_boolean(in, &value);
}

static bool skip_int(struct avro_in *in)
{
	int32_t value;

	return avro_get_int(in, &value);
}

/* Each item takes at least a byte, so that a hostile count ends with the input. */
static bool skip_array(struct avro_in *in, size_t name_count, int depth)
{
	int64_t count, end;

	if (!avro_get_long(in, &count) || count < 0)
		return false;
	if (count == 0)
		return true;
	if (count > in->end - in->at)
		return false;
	for (int64_t i = 0; i < count; i++) {
		if (!skip_value(in, name_count, depth + 1))
			return false;
	}
	return avro_get_long(in, &end) && end == 0;
}

static bool skip_value(struct avro_in *in, size_t name_count, int depth)
{
	int64_t kind;

	if (depth > VALUE_MAX_DEPTH || !avro_get_long(in, &kind))
		return false;
	switch (kind) {
	case VALUE_NULL:
	case VALUE_UNSET:
		return true;
	case VALUE_BOOLEAN:
		return skip_boolean(in);
	case VALUE_LONG:
		return skip_long(in);
	case VALUE_DOUBLE:
		return skip_fixed(in, 8);
	case VALUE_STRING:
		return skip_string(in);
	case VALUE_BYTES:
		return skip_bytes(in);
	case VALUE_BIGINT:
	case VALUE_TEXT:
		return skip_long(in) && skip_bytes(in);
	case VALUE_BLOB:
		return skip_index(in, BLOB_KINDS) && skip_long(in) && skip_bytes(in);
	case VALUE_COMPLEX:
		return skip_fixed(in, 16);
	case VALUE_CONTAINER:
		return skip_index(in, CONTAINER_KINDS) && skip_long(in) &&
		       skip_array(in, name_count, depth);
	case VALUE_OBJECT:
		return skip_index(in, OBJECT_KINDS) && skip_index(in, name_count) && skip_long(in);
	case VALUE_ERROR:
		return skip_index(in, name_count) && skip_long(in) && skip_long(in) &&
		       skip_array(in, name_count, depth);
	case VALUE_REDACTED:
		return skip_index(in, name_count) && skip_int(in);
	default:
		return false;
	}
}

bool value_skip(struct avro_in *in, size_t name_count)
{
	return skip_value(in, name_count, 0);
}
