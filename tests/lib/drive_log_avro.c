/* links: ingest schemas avro */
/*
 * drive_log_avro DIR: reads every message of a file log with Avro C as well. Each must be
 * the bytes that Avro C writes, and each block the same events to both. Prints how many
 * messages, events and bytes of blocks there were.
 */
#include "tests/lib/avro_c.c"

#include "ingest/log.h"
#include "schemas/message.h"

static int64_t events, blocks;
static size_t bytes;

static int check(struct slice message, struct block_cursor *cursor, struct err *err)
{
	struct block_head head;
	struct slice body;
	int id = message_parse(message, &body, err);

	if (id < 0)
		return id;
	avro_c_same_bytes((enum schema_id)id, body);
	if (id != SCHEMA_TRACE_BLOCK)
		return 0;
	if (block_head_parse(body, &head, err) < 0 || block_cursor_open(cursor, body, err) < 0)
		return err->code;
	avro_c_same_events(body, cursor);
	events += head.event_count;
	bytes += message.len;
	blocks++;
	return 0;
}

int main(int argc, char **argv)
{
	struct block_cursor *cursor = block_cursor_new();
	struct log_reader *reader = NULL;
	struct log_record record;
	struct log *log = NULL;
	struct err err = {0};
	int64_t messages = 0;
	int rc = -1;

	if (argc == 2 && cursor && file_log_open(argv[1], false, &log, &err) == 0 &&
		log_reader_open(log, LOG_FROM_START, &reader, &err) == 0) {
		while ((rc = log_reader_next(reader, 0, &record, &err)) == 1) {
			rc = check(record.message, cursor, &err);
			if (rc < 0)
				break;
			messages++;
		}
	}
	if (rc < 0)
		fprintf(stderr, "drive_log_avro: %s\n", err.message);
	else
		printf("%lld messages, %lld blocks, %lld events, %zu bytes of blocks\n",
			(long long)messages, (long long)blocks, (long long)events, bytes);
	if (reader)
		log_reader_close(reader);
	if (log)
		log_close(log);
	block_cursor_free(cursor);
	avro_c_release();
	return rc < 0;
}
