/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/text.h"
#include "tests/lib/help_story.h"

#define CWD "/home/u"
#define APP CWD "/test.py"
#define FUNCS CWD "/test_funcs.py"

static const char app_source[] = "import test_funcs\n"
				 "\n"
				 "if __name__ == '__main__':\n"
				 "    test_funcs.a()\n";

static const char funcs_source[] = "import sys\n"
				   "\n"
				   "def gen(m):\n"
				   "    for i in xrange(m):\n"
				   "        yield i\n"
				   "\n"
				   "\n"
				   "def c(input):\n"
				   "    print 'input =', input\n"
				   "    data = list(gen(input))\n"
				   "    print 'Leaving c()', data\n"
				   "\n"
				   "\n"
				   "def b(arg):\n"
				   "    val = arg * 5\n"
				   "    c(val)\n"
				   "    print 'Leaving b()'\n"
				   "    return val\n"
				   "\n"
				   "\n"
				   "def a():\n"
				   "    print 'args:', sys.argv\n"
				   "    b(2)\n"
				   "    print 'Leaving a()'\n";

/* The program of the original's documentation; the golden text is the documentation's. */
static void tell_imports(struct story *s)
{
	story_start(s, CWD, "./test.py");
	story_source(s, APP, app_source);
	story_enter(s, APP, "<module>", 1);
	story_set(s, "__name__", story_text(s, "__main__"));
	story_called(s);
	story_line(s, 1);
	story_source(s, FUNCS, funcs_source);
	story_call(s, FUNCS, "<module>", 1);
	story_line(s, 1);
	story_set(s, "sys", story_object(s, OBJECT_MODULE, "sys"));
	story_line(s, 3);
	story_set(s, "gen", story_object(s, OBJECT_FUNCTION, "gen"));
	story_line(s, 8);
	story_set(s, "c", story_object(s, OBJECT_FUNCTION, "c"));
	story_line(s, 14);
	story_line(s, 21);
	story_return(s, 21, story_none(s));
	story_set(s, "test_funcs", story_object(s, OBJECT_MODULE, "test_funcs"));
	story_line(s, 3);
	story_line(s, 4);
}

static void tell_generator(struct story *s)
{
	int gen = 0;

	story_enter(s, FUNCS, "gen", 3);
	story_set(s, "m", story_long(s, 10));
	story_called(s);
	story_line(s, 4);
	for (int i = 0; i < 10; i++) {
		story_set(s, "i", story_long(s, i));
		story_line(s, 5);
		gen = story_yield(s, 5, story_long(s, i));
		story_resume(s, gen);
		story_line(s, 4);
	}
	story_return(s, 4, story_none(s));
}

static void tell_quick_start(struct story *s)
{
	tell_imports(s);
	story_call(s, FUNCS, "a", 21);
	story_line(s, 22);
	story_line(s, 23);
	story_enter(s, FUNCS, "b", 14);
	story_set(s, "arg", story_long(s, 2));
	story_called(s);
	story_line(s, 15);
	story_set(s, "val", story_long(s, 10));
	story_line(s, 16);
	story_enter(s, FUNCS, "c", 8);
	story_set(s, "input", story_long(s, 10));
	story_called(s);
	story_line(s, 9);
	story_line(s, 10);
	tell_generator(s);
	story_set(s, "data", story_range_list(s, 10));
	story_line(s, 11);
	story_return(s, 11, story_none(s));
	story_line(s, 17);
	story_line(s, 18);
	story_return(s, 18, story_long(s, 10));
	story_line(s, 24);
	story_return(s, 24, story_none(s));
	story_return(s, 4, story_none(s));
	story_finish(s, 0, false, NULL, NULL);
}

static const char raise_source[] = "def deep(n):\n"
				   "    if n: deep(n - 1)\n"
				   "    raise ValueError('deep')\n"
				   "def a():\n"
				   "    try:\n"
				   "        deep(5)\n"
				   "    finally:\n"
				   "        try: int('x')\n"
				   "        except ValueError: pass\n"
				   "try: a()\n"
				   "except ValueError: pass\n"
				   "try: a()\n"
				   "except ValueError: pass\n"
				   "raise KeyError('end')\n";

/* An exception goes up through a recursion and a finally block that handles another one.
 * The second time the exceptions lie where the first ones lay. */
static void tell_failing_call(struct story *s, int64_t line, int depth)
{
	story_line(s, line);
	story_call(s, APP, "a", 4);
	story_line(s, 5);
	story_line(s, 6);
	for (int n = depth; n >= 0; n--) {
		story_enter(s, APP, "deep", 1);
		story_set(s, "n", story_long(s, n));
		story_called(s);
		story_line(s, 2);
	}
	story_line(s, 3);
	for (int n = 0; n <= depth; n++) {
		story_raise(s, n ? 2 : 3, story_error(s, "ValueError", "deep", 0x100));
		story_unwind(s, n ? 2 : 3);
	}
	story_raise(s, 6, story_error(s, "ValueError", "deep", 0x100));
	story_line(s, 8);
	story_call(s, "/elsewhere/int.py", "int", 7);
	story_raise(s, 7, story_error(s, "ValueError", "not 'x'", 0x200));
	story_unwind(s, 7);
	story_raise(s, 8, story_error(s, "ValueError", "not 'x'", 0x200));
	story_line(s, 9);
	story_unwind(s, 9);
	story_raise(s, line, story_error(s, "ValueError", "deep", 0x100));
	story_line(s, line + 1);
}

static void tell_exceptions(struct story *s)
{
	story_start(s, CWD, "./test.py -e");
	story_source(s, APP, raise_source);
	story_call(s, APP, "<module>", 1);
	tell_failing_call(s, 10, 5);
	tell_failing_call(s, 12, 1);
	story_line(s, 14);
	story_raise(s, 14, story_error(s, "KeyError", "end", 0x100));
	story_unwind(s, 14);
	story_finish(s, 0, false, "KeyError", "'end'");
}

/* Each frame of a deep recursion at another line, so that no two steps are one. */
static void tell_deep_unwinding(struct story *s)
{
	story_start(s, CWD, "deep.py");
	for (int n = 0; n < 34; n++)
		story_call(s, CWD "/deep.py", "f", n + 1);
	for (int n = 33; n >= 0; n--) {
		story_raise(s, n + 1, story_error(s, "app.RecursionError", "too deep", 0x100));
		story_unwind(s, n + 1);
	}
	story_finish(s, SIGKILL, false, NULL, NULL);
}

static const char thread_source[] = "start(work)\n"
				    "def work():\n"
				    "    x = 1\n"
				    "    del x\n";

static void tell_threads(struct story *s)
{
	story_start(s, CWD, "./test.py -t 3");
	story_source(s, APP, thread_source);
	story_thread(s, 0, "MainThread");
	story_call(s, APP, "<module>", 1);
	story_line(s, 1);
	story_thread(s, 1, "worker \033[1m 1");
	story_call(s, APP, "work", 2);
	story_line(s, 3);
	story_thread(s, 0, "MainThread");
	story_task(s, 1, "Task-1");
	story_line(s, 1);
	story_gap(s, 412, "spool limit");
	story_thread(s, 1, "");
	story_set(s, "x", story_long(s, 1));
	story_line(s, 4);
	story_set(s, "x", (struct value){0});
	story_return(s, 4, story_none(s));
	story_thread(s, 0, "");
	story_task(s, 0, "");
	story_gap(s, 1, "disk full");
	story_gap(s, -1, "recording was paused");
	story_wait(s, 3214567000);
	story_return(s, 1, story_none(s));
	story_finish(s, 0, true, NULL, NULL);
}

static const char hostile_source[] = "x = '\033[2J\x9b'\t# \xc2\x9b caf\xc3\xa9 \xff\f end\r\n"
				     "y = '\xe2\x80\xae\x7f'\r"
				     "last";

static void tell_hostile(struct story *s)
{
	story_start(s, CWD, "-c print(1)\nprint(2)\033]0;title\a");
	story_source(s, CWD "/a\nb.py", hostile_source);
	story_call(s, CWD "/a\nb.py", "<mod\nule>", 1);
	story_set(s, "_private_", story_text(s, "shown"));
	story_set(s, "__begins", story_text(s, "hidden"));
	story_set(s, "ends__", story_text(s, "hidden"));
	story_set(s, "name\033[1m", story_text(s, "\033[1mbold\n\xe2\x80\xa8"));
	story_set(s, "Klass", story_object(s, OBJECT_CLASS, "app.Klass"));
	story_set(s, "len", story_object(s, OBJECT_BUILTIN, "len"));
	story_set(s, "method", story_object(s, OBJECT_METHOD, "app.Klass.method"));
	story_set(s, "annotations", story_object(s, OBJECT_INSTANCE, "__future__._Feature"));
	story_set(s, "long",
		story_text(s,
			"a text of words, longer than the table's column is wide, so that it goes on "
			"in the row below; andthenawordthatislongerthanawholerowofthetableandmustbecutatt"
			"heend \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"));
	story_line(s, 2);
	story_line(s, 3);
	story_line(s, 99);
	story_return(s, 99, story_text(s, "\033c"));
	story_call(s, CWD, "f", 1);
	story_call(s, CWD "ser/other.py", "f", 12345);
	story_call(s, "<string>", "f", 1);
	story_finish(s, 0, false, "E\033", "two\nlines \033[31m");
}

static void tell_two_runs(struct story *s, struct story *other)
{
	story_start(s, CWD, "one.py");
	story_start(other, "/", "two.py");
	story_source(s, CWD "/one.py", "one = 1\n");
	story_source(other, CWD "/one.py", "other = 2\n");
	story_call(s, CWD "/one.py", "<module>", 1);
	story_call(other, CWD "/one.py", "<module>", 1);
	story_set(s, "one", story_long(s, 1));
	story_line(s, 1);
	story_raise(other, 1, story_error(other, "ValueError", "x", 0x10));
	story_raise(s, 1, story_error(s, "KeyError", "y", 0x10));
	story_unwind(other, 1);
	story_unwind(s, 1);
	story_finish(s, SIGINT, false, NULL, NULL);
	story_thread(other, 1, "T");
	story_call(other, "two.py", "f", 1);
	story_finish(other, 64, false, NULL, NULL);
}

static const char *const format_names[] = {
	[TEXT_CLASSIC] = "classic",
	[TEXT_TABLE] = "table",
	[TEXT_JSON] = "json",
};

static void read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "r");
	char piece[4096];
	size_t len;

	if (!file)
		fail_msg("%s: cannot read", path);
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_append(out, piece, len);
	fclose(file);
}

/* Compares with tests/golden/text/NAME.FORMAT; with UPDATE_GOLDEN set, writes it. */
static void check_screen(const struct buf *screen, const char *name, const char *format)
{
	const char *root = getenv("SMILEY_ROOT");
	struct buf golden = {0};
	char path[512];

	snprintf(path, sizeof(path), "%s/tests/golden/text/%s.%s", root ? root : ".", name, format);
	if (getenv("UPDATE_GOLDEN")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fwrite(screen->data, 1, screen->len, file);
		fclose(file);
		return;
	}
	read_file(path, &golden);
	if (!slice_equal(buf_slice(screen), buf_slice(&golden)))
		fail_msg("%s differs; now it is:\n%.*s", path, (int)screen->len, screen->data);
	buf_release(&golden);
}

static void render(
	void (*tell)(struct story *), const struct text_options *options, struct buf *screen)
{
	struct text *text = text_new(options, screen);
	struct story *story = story_new(text_sink(text), 0xa0);

	tell(story);
	story_free(story);
	text_free(text);
}

static void check_story(void (*tell)(struct story *), const char *name)
{
	for (int format = TEXT_CLASSIC; format <= TEXT_JSON; format++) {
		struct text_options options = {.format = (enum text_format)format};
		struct buf screen = {0};

		render(tell, &options, &screen);
		check_screen(&screen, name, format_names[format]);
		buf_release(&screen);
	}
}

static void quick_start_is_as_documented(void **state)
{
	(void)state;
	check_story(tell_quick_start, "quick_start");
}

static void exceptions_show_the_frames_they_left(void **state)
{
	(void)state;
	check_story(tell_exceptions, "exceptions");
}

static void a_deep_unwinding_keeps_both_ends(void **state)
{
	struct text_options options = {.format = TEXT_CLASSIC};
	struct buf screen = {0};

	(void)state;
	render(tell_deep_unwinding, &options, &screen);
	check_screen(&screen, "deep_unwinding", "classic");
	buf_release(&screen);
}

static void threads_tasks_and_gaps_are_named(void **state)
{
	(void)state;
	check_story(tell_threads, "threads");
}

static void nothing_hostile_comes_out_raw(void **state)
{
	struct text_options options = {.format = TEXT_CLASSIC};

	(void)state;
	check_story(tell_hostile, "hostile");
	for (int format = TEXT_CLASSIC; format <= TEXT_JSON; format++) {
		struct buf screen = {0};

		options.format = (enum text_format)format;
		render(tell_hostile, &options, &screen);
		for (size_t i = 0; i < screen.len; i++) {
			uint8_t byte = screen.data[i];

			assert_true(byte >= 0x20 || byte == '\n' || byte == '\t');
			assert_true(byte != 0x7f);
			assert_false(byte == 0xc2 && screen.data[i + 1] < 0xa0);
		}
		buf_release(&screen);
	}
}

static void many_runs_are_told_apart(void **state)
{
	(void)state;
	for (int format = TEXT_CLASSIC; format <= TEXT_JSON; format++) {
		struct text_options options = {
			.format = (enum text_format)format, .many_runs = true};
		struct buf screen = {0};
		struct text *text = text_new(&options, &screen);
		struct story *one = story_new(text_sink(text), 0xa0);
		struct story *two = story_new(text_sink(text), 0x10);

		tell_two_runs(one, two);
		check_screen(&screen, "two_runs", format_names[format]);
		story_free(one);
		story_free(two);
		text_free(text);
		buf_release(&screen);
	}
}

static void colours_are_put_around_only(void **state)
{
	struct text_options options = {.format = TEXT_CLASSIC, .colour = true};
	struct buf coloured = {0};
	struct buf plain = {0};
	struct buf stripped = {0};

	(void)state;
	render(tell_exceptions, &options, &coloured);
	options.colour = false;
	render(tell_exceptions, &options, &plain);
	check_screen(&coloured, "exceptions", "colour");
	for (size_t i = 0; i < coloured.len; i++) {
		if (coloured.data[i] == '\033') {
			while (coloured.data[i] != 'm')
				i++;
		} else {
			buf_byte(&stripped, coloured.data[i]);
		}
	}
	assert_true(slice_equal(buf_slice(&stripped), buf_slice(&plain)));
	buf_release(&coloured);
	buf_release(&plain);
	buf_release(&stripped);
}

/* The end of a whole screen is what a start in the middle shows. */
static void a_start_in_the_middle_shows_the_same(void **state)
{
	struct text_options options = {.format = TEXT_JSON};
	struct buf whole = {0};

	(void)state;
	for (int format = TEXT_CLASSIC; format <= TEXT_JSON; format++) {
		buf_clear(&whole);
		options = (struct text_options){.format = (enum text_format)format};
		render(tell_exceptions, &options, &whole);
		for (int64_t from = 1; from < 75; from++) {
			struct buf part = {0};
			size_t header = 0;

			options.from_seq = from;
			render(tell_exceptions, &options, &part);
			while (format != TEXT_JSON && part.data[header] != '\n')
				header++;
			assert_true(part.len < whole.len);
			assert_memory_equal(part.data + header,
				whole.data + whole.len - (part.len - header), part.len - header);
			buf_release(&part);
		}
	}
	buf_release(&whole);
}

static void showing_from_an_event_asks_for_some_before_it(void **state)
{
	struct text_options options = {.format = TEXT_CLASSIC};
	struct buf screen = {0};
	struct text *text = text_new(&options, &screen);
	struct story *story = story_new(text_sink(text), 1);

	(void)state;
	assert_int_equal(text_show_from(text, 0), 0);
	assert_int_equal(text_show_from(text, TEXT_LOOKBACK + 5), 5);
	assert_int_equal(text_show_from(text, 1), 0);
	story_call(story, APP, "f", 7);
	assert_int_equal(screen.len, 0);
	story_raise(story, 8, story_error(story, "ValueError", "x", 0x10));
	assert_string_equal(
		buf_string(&screen), APP ":   8: Exception: ValueError('x')\n    " APP ":   8: \n");
	story_free(story);
	text_free(text);
	buf_release(&screen);
}

static void an_event_of_an_unknown_run_is_shown_by_its_path(void **state)
{
	struct text_options options = {.format = TEXT_CLASSIC};
	struct buf screen = {0};
	struct text *text = text_new(&options, &screen);
	struct story *story = story_new(text_sink(text), 1);

	(void)state;
	story_call(story, APP, "f", 7);
	story_unwind(story, 7);
	assert_string_equal(buf_string(&screen), APP ":   7: \n" APP ":   7: unwind>>>\n");
	story_free(story);
	text_free(text);
	buf_release(&screen);
}

static void paths_are_shown_from_the_run_s_directory(void **state)
{
	static const struct {
		const char *cwd;
		const char *path;
		const char *want;
	} cases[] = {
		{"/home/u", "/home/u/./app.py", "app.py"},
		{"/home/u/", "/home/u//lib/./a.py", "lib/a.py"},
		{"/home/u", "/./home/./u/app.py", "app.py"},
		{"/home/u", "/home/u/.hidden/..b/a.py", ".hidden/..b/a.py"},
		{"/home/u", "/home/user/app.py", "/home/user/app.py"},
		{"/home/u", "/home/u/../v/app.py", "../v/app.py"},
		{"/home/u", "/home/u", "/home/u"},
		{"/", "/app.py", "app.py"},
		{"", "/app.py", "/app.py"},
		{"/home/u", "<frozen zipimport>", "<frozen zipimport>"},
		{"/home/u", "./app.py", "app.py"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text_options options = {.format = TEXT_CLASSIC};
		struct buf screen = {0};
		struct buf want = {0};
		struct text *text = text_new(&options, &screen);
		struct story *story = story_new(text_sink(text), 1);

		story_start(story, cases[i].cwd, "x");
		story_call(story, cases[i].path, "f", 1);
		buf_printf(&want, "Starting new run: x\n%s:   1: \n", cases[i].want);
		assert_string_equal(buf_string(&screen), buf_string(&want));
		story_free(story);
		text_free(text);
		buf_release(&want);
		buf_release(&screen);
	}
}

static void a_source_that_came_before_its_run_has_its_path(void **state)
{
	struct text_options options = {.format = TEXT_CLASSIC};
	struct buf screen = {0};
	struct text *text = text_new(&options, &screen);
	struct story *story = story_new(text_sink(text), 1);

	(void)state;
	story_source(story, "/home/u/app.py", "x = 1\n");
	story_start(story, "/home/u", "x");
	story_call(story, "/home/u/app.py", "f", 1);
	assert_string_equal(buf_string(&screen), "Starting new run: x\napp.py:   1: x = 1\n");
	story_free(story);
	text_free(text);
	buf_release(&screen);
}

static void a_run_told_twice_begins_once(void **state)
{
	struct text_options options = {.format = TEXT_CLASSIC};
	struct buf screen = {0};
	struct text *text = text_new(&options, &screen);
	struct story *story = story_new(text_sink(text), 1);

	(void)state;
	story_start(story, CWD, "app.py");
	story_start(story, CWD, "app.py");
	story_source(story, APP, "first\n");
	story_source(story, APP, "second\n");
	story_call(story, APP, "f", 1);
	assert_string_equal(buf_string(&screen), "Starting new run: app.py\ntest.py:   1: first\n");
	story_free(story);
	text_free(text);
	buf_release(&screen);
}

static void an_error_without_a_message_is_its_type(void **state)
{
	struct text_options options = {.format = TEXT_CLASSIC};
	struct buf screen = {0};
	struct text *text = text_new(&options, &screen);
	struct story *story = story_new(text_sink(text), 1);

	(void)state;
	story_start(story, CWD, "app.py");
	story_finish(story, SIGINT, false, "KeyboardInterrupt", "");
	assert_string_equal(buf_string(&screen),
		"Starting new run: app.py\nFinished run\nERROR in app: KeyboardInterrupt\n");
	story_free(story);
	text_free(text);
	buf_release(&screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quick_start_is_as_documented),
		cmocka_unit_test(exceptions_show_the_frames_they_left),
		cmocka_unit_test(a_deep_unwinding_keeps_both_ends),
		cmocka_unit_test(threads_tasks_and_gaps_are_named),
		cmocka_unit_test(nothing_hostile_comes_out_raw),
		cmocka_unit_test(many_runs_are_told_apart),
		cmocka_unit_test(colours_are_put_around_only),
		cmocka_unit_test(a_start_in_the_middle_shows_the_same),
		cmocka_unit_test(showing_from_an_event_asks_for_some_before_it),
		cmocka_unit_test(an_event_of_an_unknown_run_is_shown_by_its_path),
		cmocka_unit_test(paths_are_shown_from_the_run_s_directory),
		cmocka_unit_test(a_source_that_came_before_its_run_has_its_path),
		cmocka_unit_test(a_run_told_twice_begins_once),
		cmocka_unit_test(an_error_without_a_message_is_its_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
