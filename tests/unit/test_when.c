/* links: ops schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ops/when.h"

#define S 1000000000ll
/* 2026-11-22T20:30:05Z */
#define NOW (1795379405 * S + 7)

static void times_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{"2026-11-22T20:30:05", 1795379405},
		{"2026-11-22T20:30:05Z", 1795379405},
		{"2026-11-22 20:30", 1795379400},
		{"2026-11-22", 1795305600},
		{"20:30:05", 1795379405},
		{"00:00", 1795305600},
		{"1970-01-01T00:00:01Z", 1},
	};
	int64_t ns;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(when_parse(cases[i].text, NOW, &ns, NULL), 0);
		assert_true(ns == cases[i].seconds * S);
	}
	assert_int_equal(when_parse("90s", NOW, &ns, NULL), 0);
	assert_true(ns == NOW - 90 * S);
	assert_int_equal(when_parse("2h", NOW, &ns, NULL), 0);
	assert_true(ns == NOW - 7200 * S);
	assert_int_equal(when_parse("0s", NOW, &ns, NULL), 0);
	assert_true(ns == NOW);
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const cases[] = {"", "later", "10", "10x", "-5m", "25:00", "20:30x",
		"2026-13-01", "2026-11-22T", "2026-11-22T20:30+01", "99999999999999999999s",
		"9999999999d"};
	struct err err = {0};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(when_parse(cases[i], NOW, &ns, &err), ERR_USAGE);
		assert_non_null(strstr(err.message, "is no time"));
	}
	assert_int_equal(when_parse("2826-11-22T20:30:05Z", NOW, &ns, &err), ERR_USAGE);
	assert_non_null(strstr(err.message, "1678"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_as_people_write_them),
		cmocka_unit_test(what_is_no_time_is_refused),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
