/* links: materializer ingest schemas */
/* Calls from events: what nests, from anywhere, whatever was lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "materializer/call_tree.h"
#include "materializer/line_cost.h"

/* What the walk says, a word each: "+f" entered, "~f" resumed, "?f" open before, "-f" left,
 * "f=3" time in f, "f@7" a line of f. */
struct story {
	struct buf words;
	struct code_table *codes;
	struct call_walk *walk;
	struct thread thread;
	int64_t seq;
};

static void say(struct story *story, const char *mark, const struct walk_call *call)
{
	struct code code = code_table_get(story->codes, call->code);

	buf_printf(&story->words, "%s%.*s ", mark, (int)code.function.len,
		(const char *)code.function.data);
}

static int enter(void *context, struct walk_thread *thread, struct walk_call *call, bool resumed,
	bool joined, struct err *err)
{
	(void)thread;
	(void)err;
	say(context, joined ? "?" : (resumed ? "~" : "+"), call);
	return 0;
}

static int leave(void *context, struct walk_thread *thread, struct walk_call *call, struct err *err)
{
	(void)thread;
	(void)err;
	say(context, "-", call);
	return 0;
}

static int spend(void *context, struct walk_thread *thread, struct walk_call *call, int64_t ns,
	struct err *err)
{
	struct story *story = context;

	(void)thread;
	(void)err;
	say(context, "", call);
	story->words.len--;
	buf_printf(&story->words, "=%d ", (int)ns);
	return 0;
}

static int line(void *context, struct walk_thread *thread, struct walk_call *call, struct err *err)
{
	struct story *story = context;

	(void)thread;
	(void)err;
	say(context, "", call);
	story->words.len--;
	buf_printf(&story->words, "@%d ", (int)call->line);
	return 0;
}

static void begin(struct story *story)
{
	const struct walk_taker taker = {
		.context = story, .enter = enter, .leave = leave, .spend = spend, .line = line};

	*story = (struct story){.thread = {.name = slice_text("main")}};
	story->codes = code_table_new();
	assert_non_null(story->codes);
	story->walk = call_walk_new(&taker, story->codes);
	assert_non_null(story->walk);
}

/* Ends it, and says what was to come out. */
static void tells(struct story *story, const char *words)
{
	assert_int_equal(call_walk_finish(story->walk, NULL), 0);
	if (story->words.len)
		story->words.len--;
	assert_string_equal(buf_string(&story->words), words);
	call_walk_free(story->walk);
	code_table_free(story->codes);
	buf_release(&story->words);
}

/* A frame named by one letter, which is its id as well. */
static struct frame frame_of(char name, size_t depth, int64_t at, const struct frame *caller)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

	return (struct frame){
		.id = name,
		.code = {slice_text("/app.py"), {(const uint8_t *)strchr(letters, name), 1}, name},
		.line = at,
		.depth = depth,
		.caller = caller,
	};
}

static void tell(struct story *story, enum event_kind kind, const struct frame *frame, int64_t time)
{
	struct event event = {.seq = story->seq++,
		.time_ns = time,
		.kind = kind,
		.thread = &story->thread,
		.frame = frame,
		.line = frame ? frame->line : 0};

	assert_int_equal(call_walk_event(story->walk, &event, time, NULL), 0);
}

static void calls_nest_and_time_is_where_it_passes(void **state)
{
	struct story story;
	struct frame a = frame_of('a', 0, 1, NULL), b = frame_of('b', 1, 5, &a);

	(void)state;
	begin(&story);
	tell(&story, EVENT_CALL, &a, 10);
	tell(&story, EVENT_LINE, &a, 11);
	tell(&story, EVENT_CALL, &b, 14);
	tell(&story, EVENT_LINE, &b, 16);
	tell(&story, EVENT_RETURN, &b, 20);
	tell(&story, EVENT_RETURN, &a, 21);
	tells(&story, "+a a=1 a@1 a=3 +b b=2 b@5 b=4 -b a=1 -a");
}

static void a_generator_is_entered_anew_and_times_never_fall(void **state)
{
	struct story story;
	struct frame a = frame_of('a', 0, 1, NULL), g = frame_of('g', 1, 2, &a);

	(void)state;
	begin(&story);
	tell(&story, EVENT_CALL, &a, 1);
	tell(&story, EVENT_CALL, &g, 2);
	tell(&story, EVENT_YIELD, &g, 1);
	tell(&story, EVENT_RESUME, &g, 4);
	tell(&story, EVENT_UNWIND, &g, 5);
	tells(&story, "+a a=1 +g -g a=2 ~g g=1 -g -a");
}

static void what_was_open_is_joined(void **state)
{
	struct story story;
	struct frame a = frame_of('a', 0, 1, NULL), b = frame_of('b', 1, 2, &a);
	struct frame c = frame_of('c', 2, 3, &b);

	(void)state;
	begin(&story);
	tell(&story, EVENT_LINE, &c, 5);
	tell(&story, EVENT_RETURN, &c, 6);
	tells(&story, "?a ?b ?c c@3 c=1 -c -b -a");
}

static void a_stack_is_put_right_after_a_gap(void **state)
{
	struct story story;
	struct frame a = frame_of('a', 0, 1, NULL), b = frame_of('b', 1, 2, &a);
	struct frame c = frame_of('c', 2, 3, &b), d = frame_of('d', 1, 4, &a);

	(void)state;
	begin(&story);
	tell(&story, EVENT_CALL, &a, 1);
	tell(&story, EVENT_CALL, &b, 1);
	tell(&story, EVENT_CALL, &c, 1);
	tell(&story, EVENT_GAP, NULL, 1);
	tell(&story, EVENT_LINE, &d, 1);
	tell(&story, EVENT_LINE, &a, 1);
	tells(&story, "+a +b +c -c -b ?d d@4 -d a@1 -a");
}

/* Blocks tell the innermost frames only; what is known of the others stays. */
static void frames_that_are_hidden_stay(void **state)
{
	struct story story;
	struct frame a = frame_of('a', 0, 1, NULL), b = frame_of('b', 1, 2, NULL);
	struct frame c = frame_of('c', 2, 3, &b), z = frame_of('z', 9, 4, NULL);

	(void)state;
	begin(&story);
	tell(&story, EVENT_CALL, &a, 1);
	tell(&story, EVENT_CALL, &b, 1);
	tell(&story, EVENT_LINE, &c, 1);
	tell(&story, EVENT_LINE, &z, 1);
	tells(&story, "+a +b ?c c@3 ?z z@4 -z -c -b -a");
}

static void a_tree_that_is_full_counts_with_the_caller(void **state)
{
	struct walk_call calls[] = {{.code = 1}, {.code = 2}, {.code = 3}};
	struct walk_thread thread = {.calls = calls, .count = 3};
	struct call_tree tree;

	(void)state;
	assert_int_equal(call_tree_init(&tree, 3, NULL), 0);
	assert_int_equal(call_tree_spend(&tree, &thread, 5, NULL), 0);
	assert_true(tree.cut);
	assert_int_equal(tree.count, 3);
	assert_int_equal(tree.nodes[2].code, 2);
	assert_int_equal(tree.nodes[2].self_ns, 5);
	call_tree_clear(&tree);
	thread.count = 2;
	assert_int_equal(call_tree_spend(&tree, &thread, 7, NULL), 0);
	assert_false(tree.cut);
	assert_int_equal(tree.nodes[2].self_ns, 7);
	call_tree_release(&tree);
}

static void lines_and_calls_are_summed_up_and_sorted(void **state)
{
	struct walk_call calls[] = {{.code = 1, .line = 9}, {.code = 0, .line = 3}};
	struct walk_thread thread = {.calls = calls, .count = 2};
	struct line_cost *cost = line_cost_new();
	const struct line_entry *lines;
	const struct line_call *made;
	size_t count;

	(void)state;
	assert_non_null(cost);
	for (int i = 0; i < 3; i++) {
		line_cost_enter(&thread, &calls[1]);
		assert_int_equal(line_cost_line(cost, &thread, &calls[1], NULL), 0);
		assert_int_equal(line_cost_spend(cost, &calls[1], 4, NULL), 0);
		thread.now_ns += 4;
		assert_int_equal(line_cost_leave(cost, &thread, &calls[1], NULL), 0);
		calls[1].entered_ns = thread.now_ns;
		assert_int_equal(line_cost_spend(cost, &calls[0], 1, NULL), 0);
	}
	lines = line_cost_lines(cost, &count);
	assert_int_equal(count, 2);
	assert_int_equal(lines[0].code, 0);
	assert_int_equal(lines[0].hits, 3);
	assert_int_equal(lines[0].ns, 12);
	assert_int_equal(lines[1].ns, 3);
	made = line_cost_calls(cost, &count);
	assert_int_equal(count, 1);
	assert_int_equal(made->calls, 3);
	assert_int_equal(made->ns, 12);
	assert_int_equal(made->hits, 3);
	assert_int_equal(made->line, 9);
	line_cost_free(cost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_nest_and_time_is_where_it_passes),
		cmocka_unit_test(a_generator_is_entered_anew_and_times_never_fall),
		cmocka_unit_test(what_was_open_is_joined),
		cmocka_unit_test(a_stack_is_put_right_after_a_gap),
		cmocka_unit_test(frames_that_are_hidden_stay),
		cmocka_unit_test(a_tree_that_is_full_counts_with_the_caller),
		cmocka_unit_test(lines_and_calls_are_summed_up_and_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
