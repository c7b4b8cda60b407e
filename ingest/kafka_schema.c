#include "ingest/kafka_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/item.h"

/* No id has more digits. */
#define DIGITS_MAX 10

void kafka_log_set_schema_ids(struct log *log, const struct kafka_schema_ids *ids)
{
	((struct kafka_log *)log)->schema_ids = *ids;
}

int kafka_schema_ready(struct kafka_log *log, struct err *err)
{
	struct err own = {0};
	int result;

	if (!log->schema_ids.get || log->schema_ids_known)
		return 0;
	result = log->schema_ids.get(log->schema_ids.context, log->schema_id, &own);
	log->schema_ids_known = result == 0;
	if (result < 0) {
		trouble_tell(log->trouble, own.message);
		return err_set(err, result, "%s", own.message);
	}
	return 0;
}

static uint32_t get_id(const uint8_t *message)
{
	return (uint32_t)message[1] << 24 | (uint32_t)message[2] << 16 | (uint32_t)message[3] << 8 |
	       message[4];
}

static int put_id(struct buf *out, struct slice message, uint32_t id)
{
	const uint8_t header[MESSAGE_HEADER_BYTES] = {
		0, (uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id};

	buf_clear(out);
	buf_append(out, header, sizeof(header));
	buf_append(out, message.data + sizeof(header), message.len - sizeof(header));
	return out->failed ? ERR_MEMORY : 0;
}

static bool is_framed(struct slice message)
{
	return message.len >= MESSAGE_HEADER_BYTES && message.data[0] == 0;
}

int kafka_schema_outward(struct kafka_log *log, struct slice message, struct slice *outward,
	uint32_t *ours, struct err *err)
{
	uint32_t id;

	*outward = message;
	*ours = 0;
	if (!log->schema_ids.get || !is_framed(message))
		return 0;
	id = get_id(message.data);
	if (id == 0 || id > KAFKA_SCHEMAS || log->schema_id[id - 1] == 0)
		return 0;
	if (put_id(&log->patched, message, log->schema_id[id - 1]) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	*outward = buf_slice(&log->patched);
	*ours = id;
	return 0;
}

/* Of decimal digits; 0: they are none. */
static uint32_t parse_id(const char *digits, size_t len)
{
	uint64_t id = 0;

	if (len > DIGITS_MAX)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return 0;
		id = id * 10 + (uint64_t)(digits[i] - '0');
	}
	return id <= INT32_MAX ? (uint32_t)id : 0;
}

bool kafka_schema_inward(
	const rd_kafka_message_t *message, struct buf *patched, struct slice *inward)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t len;
	uint32_t id;

	if (!inward->data || !is_framed(*inward) || rd_kafka_message_headers(message, &headers) ||
		rd_kafka_header_get_last(headers, KAFKA_SCHEMA_HEADER, &value, &len) || !value)
		return true;
	id = parse_id(value, len);
	if (id == 0)
		return true;
	if (put_id(patched, *inward, id) < 0)
		return false;
	*inward = buf_slice(patched);
	return true;
}
