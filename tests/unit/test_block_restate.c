/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schemas/block.h"
#include "tests/lib/help_block.h"
#include "tests/lib/help_dump.h"

/* The block that goes on where the cursor stands: what it restates, and the items left. */
static void cut_here(struct block_cursor *cursor, const struct block_head *whole, int64_t events,
	struct buf *items, struct block_head *rest)
{
	size_t offset = block_cursor_offset(cursor);
	struct err err;

	buf_clear(items);
	*rest = *whole;
	rest->item_count = whole->item_count - block_cursor_items(cursor);
	assert_int_equal(block_cursor_restate(cursor, items, &rest->item_count, &err), 0);
	buf_append(items, whole->items.data + offset, whole->items.len - offset);
	rest->items = buf_slice(items);
	rest->first_seq += events;
	rest->event_count -= events;
	rest->base_ns = block_cursor_time_ns(cursor);
}

/* Where the lines of the events from `events` on begin. */
static const char *line_at(const char *text, int64_t events)
{
	while (events-- > 0)
		text = strchr(text, '\n') + 1;
	return text;
}

static void is_same_from(const char *want, const struct block_head *rest)
{
	struct block_cursor *cursor = block_cursor_new();
	struct buf message = {0}, got = {0};
	struct err err;

	block_encode(rest, &message);
	assert_int_equal(block_cursor_open(cursor,
				 (struct slice){message.data + MESSAGE_HEADER_BYTES,
					 message.len - MESSAGE_HEADER_BYTES},
				 &err),
		0);
	if (dump_rest(cursor, &got, &err) < 0)
		fail_msg("the rest: %s", err.message);
	assert_string_equal(buf_string(&got), want);
	block_cursor_free(cursor);
	buf_release(&message);
	buf_release(&got);
}

static void a_block_cut_behind_any_event_goes_on_the_same(void **state)
{
	struct block_cursor *cursor = block_cursor_new();
	struct buf all = {0}, items = {0};
	struct err err;

	(void)state;
	for (uint64_t seed = 1; seed < 14; seed++) {
		struct build build = {0};
		const struct event *event;
		struct block_head rest;
		int64_t events = 0;

		build_random(&build, seed, 100);
		buf_clear(&all);
		assert_int_equal(block_cursor_open_items(cursor, build_head(&build), &err), 0);
		assert_int_equal(dump_rest(cursor, &all, &err), 0);
		assert_int_equal(block_cursor_open_items(cursor, build_head(&build), &err), 0);
		do {
			cut_here(cursor, build_head(&build), events, &items, &rest);
			is_same_from(line_at(buf_string(&all), events), &rest);
			events++;
		} while (block_cursor_next(cursor, &event, &err) == 1);
		assert_int_equal(events, build.event_count + 1);
		build_release(&build);
	}
	block_cursor_free(cursor);
	buf_release(&all);
	buf_release(&items);
}

/* Restating what is restated gives the same bytes, in the same order. */
static void a_restated_block_restates_itself(void **state)
{
	struct block_cursor *cursor = block_cursor_new();
	struct block_cursor *second = block_cursor_new();
	struct buf once = {0}, twice = {0}, out = {0};
	struct build build = {0};
	struct block_head head;
	int64_t count = 0;
	struct err err;

	(void)state;
	build_random(&build, 11, 400);
	assert_int_equal(block_cursor_open_items(cursor, build_head(&build), &err), 0);
	assert_int_equal(dump_rest(cursor, &out, &err), 0);
	head = *build_head(&build);
	head.item_count = 0;
	head.event_count = 0;
	assert_int_equal(block_cursor_restate(cursor, &once, &head.item_count, &err), 0);
	head.items = buf_slice(&once);
	assert_int_equal(block_cursor_open_items(second, &head, &err), 0);
	assert_int_equal(dump_rest(second, &out, &err), 0);
	assert_int_equal(block_cursor_restate(second, &twice, &count, &err), 0);
	assert_int_equal(count, head.item_count);
	assert_int_equal(once.len, twice.len);
	block_cursor_free(cursor);
	block_cursor_free(second);
	build_release(&build);
	buf_release(&once);
	buf_release(&twice);
	buf_release(&out);
}

static void nothing_read_restates_to_nothing(void **state)
{
	struct block_cursor *cursor = block_cursor_new();
	struct block_head head = {.base_ns = 5};
	struct buf items = {0};
	int64_t count = 3;
	struct err err;

	(void)state;
	assert_int_equal(block_cursor_open_items(cursor, &head, &err), 0);
	assert_int_equal(block_cursor_restate(cursor, &items, &count, &err), 0);
	assert_int_equal(count, 3);
	assert_int_equal(items.len, 0);
	assert_int_equal(block_cursor_time_ns(cursor), 5);
	block_cursor_free(cursor);
}

static void what_could_not_be_read_is_not_restated(void **state)
{
	struct block_cursor *cursor = block_cursor_new();
	struct build build = {0};
	const struct event *event;
	struct buf items = {0};
	int64_t count = 0;
	struct err err;

	(void)state;
	build_line(&build, 1, 1);
	assert_int_equal(block_cursor_open_items(cursor, build_head(&build), &err), 0);
	assert_int_equal(block_cursor_next(cursor, &event, &err), ERR_FORMAT);
	assert_int_equal(block_cursor_restate(cursor, &items, &count, &err), ERR_FORMAT);
	assert_string_equal(err.message, "block: its reading has failed before");
	block_cursor_free(cursor);
	build_release(&build);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_cut_behind_any_event_goes_on_the_same),
		cmocka_unit_test(a_restated_block_restates_itself),
		cmocka_unit_test(nothing_read_restates_to_nothing),
		cmocka_unit_test(what_could_not_be_read_is_not_restated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
