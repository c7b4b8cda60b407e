/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/avro.h"
#include "schemas/block.h"
#include "schemas/value.h"
#include "tests/lib/help_fixture.h"

static void open_block(struct fixture *f)
{
	build_body(&f->build, &f->body);
	assert_int_equal(block_cursor_open(f->cursor, buf_slice(&f->body), &f->err), 0);
}

static void refused(struct fixture *f, const char *why)
{
	int rc;

	build_body(&f->build, &f->body);
	rc = block_cursor_open(f->cursor, buf_slice(&f->body), &f->err);
	while (rc >= 0) {
		rc = block_cursor_next(f->cursor, &f->event, &f->err);
		if (rc == 0)
			fail_msg("accepted, but: %s", why);
	}
	assert_int_equal(rc, ERR_FORMAT);
	assert_int_equal(f->err.code, ERR_FORMAT);
	if (!strstr(f->err.message, why))
		fail_msg("\"%s\" does not say \"%s\"", f->err.message, why);
	assert_int_equal(block_cursor_next(f->cursor, &f->event, &f->err), ERR_FORMAT);
}

static void a_block_forgets_the_one_before(void **state)
{
	struct fixture *f = *state;

	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	open_block(f);
	assert_int_equal(block_cursor_next(f->cursor, &f->event, &f->err), 1);
	build_release(&f->build);
	build_line(&f->build, 1, 1);
	refused(f, "an event in no thread");
	build_release(&f->build);
	build_switch(&f->build, 0);
	refused(f, "a Switch to a thread that is not stated yet");
	build_release(&f->build);
	build_resize(&f->build, 0, 1);
	refused(f, "a Name that is not defined yet");
}

/* Each writes one thing that is wrong, behind a thread with frame 3. */
static void wrong_no_frame(struct fixture *f)
{
	build_thread(&f->build, 5, 5, f->name[0], 0);
	build_line(&f->build, 1, 1);
}

static void wrong_call_code(struct fixture *f)
{
	build_call(&f->build, 1, f->code + 1);
}

static void wrong_code_name(struct fixture *f)
{
	build_code(&f->build, f->name[0], 77, 1);
}

static void wrong_local_name(struct fixture *f)
{
	build_long(&f->build, ITEM_LOCAL, -1, 1);
}

static void wrong_local_place(struct fixture *f)
{
	build_switch(&f->build, 0);
	build_long(&f->build, ITEM_LOCAL, f->name[0], 1);
}

static void wrong_resize_unknown(struct fixture *f)
{
	build_resize(&f->build, f->name[2], 1);
}

static void wrong_resize_kind(struct fixture *f)
{
	build_long(&f->build, ITEM_LOCAL, f->name[2], 1);
	build_resize(&f->build, f->name[2], 1);
}

static void wrong_resize_place(struct fixture *f)
{
	build_switch(&f->build, 0);
	build_resize(&f->build, f->name[2], 1);
}

static void wrong_splice_place(struct fixture *f)
{
	build_local(&f->build, ITEM_LOCAL, f->name[2],
		(struct slice){(const uint8_t *)"\x14\x00\x00\x00", 4});
	build_splice(&f->build, f->name[2], 1, -1, 0, 0, (struct slice){0});
}

static void wrong_splice_items(struct fixture *f)
{
	build_local(&f->build, ITEM_LOCAL, f->name[2],
		(struct slice){(const uint8_t *)"\x14\x00\x00\x00", 4});
	build_splice(&f->build, f->name[2], 1, 0, 0, 1, slice_text("\x7e"));
}

static void wrong_frame_twice(struct fixture *f)
{
	build_frame(&f->build, 3, f->code, 1, false);
}

static void wrong_call_twice(struct fixture *f)
{
	build_frame(&f->build, 100, f->code, 1, true);
	build_call(&f->build, 1, f->code);
}

static void wrong_resume_running(struct fixture *f)
{
	build_resume(&f->build, 1, 3, f->code, 1);
}

static void wrong_time(struct fixture *f)
{
	build_line(&f->build, INT64_MAX, 1);
}

static void wrong_line(struct fixture *f)
{
	build_line(&f->build, 1, INT64_MAX);
}

static void wrong_thread(struct fixture *f)
{
	build_thread(&f->build, -1, 1, f->name[0], 0);
}

static void wrong_hidden(struct fixture *f)
{
	build_thread(&f->build, 1, 1, f->name[0], -1);
}

static void wrong_value(struct fixture *f)
{
	build_local(&f->build, ITEM_LOCAL, f->name[0], slice_text("\x1e"));
}

static void wrong_name(struct fixture *f)
{
	build_name(&f->build, "\xc0\x80");
}

static void wrong_kind(struct fixture *f)
{
	build_name(&f->build, "x");
	f->build.items.data[f->build.items.len - 3] = ITEM_KINDS << 1;
}

static void wrong_boolean(struct fixture *f)
{
	build_frame(&f->build, 9, f->code, 1, false);
	f->build.items.data[f->build.items.len - 1] = 2;
}

static void wrong_more_items(struct fixture *f)
{
	f->build.item_count++;
}

static void wrong_fewer_items(struct fixture *f)
{
	f->build.item_count--;
}

static void wrong_more_events(struct fixture *f)
{
	build_line(&f->build, 1, 1);
	f->build.event_count = 0;
}

static void wrong_fewer_events(struct fixture *f)
{
	f->build.event_count++;
}

static void wrong_seq(struct fixture *f)
{
	f->build.head.first_seq = INT64_MAX;
	build_line(&f->build, 1, 1);
}

static void wrong_negative_seq(struct fixture *f)
{
	f->build.head.first_seq = -1;
}

static void wrong_event_count(struct fixture *f)
{
	f->build.event_count = f->build.item_count + 1;
}

static void wrong_item_count(struct fixture *f)
{
	f->build.item_count = INT64_MAX;
}

static void wrong_task(struct fixture *f)
{
	build_task(&f->build, 1, -1, f->name[0]);
}

static void wrong_gap(struct fixture *f)
{
	build_gap(&f->build, 1, -2, f->name[0]);
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		void (*write)(struct fixture *);
		const char *why;
	} cases[] = {
		{wrong_no_frame, "an event in no frame"},
		{wrong_call_code, "a Code that is not defined yet"},
		{wrong_code_name, "a Name that is not defined yet"},
		{wrong_local_name, "a Name that is not defined yet"},
		{wrong_local_place, "a local of no frame"},
		{wrong_resize_unknown, "Resize or Splice of a local that has no value"},
		{wrong_resize_kind, "Resize or Splice of a local that is no container"},
		{wrong_splice_place, "a Splice at a negative place or number"},
		{wrong_splice_items, "items that are none"},
		{wrong_resize_place, "a Resize or Splice in no frame"},
		{wrong_frame_twice, "a frame that is on this stack already"},
		{wrong_call_twice, "a Call whose frame is there already"},
		{wrong_resume_running, "a Resume of a frame that runs"},
		{wrong_time, "a time beyond all bounds"},
		{wrong_line, "a line beyond all bounds"},
		{wrong_thread, "a negative number"},
		{wrong_hidden, "a negative number"},
		{wrong_value, "a value that is none"},
		{wrong_name, "a Name that is cut short or not UTF-8"},
		{wrong_kind, "an item of no known kind"},
		{wrong_boolean, "a boolean that is none"},
		{wrong_more_items, "cut short"},
		{wrong_fewer_items, "bytes behind the last item"},
		{wrong_more_events, "more events than the head says"},
		{wrong_fewer_events, "fewer events than the head says"},
		{wrong_seq, "are no range"},
		{wrong_negative_seq, "are no range"},
		{wrong_event_count, "cannot hold"},
		{wrong_item_count, "do not fit in"},
		{wrong_task, "a negative number"},
		{wrong_gap, "a negative number"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *f;
		void *made;

		fixture_setup(&made);
		f = made;
		fixture_thread(f);
		build_frame(&f->build, 3, f->code, 20, false);
		cases[i].write(f);
		refused(f, cases[i].why);
		fixture_teardown(&made);
	}
}

static void a_head_that_is_wrong_is_refused(void **state)
{
	struct fixture *f = *state;
	struct block_head head;
	struct slice body;

	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	build_body(&f->build, &f->body);
	body = buf_slice(&f->body);
	assert_int_equal(block_head_parse(body, &head, &f->err), 0);
	assert_int_equal(head.first_seq, 100);
	assert_int_equal(head.event_count, 1);
	assert_int_equal(head.base_ns, 5000);
	assert_int_equal(head.item_count, f->build.item_count);
	assert_true(slice_equal(head.items, buf_slice(&f->build.items)));
	for (size_t len = 0; len < 20; len++)
		assert_int_equal(block_head_parse((struct slice){body.data, len}, &head, &f->err),
			ERR_FORMAT);
	assert_int_equal(block_head_parse((struct slice){NULL, 0}, &head, &f->err), ERR_FORMAT);
	f->body.data[body.len - 1] = 1;
	assert_int_equal(block_head_parse(body, &head, &f->err), ERR_FORMAT);
	assert_string_equal(f->err.message, "block: its items have no end");
}

static void a_block_cut_anywhere_is_refused(void **state)
{
	struct fixture *f = *state;

	(void)state;
	build_release(&f->build);
	build_random(&f->build, 5, 120);
	build_body(&f->build, &f->body);
	for (size_t len = 0; len < f->body.len; len++) {
		/* An exact copy, so that a sanitizer sees a read behind its end. */
		uint8_t *cut = malloc(len ? len : 1);
		int rc;

		memcpy(cut, f->body.data, len);
		rc = block_cursor_open(f->cursor, (struct slice){cut, len}, &f->err);
		while (rc == 0 || rc == 1) {
			rc = block_cursor_next(f->cursor, &f->event, &f->err);
			assert_int_not_equal(rc, 0);
		}
		assert_int_equal(rc, ERR_FORMAT);
		free(cut);
	}
}

static void values_nest_only_so_deep(void **state)
{
	struct fixture *f = *state;

	for (int depth = VALUE_MAX_DEPTH; depth <= VALUE_MAX_DEPTH + 1; depth++) {
		struct buf value = {0};
		struct avro_in in;

		for (int i = 0; i < depth; i++)
			buf_append(&value, "\x14\x00\x02\x02", 4);
		buf_byte(&value, VALUE_NULL);
		for (int i = 0; i < depth; i++)
			buf_byte(&value, 0);
		in = avro_in(buf_slice(&value));
		assert_int_equal(value_skip(&in, 0), depth <= VALUE_MAX_DEPTH);
		buf_release(&value);
	}
	assert_non_null(f);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_block_forgets_the_one_before),
		cmocka_unit_test(what_is_wrong_is_said),
		EACH(a_head_that_is_wrong_is_refused),
		EACH(a_block_cut_anywhere_is_refused),
		EACH(values_nest_only_so_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
