/* links: web materializer ingest schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/jump.h"

#define NS INT64_C(1000000000)
#define START (INT64_C(1790000000) * NS + 500000000) /* 2026-09-21 14:13:20.5 UTC */

static struct jump parsed(const char *text)
{
	struct jump jump;
	struct err err = {0};

	if (jump_parse(slice_text(text), START, &jump, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return jump;
}

static void assert_since(const char *text, int64_t since_ns)
{
	struct jump jump = parsed(text);

	assert_int_equal(jump.kind, JUMP_TIME);
	assert_int_equal(jump.time_ns, START + since_ns);
}

static void a_number_is_an_event(void **state)
{
	(void)state;
	assert_int_equal(parsed("120").kind, JUMP_EVENT);
	assert_int_equal(parsed("120").seq, 120);
	assert_int_equal(parsed(" #7 ").seq, 7);
}

static void a_time_is_one_since_the_start(void **state)
{
	(void)state;
	assert_since("1.5s", 3 * NS / 2);
	assert_since("+3", 3 * NS);
	assert_since("0.25", NS / 4);
	assert_since("250ms", NS / 4);
	assert_since("12 us", 12000);
	assert_since("2min", 120 * NS);
	assert_since("1.5 h", 5400 * NS);
}

static void a_time_of_the_day_is_the_first_from_the_start_on(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	assert_since("14:13:21", NS / 2);
	assert_since("14:13:20.75", NS / 4);
	assert_since("14:13:20", -NS / 2);
	assert_since("14:14", 40 * NS - NS / 2);
	assert_since("14:13:19", 86400 * NS - 3 * NS / 2);
	assert_since("00:00", (9 * 3600 + 46 * 60 + 40) * NS - NS / 2);
}

static void a_line_is_in_a_file(void **state)
{
	struct jump jump;

	(void)state;
	jump = parsed("app.py:12");
	assert_int_equal(jump.kind, JUMP_LINE);
	assert_int_equal(jump.line, 12);
	assert_true(slice_equal(jump.file, slice_text("app.py")));
	assert_true(slice_equal(parsed("a:b c.py:3").file, slice_text("a:b c.py")));
}

static void nonsense_is_told_with_what_may_be_given(void **state)
{
	static const char *const nonsense[] = {"", " ", "#", "x", "12x", "1.s", "-5",
		"app.py:", ":3", "app.py:x", "25:00", "10:61", "10:5:", "99999999999999999999",
		"999999999999999h", "1e5", "12 parsecs", "app.py:99999999999999999999"};
	struct jump jump;

	(void)state;
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		struct err err = {0};

		if (jump_parse(slice_text(nonsense[i]), START, &jump, &err) != ERR_USAGE)
			fail_msg("%s: taken", nonsense[i]);
		assert_non_null(strstr(err.message, "app.py:12"));
	}
}

static void a_file_is_named_by_the_end_of_its_path(void **state)
{
	const struct slice path = slice_text("/src/pkg/app.py");

	(void)state;
	assert_true(jump_names_file(slice_text("app.py"), path));
	assert_true(jump_names_file(slice_text("./app.py"), path));
	assert_true(jump_names_file(slice_text("pkg/app.py"), path));
	assert_true(jump_names_file(path, path));
	assert_false(jump_names_file(slice_text("p.py"), path));
	assert_false(jump_names_file(slice_text(""), path));
	assert_false(jump_names_file(slice_text("/x/src/pkg/app.py"), path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_an_event),
		cmocka_unit_test(a_time_is_one_since_the_start),
		cmocka_unit_test(a_time_of_the_day_is_the_first_from_the_start_on),
		cmocka_unit_test(a_line_is_in_a_file),
		cmocka_unit_test(nonsense_is_told_with_what_may_be_given),
		cmocka_unit_test(a_file_is_named_by_the_end_of_its_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
