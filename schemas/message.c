#include "schemas/message.h"

#include "schemas/avro.h"
#include "schemas/schema_text.h"

void message_header(struct buf *message, enum schema_id id)
{
	uint32_t number = (uint32_t)id;
	uint8_t bytes[MESSAGE_HEADER_BYTES] = {0, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
		(uint8_t)(number >> 8), (uint8_t)number};

	buf_append(message, bytes, sizeof(bytes));
}

int message_parse(struct slice message, struct slice *body, struct err *err)
{
	uint32_t id;

	if (message.len < MESSAGE_HEADER_BYTES)
		return err_set(err, ERR_FORMAT, "message: %zu bytes are too few for its header",
			message.len);
	if (message.len > MESSAGE_MAX_BYTES)
		return err_set(err, ERR_FORMAT, "message: %zu bytes are over the limit of %d",
			message.len, MESSAGE_MAX_BYTES);
	if (message.data[0] != 0)
		return err_set(err, ERR_FORMAT, "message: begins with byte 0x%02x instead of 0x00",
			message.data[0]);
	id = (uint32_t)message.data[1] << 24 | (uint32_t)message.data[2] << 16 |
	     (uint32_t)message.data[3] << 8 | message.data[4];
	if (id > INT32_MAX || !schema_name((enum schema_id)id))
		return err_set(err, ERR_SCHEMA,
			"message: schema id %lu is not known to this version of smiley",
			(unsigned long)id);
	*body = (struct slice){
		message.data + MESSAGE_HEADER_BYTES, message.len - MESSAGE_HEADER_BYTES};
	return (int)id;
}

int message_run_id(struct slice message, struct run_id *run, struct err *err)
{
	struct slice body;
	struct avro_in in;
	int id = message_parse(message, &body, err);

	if (id < 0)
		return id;
	in = avro_in(body);
	/* Every schema has the run id as its first field. */
	if (!avro_get_fixed(&in, run->bytes, sizeof(run->bytes)))
		return err_set(err, ERR_FORMAT, "%s: cut short in its run id",
			schema_name((enum schema_id)id));
	return 0;
}
