/* links: schemas */
/*
 * drive_schemas: our encoders and decoders for tests in other languages. Messages go
 * through stdin and stdout, each behind its length in 4 bytes, little-endian.
 *
 *     drive_schemas generate FIRST COUNT   COUNT random messages of every schema
 *     drive_schemas again                  run records: decoded and encoded
 *     drive_schemas events                 blocks: the events in them, one a line
 *     drive_schemas schema ID              the text of a schema
 */
#include "tests/lib/help_block.c"
#include "tests/lib/help_dump.c"
#include "tests/lib/help_random.c"
#include "tests/lib/help_record.c"

#include "schemas/schema_text.h"

#include <stdio.h>
#include <stdlib.h>

static int fail(const char *what, const struct err *err)
{
	fprintf(stderr, "drive_schemas: %s: %s\n", what, err ? err->message : "");
	return 1;
}

static void put_message(const struct buf *message)
{
	uint8_t head[4] = {(uint8_t)message->len, (uint8_t)(message->len >> 8),
		(uint8_t)(message->len >> 16), (uint8_t)(message->len >> 24)};

	fwrite(head, 1, sizeof(head), stdout);
	fwrite(message->data, 1, message->len, stdout);
}

static bool get_message(struct buf *message)
{
	uint8_t head[4];
	size_t len;

	if (fread(head, 1, sizeof(head), stdin) != sizeof(head))
		return false;
	len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
	buf_clear(message);
	if (buf_reserve(message, len) < 0 || fread(message->data, 1, len, stdin) != len)
		return false;
	message->len = len;
	return true;
}

static int generate(uint64_t first, uint64_t count)
{
	struct buf message = {0};

	for (uint64_t seed = first; seed < first + count; seed++) {
		for (int id = SCHEMA_TRACE_BLOCK_V1; id <= SCHEMA_LAST; id++) {
			buf_clear(&message);
			random_message((enum schema_id)id, seed, &message);
			put_message(&message);
		}
	}
	buf_release(&message);
	return 0;
}

static int again(void)
{
	struct buf message = {0}, out = {0};
	struct slice body;
	struct err err;

	while (get_message(&message)) {
		int id = message_parse(buf_slice(&message), &body, &err);

		buf_clear(&out);
		if (id < 0 || record_again((enum schema_id)id, body, &out, &err) < 0)
			return fail("again", &err);
		put_message(&out);
	}
	buf_release(&message);
	buf_release(&out);
	return 0;
}

static int events(void)
{
	struct block_cursor *cursor = block_cursor_new();
	struct buf message = {0}, out = {0};
	struct slice body;
	struct err err;

	while (cursor && get_message(&message)) {
		int id = message_parse(buf_slice(&message), &body, &err);

		buf_clear(&out);
		if (id < 0 || block_cursor_open(cursor, body, &err) < 0 ||
			dump_rest(cursor, &out, &err) < 0)
			return fail("events", &err);
		fwrite(out.data, 1, out.len, stdout);
	}
	block_cursor_free(cursor);
	buf_release(&message);
	buf_release(&out);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "generate") == 0 && argc == 4)
		return generate(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
	if (strcmp(what, "again") == 0)
		return again();
	if (strcmp(what, "events") == 0)
		return events();
	if (strcmp(what, "schema") == 0 && argc == 3 && schema_text((enum schema_id)atoi(argv[2])))
		return fputs(schema_text((enum schema_id)atoi(argv[2])), stdout) < 0;
	return fail("generate FIRST COUNT | again | events | schema ID", NULL);
}
