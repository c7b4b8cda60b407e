/* links: schemas ingest materializer */
/*
 * A profile follows from a run's events alone: however they are cut into blocks, read, stored and
 * taken up again; and it says what a small program that is easy to follow did.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/block_facts.h"
#include "materializer/profiler.h"
#include "materializer/run_order.h"
#include "schemas/message.h"
#include "tests/lib/help_block.h"

static int add_event(void *context, const struct event *event, struct err *err)
{
	return profiler_add(context, event, err);
}

/* Event by event. */
static void walk(struct profiler *profiler, struct slice body, int64_t from_seq)
{
	struct block_cursor *cursor = block_cursor_new();
	struct err err = {0};

	profiler_next_block(profiler);
	if (block_walk(cursor, body, from_seq, add_event, profiler, &err) < 0)
		fail_msg("%s", err.message);
	block_cursor_free(cursor);
}

/* As the fold does. */
static void skim(struct profiler *profiler, struct slice body, int64_t from_seq)
{
	struct facts_reader *reader = facts_reader_new();
	const struct block_facts *facts;
	struct err err = {0};

	if (facts_read(reader, body, from_seq, &facts, &err) < 0 ||
		profiler_add_block(profiler, facts, body, &err) < 0)
		fail_msg("%s", err.message);
	facts_reader_free(reader);
}

static struct profiler *take_up_again(struct profiler *profiler)
{
	struct profiler *made;
	struct buf bytes = {0};
	struct err err = {0};

	profiler_encode(profiler, &bytes);
	if (profiler_decode(buf_slice(&bytes), &made, &err) < 0)
		fail_msg("%s", err.message);
	profiler_free(profiler);
	buf_release(&bytes);
	return made;
}

static void same(struct profiler *a, struct profiler *b)
{
	struct buf one = {0}, other = {0};

	profiler_encode(a, &one);
	profiler_encode(b, &other);
	assert_int_equal(one.len, other.len);
	assert_memory_equal(one.data, other.data, one.len);
	buf_release(&one);
	buf_release(&other);
}

/* Three blocks, of which each begins anew with what is on the stacks. */
static void random_blocks(uint64_t seed, struct buf bodies[3])
{
	struct build build = {0};

	build_random(&build, seed, 300);
	for (int i = 0; i < 3; i++) {
		int64_t behind;

		buf_clear(&bodies[i]);
		build_body(&build, &bodies[i]);
		behind = build.head.first_seq + build.event_count + (i == 1 ? 7 : 0);
		build_release(&build);
		build.head.first_seq = behind;
		build.head.base_ns = 1700000001000000000 + i * 1000000;
		build_random_at(&build, seed * 3 + (uint64_t)i, 200);
	}
	build_release(&build);
}

static void any_way_of_reading_comes_to_the_same(void **state)
{
	struct buf bodies[3] = {{0}};

	(void)state;
	for (uint64_t seed = 1; seed < 120; seed++) {
		struct profiler *walked = profiler_new(), *skimmed = profiler_new();

		random_blocks(seed, bodies);
		for (int i = 0; i < 3; i++) {
			walk(walked, buf_slice(&bodies[i]), 0);
			skim(skimmed, buf_slice(&bodies[i]), 0);
			skimmed = take_up_again(skimmed);
			same(walked, skimmed);
		}
		profiler_free(walked);
		profiler_free(skimmed);
	}
	for (int i = 0; i < 3; i++)
		buf_release(&bodies[i]);
}

static void damaged_bytes_are_refused(void **state)
{
	struct profiler *profiler = profiler_new(), *made;
	struct buf bodies[3] = {{0}}, bytes = {0};
	struct err err;

	(void)state;
	random_blocks(5, bodies);
	walk(profiler, buf_slice(&bodies[0]), 0);
	profiler_encode(profiler, &bytes);
	for (size_t len = 0; len < bytes.len; len++) {
		uint8_t *cut = malloc(len ? len : 1);

		memcpy(cut, bytes.data, len);
		assert_int_equal(
			profiler_decode((struct slice){cut, len}, &made, &err), ERR_FORMAT);
		free(cut);
	}
	for (size_t at = 0; at < bytes.len; at++) {
		bytes.data[at] ^= 0x55;
		if (profiler_decode(buf_slice(&bytes), &made, &err) == 0)
			profiler_free(made);
		bytes.data[at] ^= 0x55;
	}
	profiler_free(profiler);
	buf_release(&bytes);
	for (int i = 0; i < 3; i++)
		buf_release(&bodies[i]);
}

/* f calls itself, then sorted() three times, which calls g; the tracer takes 10 ns an event. */
static void story(struct build *build)
{
	int64_t file = build_name(build, "/a.py"), f_name = build_name(build, "f");
	int64_t g_name = build_name(build, "C.g"), thread = build_name(build, "Main");
	int64_t sorted = build_name(build, "<built-in method builtins.sorted>");
	int64_t f = build_code(build, file, f_name, 1), g;

	build_cost(build, 4, 6, 6, 6);
	g = build_code(build, file, g_name, 9);
	build_cost(build, 4, 6, 6, 6);
	build->head.base_ns = 1000;
	build_thread(build, 0, 1, thread, 0);
	build_call(build, 0, f);               /* at 0 */
	build_line(build, 110, 1);             /* 100 */
	build_call(build, 110, f);             /* 200 */
	build_line(build, 110, 1);             /* 300 */
	build_none(build, ITEM_RETURN, 60, 0); /* 350 */
	build_through(build, sorted);
	build_call(build, 60, g);              /* 400 */
	build_none(build, ITEM_RETURN, 40, 0); /* 430 */
	build_through(build, sorted);
	build_call(build, 20, g);              /* 440 */
	build_none(build, ITEM_RETURN, 40, 0); /* 470 */
	build_pause(build, 1000);
	build_builtin(build, sorted, 3, 25);
	build_line(build, 1030, 1);            /* 490 */
	build_none(build, ITEM_RETURN, 20, 0); /* 500 */
}

static const struct profile_function *named(const struct profile *profile, const char *name)
{
	for (size_t i = 0; i < profile->function_count; i++) {
		if (slice_equal(profile->functions[i].name, slice_text(name)))
			return &profile->functions[i];
	}
	fail_msg("no function %s", name);
	return NULL;
}

static void assert_times(const struct profile_times *times, int64_t calls, int64_t primitive,
	int64_t self, int64_t all)
{
	assert_int_equal(times->calls, calls);
	assert_int_equal(times->primitive_calls, primitive);
	assert_int_equal(times->self_ns, self);
	assert_int_equal(times->cumulative_ns, all);
}

static void assert_edge(const struct profile *profile, const char *caller, const char *callee,
	int64_t calls, int64_t primitive, int64_t self, int64_t all)
{
	const struct profile_function *from = named(profile, caller);
	uint32_t to = (uint32_t)(named(profile, callee) - profile->functions);
	size_t count, first = profile_callers(profile, to, &count);

	for (size_t i = first; i < first + count; i++) {
		if (&profile->functions[profile->edges[i].caller] == from) {
			assert_times(&profile->edges[i].times, calls, primitive, self, all);
			return;
		}
	}
	fail_msg("%s does not call %s", caller, callee);
}

static void a_small_program_is_as_it_was(void **state)
{
	static const char sorted[] = "<built-in method builtins.sorted>";
	struct build build = {0};
	struct profiler *profiler = profiler_new();
	struct profile profile;
	struct buf body = {0};
	struct err err = {0};

	(void)state;
	story(&build);
	build_body(&build, &body);
	skim(profiler, buf_slice(&body), 0);
	assert_int_equal(profiler_build(profiler, NULL, &profile, &err), 0);
	assert_int_equal(profile.program_ns, 500);
	assert_int_equal(profile.open_calls, 0);
	assert_int_equal(profile.calls, 7);
	assert_times(&named(&profile, "f")->times, 2, 1, 415, 500);
	assert_times(&named(&profile, "C.g")->times, 2, 2, 60, 60);
	assert_times(&named(&profile, sorted)->times, 3, 3, 25, 85);
	assert_true(named(&profile, sorted)->builtin);
	assert_edge(&profile, "f", "f", 1, 1, 150, 150);
	assert_edge(&profile, "f", sorted, 3, 3, 25, 85);
	assert_edge(&profile, sorted, "C.g", 2, 2, 60, 60);
	assert_int_equal(profile.edge_count, 3);
	assert_int_equal(profile.node_count, 4);
	assert_int_equal(profile.nodes[0].cumulative_ns, 500);
	assert_int_equal(profile.line_count, 2);
	assert_int_equal(profile.lines[0].hits, 2);
	assert_int_equal(profile.thread, -1);
	profile_release(&profile);
	assert_int_equal(profiler_build(profiler, "Main", &profile, &err), 0);
	assert_int_equal(profile.thread, 0);
	profile_release(&profile);
	assert_int_equal(profiler_build(profiler, "7", &profile, &err), ERR_NOT_FOUND);
	profile_release(&profile);
	profiler_free(profiler);
	build_release(&build);
	buf_release(&body);
}

/* Calls that go on are counted as if they returned now. */
static void a_run_that_goes_on_has_a_profile(void **state)
{
	struct build build = {0};
	struct profiler *profiler = profiler_new();
	struct profile profile;
	struct buf body = {0};
	struct err err = {0};
	int64_t name = build_name(&build, "f"), code = build_code(&build, name, name, 1);

	(void)state;
	build_thread(&build, 0, 1, name, 0);
	build_call(&build, 0, code);
	build_call(&build, 100, code);
	build_line(&build, 50, 1);
	build_body(&build, &body);
	walk(profiler, buf_slice(&body), 0);
	assert_int_equal(profiler_build(profiler, NULL, &profile, &err), 0);
	assert_int_equal(profile.open_calls, 2);
	assert_times(&profile.functions[0].times, 2, 1, 150, 150);
	assert_edge(&profile, "f", "f", 1, 1, 50, 50);
	profile_release(&profile);
	profiler_free(profiler);
	build_release(&build);
	buf_release(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_way_of_reading_comes_to_the_same),
		cmocka_unit_test(damaged_bytes_are_refused),
		cmocka_unit_test(a_small_program_is_as_it_was),
		cmocka_unit_test(a_run_that_goes_on_has_a_profile),
	};

	return cmocka_run_group_tests_name("profiler", tests, NULL, NULL);
}
