/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/help_fixture.h"
#include "tests/lib/help_skim.h"

struct both {
	struct skim_pair pair;
	struct build build;
	struct buf body;
	int64_t file, function, code, x, y;
};

static int setup(void **state)
{
	struct both *b = calloc(1, sizeof(*b));

	skim_pair_init(&b->pair);
	b->build.head.first_seq = 100;
	b->build.head.base_ns = 5000;
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct both *b = *state;

	skim_pair_release(&b->pair);
	build_release(&b->build);
	buf_release(&b->body);
	free(b);
	return 0;
}

/* Frame 3 of /app.py on the stack of thread 0, without locals. */
static void begin(struct both *b)
{
	b->file = build_name(&b->build, "/app.py");
	b->function = build_name(&b->build, "work");
	b->x = build_name(&b->build, "x");
	b->y = build_name(&b->build, "y");
	b->code = build_code(&b->build, b->file, b->function, 10);
	build_thread(&b->build, 0, 77, b->file, 2);
	build_frame(&b->build, 3, b->code, 20, false);
}

/* What is said of the block, once both ways have been found to say it. */
static const struct block_skim *skim(struct both *b, bool fast)
{
	int64_t slow_before = block_skimmer_slow_blocks(b->pair.fast), event;
	const struct block_skim *skim;
	struct err err;
	const char *what;
	int rc;

	build_body(&b->build, &b->body);
	what = skim_pair_differs(&b->pair, buf_slice(&b->body), &rc, &event);
	if (what)
		fail_msg("event %lld: they differ in %s", (long long)event, what);
	assert_int_equal(block_skimmer_slow_blocks(b->pair.fast) - slow_before, !fast);
	rc = block_skimmer_read(b->pair.fast, buf_slice(&b->body), &skim, &err);
	if (rc < 0)
		fail_msg("%s", err.message);
	return skim;
}

static void counts(
	const struct skim_event *event, uint32_t locals, uint32_t changed, uint32_t removed)
{
	assert_int_equal(event->locals, locals);
	assert_int_equal(event->changed, changed);
	assert_int_equal(event->removed, removed);
}

static void an_event_says_where_and_when_it_was(void **state)
{
	struct both *b = *state;
	const struct block_skim *s;

	begin(b);
	build_line(&b->build, 7, 1);
	build_call(&b->build, 300, b->code);
	build_line(&b->build, 1, 5);
	build_none(&b->build, ITEM_RETURN, 1, 0);
	build_line(&b->build, 1, 1);
	build_thread_start(&b->build, 1);
	s = skim(b, true);
	assert_int_equal(s->events[0].time_ns, 5007);
	assert_int_equal(s->events[0].line, 21);
	assert_int_equal(s->events[0].kind, EVENT_LINE);
	assert_int_equal(s->frames[s->events[0].frame].id, 3);
	assert_int_equal(s->frames[s->events[0].frame].depth, 2);
	assert_int_equal(s->threads[s->events[0].thread].number, 0);
	assert_int_equal(s->frames[s->events[1].frame].id, 101);
	assert_int_equal(s->frames[s->events[1].frame].depth, 3);
	assert_int_equal(s->events[2].line, 15);
	assert_int_equal(s->frames[s->events[3].frame].id, 101);
	assert_int_equal(s->frames[s->events[4].frame].id, 3);
	assert_int_equal(s->events[4].line, 22);
	assert_int_equal(s->events[5].frame, SKIM_NONE);
	assert_int_equal(s->events[5].line, 0);
}

static void locals_are_counted(void **state)
{
	struct both *b = *state;
	const struct block_skim *s;

	begin(b);
	build_long(&b->build, ITEM_LOCAL, b->x, 1);
	build_line(&b->build, 1, 1);
	build_long(&b->build, ITEM_CHANGE, b->x, 2);
	build_long(&b->build, ITEM_CHANGE, b->x, 3);
	build_long(&b->build, ITEM_CHANGE, b->y, 3);
	build_line(&b->build, 1, 1);
	build_unset(&b->build, ITEM_CHANGE, b->x);
	build_unset(&b->build, ITEM_CHANGE, b->x);
	build_line(&b->build, 1, 1);
	build_unset(&b->build, ITEM_CHANGE, b->y);
	build_long(&b->build, ITEM_LOCAL, b->y, 3);
	build_line(&b->build, 1, 1);
	s = skim(b, true);
	counts(&s->events[0], 2, 2, 0);
	counts(&s->events[1], 1, 0, 1);
	counts(&s->events[2], 1, 0, 0);
	counts(&s->events[3], 1, 0, 0);
}

static void the_same_text_under_two_indexes_is_one_local(void **state)
{
	struct both *b = *state;
	int64_t again;

	begin(b);
	again = build_name(&b->build, "x");
	build_line(&b->build, 1, 1);
	build_long(&b->build, ITEM_CHANGE, b->x, 1);
	build_long(&b->build, ITEM_CHANGE, again, 2);
	counts(&skim(b, true)->events[0], 1, 1, 0);
}

static void a_frame_may_have_any_number_of_locals(void **state)
{
	struct both *b = *state;
	char text[16];

	begin(b);
	build_line(&b->build, 1, 1);
	for (int i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "v%d", i);
		build_long(&b->build, ITEM_CHANGE, build_name(&b->build, text), i);
	}
	build_line(&b->build, 1, 1);
	counts(&skim(b, true)->events[0], 2000, 2000, 0);
	counts(&skim(b, true)->events[1], 2000, 0, 0);
}

/* Frames by names would be memory that grows with the square of the block. */
static void many_frames_of_many_locals_are_left_to_the_cursor(void **state)
{
	struct both *b = *state;
	int64_t last = 0;
	char text[16];

	begin(b);
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "v%d", i);
		last = build_name(&b->build, text);
		build_long(&b->build, ITEM_LOCAL, last, i);
	}
	for (int i = 0; i < 3000; i++) {
		build_call(&b->build, 1, b->code);
		build_long(&b->build, ITEM_CHANGE, last, i);
	}
	skim(b, false);
	/* And the next block goes as ever. */
	build_release(&b->build);
	begin(b);
	build_line(&b->build, 1, 1);
	skim(b, true);
}

static void generators_keep_their_locals(void **state)
{
	struct both *b = *state;
	const struct block_skim *s;

	begin(b);
	build_call(&b->build, 1, b->code);
	build_long(&b->build, ITEM_CHANGE, b->x, 1);
	build_none(&b->build, ITEM_YIELD, 1, 1);
	build_thread(&b->build, 4, 78, b->function, 0);
	build_resume(&b->build, 1, 100, b->code, 12);
	build_line(&b->build, 1, 1);
	build_unwind(&b->build, 1, 0);
	build_switch(&b->build, 0);
	build_line(&b->build, 1, 1);
	s = skim(b, true);
	assert_int_equal(s->frames[s->events[2].frame].id, 100);
	assert_int_equal(s->frames[s->events[2].frame].depth, 0);
	assert_int_equal(s->threads[s->events[2].thread].number, 4);
	counts(&s->events[2], 1, 0, 0);
	counts(&s->events[5], 0, 0, 0);
}

static void what_is_rare_is_left_to_the_cursor(void **state)
{
	struct both *b = *state;

	begin(b);
	build_line(&b->build, 1, 1);
	build_gap(&b->build, 1, 5, b->x);
	build_thread(&b->build, 0, 77, b->x, 0);
	build_frame(&b->build, 3, b->code, 20, false);
	build_line(&b->build, 1, 1);
	skim(b, false);
}

static void random_blocks_are_read_both_ways_alike(void **state)
{
	struct both *b = *state;
	int64_t event;
	int rc;

	for (uint64_t seed = 1; seed < 300; seed++) {
		const char *what;

		build_release(&b->build);
		build_random(&b->build, seed, 300);
		build_body(&b->build, &b->body);
		what = skim_pair_differs(&b->pair, buf_slice(&b->body), &rc, &event);
		if (what)
			fail_msg("seed %d, event %d: %s", (int)seed, (int)event, what);
		assert_int_equal(rc, 0);
	}
	assert_true(block_skimmer_slow_blocks(b->pair.fast) < 299);
}

/* An exact copy, so that a sanitizer sees a read behind its end. */
static void alike_when_damaged(struct both *b, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	const char *what;
	int64_t event;
	int rc;

	memcpy(copy, bytes, len);
	what = skim_pair_differs(&b->pair, (struct slice){copy, len}, &rc, &event);
	if (what)
		fail_msg("%zu bytes, event %d: %s", len, (int)event, what);
	free(copy);
}

static void damaged_blocks_are_refused_by_both_alike(void **state)
{
	struct both *b = *state;
	struct random random = {7};

	for (uint64_t seed = 1; seed < 40; seed++) {
		build_release(&b->build);
		build_random(&b->build, seed, 60);
		build_body(&b->build, &b->body);
		for (int i = 0; i < 100; i++) {
			size_t at = (size_t)random_below(&random, (int64_t)b->body.len);
			uint8_t was = b->body.data[at];

			alike_when_damaged(b, b->body.data, at);
			b->body.data[at] = (uint8_t)random_next(&random);
			alike_when_damaged(b, b->body.data, b->body.len);
			b->body.data[at] = was;
		}
	}
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(an_event_says_where_and_when_it_was),
		EACH(locals_are_counted),
		EACH(the_same_text_under_two_indexes_is_one_local),
		EACH(a_frame_may_have_any_number_of_locals),
		EACH(many_frames_of_many_locals_are_left_to_the_cursor),
		EACH(generators_keep_their_locals),
		EACH(what_is_rare_is_left_to_the_cursor),
		EACH(random_blocks_are_read_both_ways_alike),
		EACH(damaged_blocks_are_refused_by_both_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
