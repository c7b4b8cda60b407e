/* links: web materializer ingest schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/help_database.h"
#include "web/app.h"

struct viewer {
	struct fixture *f;
	struct app *app;
	struct live_watch watch;
	struct buf said;
};

static struct app *open_app(struct fixture *f)
{
	struct app_options options = {.paths = &f->paths, .version = "1"};
	struct app *app;

	good(f, app_new(&options, &app, &f->err));
	return app;
}

/* Asks as a browser does. Its status. */
static int watch_path(struct viewer *viewer, const char *path, const char *query, const char *last)
{
	struct http_request request = {.method = "GET",
		.path = slice_text(path),
		.query = slice_text(query),
		.host = slice_text("localhost"),
		.last_event = slice_text(last)};
	struct http_answer answer = {0};
	int status;

	app_answer(viewer->app, &request, &answer);
	status = answer.status;
	assert_int_equal(answer.live, status == 200);
	if (answer.live)
		viewer->watch = *app_watch(viewer->app);
	http_answer_release(&answer);
	return status;
}

static int watch_run(struct viewer *viewer, uint8_t number, const char *query, const char *last)
{
	struct run_id run = told_run(number);
	char id[RUN_ID_TEXT_BYTES], path[100];

	snprintf(path, sizeof(path), "/runs/%s/live", run_id_format(&run, id));
	return watch_path(viewer, path, query, last);
}

/* What the viewer is told now. */
static const char *next(struct viewer *viewer, int64_t now_ms, bool *over)
{
	bool last;

	buf_clear(&viewer->said);
	assert_int_equal(live_refresh(viewer->app), 0);
	last = live_next(viewer->app, &viewer->watch, now_ms, &viewer->said);
	if (over)
		*over = last;
	return buf_string(&viewer->said);
}

static int rows_in(const char *text)
{
	int count = 0;

	for (; (text = strstr(text, "data: <tr id=\"seq-")); text++)
		count++;
	return count;
}

static void close_viewer(struct viewer *viewer)
{
	app_free(viewer->app);
	buf_release(&viewer->said);
}

static void a_viewer_is_told_what_is_new_and_then_the_end(void **state)
{
	struct fixture *f = *state;
	struct viewer viewer = {.f = f};
	const char *said;
	int64_t told;
	bool over;

	told_started(&f->told, 1);
	told_source(&f->told, 1, TOLD_FILE, "def f():\n    x = 1\n");
	told_blocks(&f->told, 1, 20, 10);
	publish(f);
	viewer.app = open_app(f);
	assert_int_equal(watch_run(&viewer, 1, "threads=2&from=-1", ""), 200);
	said = next(&viewer, 1, &over);
	assert_non_null(strstr(said, "event: rows\ndata: {\"events\": 20, "));
	assert_true(rows_in(said) > 2 && !over);
	told = viewer.watch.last;
	assert_string_equal(next(&viewer, 2, &over), "");

	told_block(&f->told, 1, 20, 7);
	publish(f);
	said = next(&viewer, 3, &over);
	assert_non_null(strstr(said, "{\"events\": 27, "));
	assert_int_equal(rows_in(said), viewer.watch.last - told + 1); /* the last one again */
	assert_false(over);

	told_finished(&f->told, 1, 27);
	publish(f);
	assert_non_null(strstr(next(&viewer, 4, &over), "event: end\ndata: {\"state\": \""));
	assert_true(over);
	close_viewer(&viewer);
}

static void who_was_away_is_told_the_newest_rows_and_how_many_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct viewer viewer = {.f = f};
	const char *said;

	told_started(&f->told, 1);
	told_blocks(&f->told, 1, 2000, 100);
	publish(f);
	viewer.app = open_app(f);
	assert_int_equal(watch_run(&viewer, 1, "threads=2&from=5", ""), 200);
	said = next(&viewer, 1, NULL);
	assert_int_equal(rows_in(said), LIVE_ROWS);
	assert_non_null(strstr(said, "data: <tr class=\"skipped\">"));
	assert_true(viewer.said.len < 64 * 1024);
	close_viewer(&viewer);
}

static void the_last_events_are_waited_for_though_the_end_is_known(void **state)
{
	struct fixture *f = *state;
	struct viewer viewer = {.f = f};
	bool over;

	told_started(&f->told, 1);
	told_block(&f->told, 1, 0, 10);
	told_finished(&f->told, 1, 20);
	publish(f);
	viewer.app = open_app(f);
	assert_int_equal(watch_run(&viewer, 1, "from=-1", ""), 200);
	assert_null(strstr(next(&viewer, 1000, &over), "event: end"));
	told_block(&f->told, 1, 10, 10);
	publish(f);
	assert_non_null(strstr(next(&viewer, 1100, &over), "event: end"));
	assert_true(over);

	assert_int_equal(watch_run(&viewer, 1, "from=-1", ""), 200);
	told_started(&f->told, 2);
	told_finished(&f->told, 2, 5);
	publish(f);
	assert_int_equal(watch_run(&viewer, 2, "from=-1", ""), 200);
	assert_null(strstr(next(&viewer, 1000, &over), "event: end"));
	assert_non_null(strstr(next(&viewer, 9000, &over), "event: end")); /* they never come */
	assert_true(over);
	close_viewer(&viewer);
}

static void what_a_reconnecting_browser_had_counts(void **state)
{
	static const struct {
		const char *query, *last;
		int64_t want;
	} cases[] = {
		{"from=3", "", 3},
		{"from=3", "7", 7},
		{"from=3", "x7", 3},
		{"from=3", "-7", 3},
		{"from=3", "99999999999999999999", 3},
		{"", "", LIVE_NO_ROWS},
		{"", "7", LIVE_NO_ROWS},
	};
	struct fixture *f = *state;
	struct viewer viewer = {.f = f};

	told_started(&f->told, 1);
	told_blocks(&f->told, 1, 20, 10);
	publish(f);
	viewer.app = open_app(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(watch_run(&viewer, 1, cases[i].query, cases[i].last), 200);
		assert_int_equal(viewer.watch.last, cases[i].want);
	}
	assert_int_equal(watch_run(&viewer, 1, "from=x", ""), 400);
	assert_int_equal(watch_run(&viewer, 9, "", ""), 404);
	assert_int_equal(watch_run(&viewer, 1, "from=1000000", ""), 200);
	assert_int_equal(rows_in(next(&viewer, 1, NULL)), 0);
	close_viewer(&viewer);
}

static void a_deleted_run_is_gone(void **state)
{
	struct fixture *f = *state;
	struct viewer viewer = {.f = f};
	bool over;

	told_started(&f->told, 1);
	told_blocks(&f->told, 1, 20, 10);
	publish(f);
	viewer.app = open_app(f);
	assert_int_equal(watch_run(&viewer, 1, "from=-1", ""), 200);
	next(&viewer, 1, &over);
	told_deleted(&f->told, 1);
	publish(f);
	assert_string_equal(next(&viewer, 2, &over), "event: gone\ndata: {}\n\n");
	assert_true(over);
	close_viewer(&viewer);
}

static void the_list_is_told_a_change_a_second(void **state)
{
	struct fixture *f = *state;
	struct viewer viewer = {.f = f};

	told_started(&f->told, 1);
	publish(f);
	viewer.app = open_app(f);
	assert_int_equal(watch_path(&viewer, "/runs/live", "version=0", ""), 200);
	assert_string_equal(next(&viewer, 5000, NULL), "event: change\ndata: {}\n\n");
	assert_string_equal(next(&viewer, 9000, NULL), ""); /* nothing is new */
	told_started(&f->told, 2);
	publish(f);
	assert_string_equal(next(&viewer, 9001, NULL), "event: change\ndata: {}\n\n");
	told_started(&f->told, 3);
	publish(f);
	assert_string_equal(next(&viewer, 9500, NULL), "");
	assert_string_equal(next(&viewer, 10002, NULL), "event: change\ndata: {}\n\n");
	close_viewer(&viewer);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, database_setup, database_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_viewer_is_told_what_is_new_and_then_the_end),
		TEST(who_was_away_is_told_the_newest_rows_and_how_many_are_left_out),
		TEST(the_last_events_are_waited_for_though_the_end_is_known),
		TEST(what_a_reconnecting_browser_had_counts),
		TEST(a_deleted_run_is_gone),
		TEST(the_list_is_told_a_change_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
