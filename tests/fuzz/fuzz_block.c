/* links: schemas avro */
/*
 * fuzz_block: any bytes as the body of a TraceBlock. What our cursor accepts to its end,
 * Avro C must read too, and as the same events; and what is restated in its middle must
 * be read again. The skim must say of any bytes what the cursor says.
 */
#include "tests/lib/avro_c.c"

#include "schemas/message.h"
#include "tests/lib/help_dump.c"
#include "tests/lib/help_skim.c"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int open_and_read(struct block_cursor *cursor, struct slice body, struct buf *out)
{
	struct err err;
	int rc = block_cursor_open(cursor, body, &err);

	return rc < 0 ? rc : dump_rest(cursor, out, &err);
}

/* Cuts the block in its middle; the second half must say what it said uncut. */
static void check_restate(struct block_cursor *cursor, struct slice body, const struct buf *all)
{
	struct block_head head;
	const struct event *event;
	struct buf items = {0}, message = {0}, rest = {0}, front = {0};
	struct err err;
	int64_t cut;

	assert(block_head_parse(body, &head, &err) == 0);
	assert(block_cursor_open(cursor, body, &err) == 0);
	cut = head.event_count / 2;
	for (int64_t i = 0; i < cut; i++) {
		assert(block_cursor_next(cursor, &event, &err) == 1);
		dump_event(event, &front);
	}
	head.item_count -= block_cursor_items(cursor);
	assert(block_cursor_restate(cursor, &items, &head.item_count, &err) == 0);
	buf_append(&items, head.items.data + block_cursor_offset(cursor),
		head.items.len - block_cursor_offset(cursor));
	head.items = buf_slice(&items);
	head.first_seq += cut;
	head.event_count -= cut;
	head.base_ns = block_cursor_time_ns(cursor);
	block_encode(&head, &message);
	assert(open_and_read(cursor,
		       (struct slice){message.data + MESSAGE_HEADER_BYTES,
			       message.len - MESSAGE_HEADER_BYTES},
		       &rest) == 0);
	buf_append(&front, rest.data, rest.len);
	assert(slice_equal(buf_slice(&front), buf_slice(all)));
	buf_release(&items);
	buf_release(&message);
	buf_release(&rest);
	buf_release(&front);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct block_cursor *cursor; /* one for all, as programs use it */
	static struct skim_pair pair;
	struct slice body = {data, size};
	struct buf all = {0};
	struct err err;
	int64_t event;
	int rc;

	if (!cursor) {
		cursor = block_cursor_new();
		skim_pair_init(&pair);
	}
	assert(cursor);
	assert(skim_pair_differs(&pair, body, &rc, &event) == NULL);
	if (open_and_read(cursor, body, &all) == 0) {
		assert(block_cursor_open(cursor, body, &err) == 0);
		avro_c_same_events(body, cursor);
		check_restate(cursor, body, &all);
	}
	buf_release(&all);
	return 0;
}
