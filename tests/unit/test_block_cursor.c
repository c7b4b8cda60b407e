/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "schemas/avro.h"
#include "schemas/block.h"
#include "tests/lib/help_fixture.h"

static void open_block(struct fixture *f)
{
	build_body(&f->build, &f->body);
	assert_int_equal(block_cursor_open(f->cursor, buf_slice(&f->body), &f->err), 0);
}

static void next(struct fixture *f, enum event_kind kind)
{
	int rc = block_cursor_next(f->cursor, &f->event, &f->err);

	if (rc != 1)
		fail_msg("next: %d %s", rc, f->err.message);
	assert_int_equal(f->event->kind, kind);
}

static void at_end(struct fixture *f)
{
	assert_int_equal(block_cursor_next(f->cursor, &f->event, &f->err), 0);
	assert_int_equal(block_cursor_next(f->cursor, &f->event, &f->err), 0);
}

static void is_text(struct slice slice, const char *text)
{
	assert_int_equal(slice.len, strlen(text));
	assert_memory_equal(slice.data, text, slice.len);
}

/* Locals as "a=1 b*=2 -c": * changed, - removed; values are longs, or containers (@length). */
static void locals_are(struct fixture *f, const char *want)
{
	const struct frame *frame = f->event->frame;
	struct buf got = {0};

	for (size_t i = 0; i < frame->local_count; i++) {
		const struct local *local = &frame->locals[i];
		struct avro_in in = avro_in(local->value.bytes);
		int64_t kind = 0, value = 0;

		assert_true(avro_get_long(&in, &kind) && avro_get_long(&in, &value));
		if (kind == VALUE_CONTAINER)
			assert_true(avro_get_long(&in, &value));
		buf_printf(&got, "%s%.*s%s=%s%lld", got.len ? " " : "", (int)local->name.len,
			(const char *)local->name.data, local->changed ? "*" : "",
			kind == VALUE_CONTAINER ? "@" : "", (long long)value);
	}
	for (size_t i = 0; i < frame->removed_count; i++)
		buf_printf(&got, " -%.*s", (int)frame->removed[i].len,
			(const char *)frame->removed[i].data);
	assert_string_equal(buf_string(&got), want);
	buf_release(&got);
}

static void put_container(struct fixture *f, int64_t name, int64_t length)
{
	struct buf value = {0};

	avro_buf_long(&value, VALUE_CONTAINER);
	avro_buf_long(&value, CONTAINER_TUPLE);
	avro_buf_long(&value, length);
	avro_buf_long(&value, 1);
	avro_buf_long(&value, VALUE_OBJECT);
	avro_buf_long(&value, OBJECT_MODULE);
	avro_buf_long(&value, f->name[2]);
	avro_buf_long(&value, 0);
	avro_buf_long(&value, 0);
	build_local(&f->build, ITEM_CHANGE, name, buf_slice(&value));
	buf_release(&value);
}

static void an_empty_block_has_no_events(void **state)
{
	struct fixture *f = *state;

	build_release(&f->build);
	open_block(f);
	at_end(f);
}

static void a_call_makes_the_frame_whose_id_is_its_number(void **state)
{
	struct fixture *f = *state;

	fixture_thread(f);
	build_call(&f->build, 7, f->code);
	build_long(&f->build, ITEM_CHANGE, f->name[1], 2);
	build_long(&f->build, ITEM_CHANGE, f->name[0], 1);
	open_block(f);
	next(f, EVENT_CALL);
	assert_int_equal(f->event->seq, 100);
	assert_int_equal(f->event->time_ns, 5007);
	assert_int_equal(f->event->line, 10);
	assert_int_equal(f->event->frame->id, 100);
	assert_int_equal(f->event->frame->depth, 0);
	assert_null(f->event->frame->caller);
	is_text(f->event->frame->code.file, "a");
	is_text(f->event->frame->code.function, "b");
	assert_int_equal(f->event->thread->number, 0);
	assert_int_equal(f->event->thread->ident, 77);
	assert_int_equal(f->event->thread->frame_count, 1);
	is_text(f->event->thread->name, "d");
	locals_are(f, "a*=1 b*=2");
	at_end(f);
}

static void lines_and_times_add_up(void **state)
{
	struct fixture *f = *state;

	fixture_thread(f);
	build_frame(&f->build, 3, f->code, 20, false);
	build_line(&f->build, 10, 5);
	build_line(&f->build, -4, -2);
	open_block(f);
	next(f, EVENT_LINE);
	assert_int_equal(f->event->line, 25);
	assert_int_equal(f->event->time_ns, 5010);
	next(f, EVENT_LINE);
	assert_int_equal(f->event->line, 23);
	assert_int_equal(f->event->frame->line, 23);
	assert_int_equal(f->event->time_ns, 5006);
	assert_int_equal(f->event->seq, 101);
	assert_int_equal(block_cursor_time_ns(f->cursor), 5006);
	at_end(f);
}

static void locals_are_sorted_and_flags_last_for_one_event(void **state)
{
	struct fixture *f = *state;

	fixture_thread(f);
	build_frame(&f->build, 3, f->code, 20, false);
	build_long(&f->build, ITEM_LOCAL, f->name[3], 4);
	build_long(&f->build, ITEM_LOCAL, f->name[1], 2);
	build_line(&f->build, 1, 1);
	build_long(&f->build, ITEM_CHANGE, f->name[1], 3);
	build_long(&f->build, ITEM_LOCAL, f->name[2], 9);
	build_line(&f->build, 1, 1);
	build_unset(&f->build, ITEM_CHANGE, f->name[1]);
	build_unset(&f->build, ITEM_CHANGE, f->name[0]);
	build_unset(&f->build, ITEM_LOCAL, f->name[2]);
	build_line(&f->build, 1, 1);
	open_block(f);
	next(f, EVENT_LINE);
	locals_are(f, "b*=3 c=9 d=4");
	next(f, EVENT_LINE);
	locals_are(f, "d=4 -b");
	next(f, EVENT_LINE);
	locals_are(f, "d=4");
	at_end(f);
}

static void a_name_set_again_in_the_same_event_is_not_removed(void **state)
{
	struct fixture *f = *state;

	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	build_long(&f->build, ITEM_CHANGE, f->name[0], 1);
	build_line(&f->build, 1, 1);
	build_unset(&f->build, ITEM_CHANGE, f->name[0]);
	build_long(&f->build, ITEM_CHANGE, f->name[0], 2);
	open_block(f);
	next(f, EVENT_CALL);
	next(f, EVENT_LINE);
	locals_are(f, "a*=2");
}

static void the_same_text_under_two_indexes_is_one_local(void **state)
{
	struct fixture *f = *state;
	int64_t again;

	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	build_long(&f->build, ITEM_CHANGE, f->name[0], 1);
	again = build_name(&f->build, "a");
	build_long(&f->build, ITEM_CHANGE, again, 2);
	build_line(&f->build, 1, 1);
	build_long(&f->build, ITEM_LOCAL, again, 3);
	open_block(f);
	next(f, EVENT_CALL);
	locals_are(f, "a*=2");
	next(f, EVENT_LINE);
	locals_are(f, "a=3");
}

static void many_new_locals_at_once_are_sorted_and_joined(void **state)
{
	struct fixture *f = *state;
	int64_t name[40];
	char text[8];

	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "n%02d", i * 7 % 20);
		name[i] = build_name(&f->build, text);
	}
	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	for (int i = 0; i < 40; i++)
		build_long(&f->build, i < 20 ? ITEM_CHANGE : ITEM_LOCAL, name[i], i);
	open_block(f);
	next(f, EVENT_CALL);
	assert_int_equal(f->event->frame->local_count, 20);
	for (size_t i = 0; i < 20; i++) {
		const struct local *local = &f->event->frame->locals[i];
		struct avro_in in = avro_in(local->value.bytes);
		int64_t kind = 0, value = 0;

		snprintf(text, sizeof(text), "n%02zu", i);
		is_text(local->name, text);
		assert_true(local->changed);
		assert_true(avro_get_long(&in, &kind) && avro_get_long(&in, &value));
		assert_true(value >= 20);
		assert_int_equal(value * 7 % 20, i);
	}
}

static void a_return_shows_its_frame_and_then_the_caller_goes_on(void **state)
{
	struct fixture *f = *state;

	fixture_thread(f);
	build_frame(&f->build, 3, f->code, 20, false);
	build_long(&f->build, ITEM_LOCAL, f->name[0], 1);
	build_call(&f->build, 1, f->code);
	build_none(&f->build, ITEM_RETURN, 1, 2);
	build_long(&f->build, ITEM_CHANGE, f->name[1], 5);
	build_line(&f->build, 1, 1);
	open_block(f);
	next(f, EVENT_CALL);
	assert_int_equal(f->event->frame->depth, 1);
	assert_int_equal(f->event->frame->caller->id, 3);
	next(f, EVENT_RETURN);
	assert_int_equal(f->event->line, 12);
	assert_int_equal(f->event->value.bytes.len, 1);
	assert_int_equal(f->event->thread->frame_count, 2);
	locals_are(f, "b*=5");
	next(f, EVENT_LINE);
	assert_int_equal(f->event->frame->id, 3);
	assert_int_equal(f->event->line, 21);
	assert_int_equal(f->event->thread->frame_count, 1);
	locals_are(f, "a=1");
	at_end(f);
}

static void a_generator_keeps_its_locals_and_may_wander_to_another_thread(void **state)
{
	struct fixture *f = *state;

	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	build_call(&f->build, 1, f->code);
	build_long(&f->build, ITEM_CHANGE, f->name[2], 6);
	build_none(&f->build, ITEM_YIELD, 1, 2);
	build_thread(&f->build, 1, 78, f->name[2], 4);
	build_resume(&f->build, 1, 101, f->code, 12);
	build_none(&f->build, ITEM_RETURN, 1, 1);
	build_switch(&f->build, 0);
	build_line(&f->build, 1, 1);
	open_block(f);
	next(f, EVENT_CALL);
	next(f, EVENT_CALL);
	next(f, EVENT_YIELD);
	next(f, EVENT_RESUME);
	assert_int_equal(f->event->thread->number, 1);
	assert_int_equal(f->event->thread->frame_count, 5);
	assert_int_equal(f->event->frame->depth, 4);
	assert_int_equal(f->event->line, 12);
	locals_are(f, "c=6");
	next(f, EVENT_RETURN);
	next(f, EVENT_LINE);
	assert_int_equal(f->event->frame->id, 100);
	assert_int_equal(f->event->thread->frame_count, 1);
	at_end(f);
}

static void a_stated_suspended_frame_can_be_resumed(void **state)
{
	struct fixture *f = *state;

	build_frame(&f->build, 50, f->code, 14, true);
	build_long(&f->build, ITEM_LOCAL, f->name[0], 8);
	fixture_thread(f);
	build_resume(&f->build, 1, 50, f->code, 15);
	build_line(&f->build, 1, 1);
	open_block(f);
	next(f, EVENT_RESUME);
	assert_int_equal(f->event->frame->id, 50);
	locals_are(f, "a=8");
	next(f, EVENT_LINE);
	assert_int_equal(f->event->line, 16);
}

static void a_thread_stated_again_replaces_its_stack_and_frames_keep_locals(void **state)
{
	struct fixture *f = *state;

	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	build_long(&f->build, ITEM_CHANGE, f->name[0], 1);
	build_call(&f->build, 1, f->code);
	build_long(&f->build, ITEM_CHANGE, f->name[1], 2);
	build_thread(&f->build, 0, 77, f->name[3], 2);
	build_frame(&f->build, 101, f->code, 30, false);
	build_long(&f->build, ITEM_LOCAL, f->name[3], 4);
	build_line(&f->build, 1, 1);
	build_thread(&f->build, 0, 77, f->name[3], 0);
	build_frame(&f->build, 100, f->code, 40, false);
	build_frame(&f->build, 101, f->code, 31, false);
	build_line(&f->build, 1, 0);
	build_unwind(&f->build, 1, 0);
	build_line(&f->build, 1, 0);
	open_block(f);
	next(f, EVENT_CALL);
	next(f, EVENT_CALL);
	next(f, EVENT_LINE);
	assert_int_equal(f->event->frame->id, 101);
	assert_int_equal(f->event->frame->depth, 2);
	assert_null(f->event->frame->caller);
	assert_int_equal(f->event->thread->frame_count, 3);
	assert_int_equal(f->event->line, 31);
	locals_are(f, "b=2 d=4");
	next(f, EVENT_LINE);
	assert_int_equal(f->event->frame->caller->id, 100);
	next(f, EVENT_UNWIND);
	next(f, EVENT_LINE);
	assert_int_equal(f->event->frame->id, 100);
	locals_are(f, "a=1");
}

static void a_resize_changes_only_the_length(void **state)
{
	struct fixture *f = *state;
	const struct local *local;

	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	put_container(f, f->name[0], 1);
	build_line(&f->build, 1, 1);
	build_resize(&f->build, f->name[0], 1000000);
	build_line(&f->build, 1, 1);
	build_resize(&f->build, f->name[0], -1);
	build_line(&f->build, 1, 1);
	open_block(f);
	next(f, EVENT_CALL);
	locals_are(f, "a*=@1");
	next(f, EVENT_LINE);
	locals_are(f, "a*=@1000000");
	next(f, EVENT_LINE);
	locals_are(f, "a*=@-1");
	local = &f->event->frame->locals[0];
	assert_int_equal(local->value.bytes.len, 9);
	assert_memory_equal(local->value.bytes.data, "\x14\x02\x01\x02\x16\x0a\x06\x00\x00", 9);
	next(f, EVENT_LINE);
	locals_are(f, "a=@-1");
}

static void thread_task_and_gap_are_in_no_frame(void **state)
{
	struct fixture *f = *state;

	build_gap(&f->build, 1, -1, f->name[2]);
	fixture_thread(f);
	build_thread_start(&f->build, 1);
	build_frame(&f->build, 3, f->code, 20, false);
	build_task(&f->build, 1, 12, f->name[1]);
	build_gap(&f->build, 1, 9, f->name[0]);
	build_line(&f->build, 1, 1);
	open_block(f);
	next(f, EVENT_GAP);
	assert_null(f->event->thread);
	assert_null(f->event->frame);
	assert_int_equal(f->event->lost, -1);
	is_text(f->event->text, "c");
	next(f, EVENT_THREAD);
	assert_non_null(f->event->thread);
	assert_null(f->event->frame);
	next(f, EVENT_TASK);
	assert_int_equal(f->event->task, 12);
	is_text(f->event->text, "b");
	assert_int_equal(f->event->line, 0);
	next(f, EVENT_GAP);
	assert_int_equal(f->event->lost, 9);
	assert_non_null(f->event->thread);
	next(f, EVENT_LINE);
	assert_int_equal(f->event->frame->id, 3);
	at_end(f);
}

static void the_offset_is_behind_all_that_belongs_to_the_event(void **state)
{
	struct fixture *f = *state;
	size_t behind;
	int64_t items;

	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	build_long(&f->build, ITEM_CHANGE, f->name[0], 1);
	build_name(&f->build, "late");
	build_long(&f->build, ITEM_CHANGE, f->name[1], 1);
	behind = f->build.items.len;
	items = f->build.item_count;
	build_switch(&f->build, 0);
	build_line(&f->build, 1, 1);
	open_block(f);
	next(f, EVENT_CALL);
	assert_int_equal(block_cursor_offset(f->cursor), behind);
	assert_int_equal(block_cursor_items(f->cursor), items);
	next(f, EVENT_LINE);
	assert_int_equal(block_cursor_offset(f->cursor), f->build.items.len);
	assert_int_equal(block_cursor_items(f->cursor), f->build.item_count);
}

static void items_of_a_spool_read_like_a_block(void **state)
{
	struct fixture *f = *state;

	fixture_thread(f);
	build_call(&f->build, 1, f->code);
	assert_int_equal(block_cursor_open_items(f->cursor, build_head(&f->build), &f->err), 0);
	next(f, EVENT_CALL);
	at_end(f);
}

static void random_blocks_read_to_their_end(void **state)
{
	struct fixture *f = *state;

	for (uint64_t seed = 1; seed < 300; seed++) {
		int64_t events = 0;
		int rc;

		build_release(&f->build);
		build_random(&f->build, seed, 300);
		open_block(f);
		while ((rc = block_cursor_next(f->cursor, &f->event, &f->err)) == 1)
			assert_int_equal(f->event->seq, f->build.head.first_seq + events++);
		if (rc < 0)
			fail_msg("seed %d: %s", (int)seed, f->err.message);
		assert_int_equal(events, f->build.event_count);
	}
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(an_empty_block_has_no_events),
		EACH(a_call_makes_the_frame_whose_id_is_its_number),
		EACH(lines_and_times_add_up),
		EACH(locals_are_sorted_and_flags_last_for_one_event),
		EACH(a_name_set_again_in_the_same_event_is_not_removed),
		EACH(the_same_text_under_two_indexes_is_one_local),
		EACH(many_new_locals_at_once_are_sorted_and_joined),
		EACH(a_return_shows_its_frame_and_then_the_caller_goes_on),
		EACH(a_generator_keeps_its_locals_and_may_wander_to_another_thread),
		EACH(a_stated_suspended_frame_can_be_resumed),
		EACH(a_thread_stated_again_replaces_its_stack_and_frames_keep_locals),
		EACH(a_resize_changes_only_the_length),
		EACH(thread_task_and_gap_are_in_no_frame),
		EACH(the_offset_is_behind_all_that_belongs_to_the_event),
		EACH(items_of_a_spool_read_like_a_block),
		EACH(random_blocks_read_to_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
