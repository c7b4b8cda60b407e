/* links: web materializer ingest schemas */
/*
 * What a run's page looks like, told event by event: blocks of lines, changes, comments and the
 * pages' numbers after the original's rules (web/README.md has where they differ, and why). The
 * pages are tests/golden/html/NAME.html; UPDATE_GOLDEN=1 writes them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "materializer/row_page.h"
#include "tests/lib/help_dir.h"
#include "tests/lib/help_story.h"
#include "web/page.h"

struct told_page {
	struct row_mark mark;
	struct row_page rows;
	struct err err;
};

static int gather(void *context, const struct event *event, struct err *err)
{
	struct told_page *told = context;

	if (row_begins(&told->mark, event))
		return row_page_begin(&told->rows, (int64_t)told->rows.count, event, err);
	return row_page_extend(&told->rows, event, err);
}

static void expect_golden(const char *name, const struct buf *page)
{
	const char *root = getenv("SMILEY_ROOT");
	struct buf golden = {0};
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/golden/html/%s.html", root ? root : ".", name);
	if (getenv("UPDATE_GOLDEN")) {
		file_write(path, buf_slice(page));
		return;
	}
	file_read(path, &golden);
	if (!slice_equal(buf_slice(page), buf_slice(&golden)))
		fail_msg("%s differs; UPDATE_GOLDEN=1 writes what is made now, git diff shows it",
			path);
	buf_release(&golden);
}

static const char program[] = "import sys\n"
			      "\n"
			      "# Counts up.\n"
			      "# Slowly.\n"
			      "\n"
			      "def count(n):\n"
			      "    # begins at none\n"
			      "    total = 0\n"
			      "    for i in range(n):\n"
			      "        total += i\n"
			      "    if total > 3:\n"
			      "        print('\xe2\x80\xae<b>')\n"
			      "\n"
			      "\n"
			      "    return total\n";

/* Renders what was told as page `number` of pages of `per_page` rows, of `total` in all. */
static void expect_page(const char *name, void (*tell)(struct story *story), int64_t total,
	int64_t number, int64_t per_page)
{
	static const char thread_name[] = "MainThread";
	struct told_page told = {.err = {0}};
	struct event_sink sink = {.context = &told, .event = gather};
	struct page_source source = {.path = slice_text("/src/app.py"),
		.there = true,
		.signature = "00112233445566778899aabbccddeeff"};
	struct page_thread thread = {0, slice_text(thread_name)};
	struct run_info run = {.state = RUN_RUNNING};
	struct page_run page = {.run = &run,
		.rows = &told.rows,
		.sources = &source,
		.source_count = 1,
		.threads = &thread,
		.thread_count = 1,
		.thread = ROW_VIEW_ALL,
		.pager = pager_make(total, number, per_page)};
	struct site site = {.version = "1", .report = true, .title = name};
	struct buf out = {0};
	struct html html = {&out};
	struct story *story = story_new(sink, 1);

	assert_int_equal(row_page_init(&told.rows, &told.err), 0);
	tell(story);
	row_page_finish(&told.rows);
	source.code.text = source_text_new(slice_text(program));
	run.started.cwd = slice_text("/src");
	run.started.host = slice_text("host");
	run.started.user = slice_text("user");
	run.started.python = slice_text("3.11.2");
	page_run(&html, &site, &page);
	expect_golden(name, &out);
	source_text_free(source.code.text);
	row_page_release(&told.rows);
	story_free(story);
	buf_release(&out);
}

/* The original's test_trace: call, lines, return; and lines that did not run between. */
static void tell_blocks(struct story *story)
{
	story_call(story, "/src/app.py", "count", 6);
	story_line(story, 8);
	story_set(story, "total", story_long(story, 0));
	story_line(story, 9);
	story_line(story, 15);
	story_line(story, 9);
	story_return(story, 15, story_long(story, 0));
}

static void blocks_are_lines_that_follow_each_other(void **state)
{
	(void)state;
	expect_page("blocks", tell_blocks, 4, 1, 20);
}

static void tell_changes(struct story *story)
{
	story_enter(story, "/src/app.py", "count", 6);
	story_set(story, "n", story_long(story, 2));
	story_called(story);
	story_line(story, 8);
	story_set(story, "total", story_long(story, 0));
	story_line(story, 9);
	story_set(story, "i", story_long(story, 0));
	story_line(story, 10);
	story_set(story, "total", story_long(story, 7));
	story_set(story, "text", story_text(story, "<script>"));
	story_line(story, 9);
	story_set(story, "i", (struct value){0});
	story_line(story, 11);
	story_return(story, 15, story_long(story, 7));
}

static void changes_are_those_of_the_same_call(void **state)
{
	(void)state;
	expect_page("changes", tell_changes, 5, 1, 20);
}

static void tell_others(struct story *story)
{
	story_call(story, "/src/app.py", "<module>", 1);
	story_line(story, 1);
	story_yield(story, 10, story_long(story, 1));
	story_gap(story, 12, "the spool was full");
	story_thread(story, 1, "worker <1>");
	story_call(story, "/src/other.py", "f", 3);
	story_raise(story, 4, story_error(story, "ValueError", "no", 1));
	story_unwind(story, 4);
	story_task(story, 2, "task & co");
}

static void every_kind_of_row_says_what_it_is(void **state)
{
	(void)state;
	expect_page("kinds", tell_others, 9, 1, 20);
}

static void tell_line(struct story *story)
{
	story_call(story, "/src/app.py", "count", 6);
}

/* The first, one in the middle and the last of twenty pages; and none. */
static void pages_are_numbered_as_the_original_does(void **state)
{
	(void)state;
	expect_page("page_1", tell_line, 100, 1, 5);
	expect_page("page_10", tell_line, 100, 10, 5);
	expect_page("page_20", tell_line, 100, 20, 5);
}

static void tell_nothing(struct story *story)
{
	(void)story;
}

static void a_run_without_events_says_so(void **state)
{
	(void)state;
	expect_page("empty", tell_nothing, 0, 1, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_lines_that_follow_each_other),
		cmocka_unit_test(changes_are_those_of_the_same_call),
		cmocka_unit_test(every_kind_of_row_says_what_it_is),
		cmocka_unit_test(pages_are_numbered_as_the_original_does),
		cmocka_unit_test(a_run_without_events_says_so),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
