/* links: ops schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/setting.h"

#define LINE(...) ((char *[]){__VA_ARGS__, NULL})

static int begin(void **state)
{
	*state = settings_new();
	return *state ? 0 : -1;
}

static int end(void **state)
{
	settings_free(*state);
	return 0;
}

/* Writes text to a file and reads it as a configuration. */
static int read_text(struct settings *settings, const char *text, struct err *err)
{
	char path[] = "/tmp/smiley-setting-XXXXXX";
	int fd = mkstemp(path);
	int rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	rc = settings_file(settings, path, err);
	unlink(path);
	return rc;
}

static void defaults_come_from_the_table(void **state)
{
	assert_string_equal(settings_text(*state, OPTION_DATABASE), "smiley.db");
	assert_true(settings_flag(*state, OPTION_INCLUDE_SITE_PACKAGES));
	assert_false(settings_flag(*state, OPTION_INCLUDE_STDLIB));
	assert_null(settings_text(*state, OPTION_GROUP));
	assert_true(settings_number(*state, OPTION_SPOOL_LIMIT, 0) == 256 << 20);
	assert_true(settings_number(*state, OPTION_TO, 77) == 77);
}

static void a_file_is_read_line_by_line(void **state)
{
	const char **names;
	struct err err = {0};
	size_t count;

	assert_int_equal(read_text(*state,
				 "# comment\n\n  database = /var/lib/x y \nredact = tax id, a-b,,\n"
				 "include-stdlib=1\r\n",
				 &err),
		0);
	assert_string_equal(settings_text(*state, OPTION_DATABASE), "/var/lib/x y");
	assert_true(settings_flag(*state, OPTION_INCLUDE_STDLIB));
	names = settings_list(*state, OPTION_REDACT, &count);
	assert_int_equal(count, 2);
	assert_string_equal(names[0], "tax id");
	assert_string_equal(names[1], "a-b");
}

static void pairs_come_from_all_places_and_stay_secret(void **state)
{
	char key[] = "-X", pair[] = "sasl.password=@/p", wrong[] = "hunter2";
	char *line[] = {key, pair}, *bad[] = {key, wrong};
	struct err err = {0};
	const char **pairs;
	size_t count;

	assert_int_equal(
		read_text(*state, "kafka.security.protocol = ssl\nkafka.a = x = y, z\n", &err), 0);
	setenv("SMILEY_KAFKA", "b=1, c=", 1);
	assert_int_equal(settings_surroundings(*state, &err), 0);
	unsetenv("SMILEY_KAFKA");
	assert_int_equal(settings_arguments(*state, "list", 2, line, false, &err), 0);
	pairs = settings_list(*state, OPTION_KAFKA, &count);
	assert_int_equal(count, 5);
	assert_string_equal(pairs[0], "security.protocol=ssl");
	assert_string_equal(pairs[1], "a=x = y, z");
	assert_string_equal(pairs[2], "b=1");
	assert_string_equal(pairs[3], "c=");
	assert_string_equal(pairs[4], "sasl.password=@/p");
	assert_int_equal(settings_arguments(*state, "list", 2, bad, false, &err), ERR_USAGE);
	assert_non_null(strstr(err.message, "KEY=VALUE"));
	assert_null(strstr(err.message, "hunter2"));
	setenv("SMILEY_KAFKA", "a=b,hunter2", 1);
	assert_int_equal(settings_surroundings(*state, &err), ERR_USAGE);
	unsetenv("SMILEY_KAFKA");
	assert_null(strstr(err.message, "hunter2"));
}

static void a_bad_line_is_told_with_its_number(void **state)
{
	const struct {
		const char *text, *words;
	} bad[] = {
		{"database = x\ndatabas = y\n", ":2: unknown key databas"},
		{"database\n", ":1: no `key = value` line: database"},
		{"\nmax-depth = few\n", ":2: max-depth: few is not a whole number"},
		{"spool-policy = wait\n", ":1: spool-policy: wait is not one of block|drop"},
		{"include-stdlib = yes\n", ":1: include-stdlib: yes is not 1 or 0"},
		{"database =\n", ":1: database: the value is empty"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = {0};

		assert_int_equal(read_text(*state, bad[i].text, &err), ERR_USAGE);
		if (!strstr(err.message, bad[i].words))
			fail_msg("%s: %s", bad[i].text, err.message);
	}
	assert_int_equal(settings_file(*state, "/nonexistent", NULL), ERR_NOT_FOUND);
}

static void the_environment_counts_more_and_the_line_most(void **state)
{
	char **line = LINE("--database", "c", "prog");
	struct err err = {0};

	assert_int_equal(read_text(*state, "database = a\ngroup = g\n", &err), 0);
	setenv("SMILEY_CONFIG", "/dev/null", 1);
	setenv("SMILEY_DATABASE", "b", 1);
	assert_int_equal(settings_surroundings(*state, &err), 0);
	assert_string_equal(settings_text(*state, OPTION_DATABASE), "b");
	assert_string_equal(settings_text(*state, OPTION_GROUP), "g");
	assert_int_equal(settings_arguments(*state, "run", 3, line, true, &err), 1);
	assert_string_equal(settings_text(*state, OPTION_DATABASE), "c");
	setenv("SMILEY_DATABASE", "b", 1);
	setenv("SMILEY_MAX_DEPTH", "x", 1);
	assert_int_equal(settings_surroundings(*state, &err), ERR_USAGE);
	assert_string_equal(
		err.message, "environment variable SMILEY_MAX_DEPTH: x is not a whole number");
	unsetenv("SMILEY_MAX_DEPTH");
	unsetenv("SMILEY_DATABASE");
	unsetenv("SMILEY_CONFIG");
}

static void all_databases_of_the_line_count_and_no_others(void **state)
{
	char **before = LINE("--verbose"), **line = LINE("--database", "c", "--database=d");
	struct err err = {0};
	const char **all;
	size_t count;

	assert_int_equal(read_text(*state, "database = a\n", &err), 0);
	assert_int_equal(settings_arguments(*state, "", 1, before, true, &err), 0);
	all = settings_list(*state, OPTION_DATABASE, &count);
	assert_int_equal(count, 1);
	assert_string_equal(all[0], "a");
	assert_int_equal(settings_arguments(*state, "list", 3, line, false, &err), 0);
	all = settings_list(*state, OPTION_DATABASE, &count);
	assert_int_equal(count, 2);
	assert_string_equal(all[0], "c");
	assert_string_equal(all[1], "d");
	assert_string_equal(settings_text(*state, OPTION_DATABASE), "d");
}

static void options_may_stand_anywhere_but_behind_two_dashes(void **state)
{
	char **line = LINE("one", "-f", "json", "two", "--errors", "--", "--three");
	struct err err = {0};

	assert_int_equal(settings_arguments(*state, "list", 7, line, false, &err), 3);
	assert_string_equal(line[0], "one");
	assert_string_equal(line[1], "two");
	assert_string_equal(line[2], "--three");
	assert_string_equal(settings_text(*state, OPTION_LIST_FORMAT), "json");
	assert_true(settings_flag(*state, OPTION_ERRORS));
}

static void a_program_ends_the_options(void **state)
{
	struct err err = {0};
	char **file = LINE("-v", "--group", "g", "prog", "--group", "x");
	char **module = LINE("--no-include-site-packages", "-m", "json.tool", "-v");
	char **code = LINE("-cprint()", "--help");
	char **stdin_program = LINE("-", "-v");
	char **flags = LINE("--", "-X", "dev", "prog");

	assert_int_equal(settings_arguments(*state, "run", 6, file, true, &err), 3);
	assert_string_equal(file[0], "prog");
	assert_int_equal(settings_count(*state, OPTION_VERBOSE), 1);
	assert_int_equal(settings_arguments(*state, "run", 4, module, true, &err), 3);
	assert_string_equal(module[0], "-m");
	assert_false(settings_flag(*state, OPTION_INCLUDE_SITE_PACKAGES));
	assert_int_equal(settings_arguments(*state, "run", 2, code, true, &err), 2);
	assert_int_equal(settings_arguments(*state, "run", 2, stdin_program, true, &err), 2);
	assert_int_equal(settings_arguments(*state, "run", 4, flags, true, &err), 3);
	assert_string_equal(flags[0], "-X");
}

static void what_makes_no_sense_is_told_in_one_line(void **state)
{
	const struct {
		char *words[3];
		const char *message;
	} bad[] = {
		{{"--foo"}, "unknown option --foo; try: smiley help list"},
		{{"--foo=1"}, "unknown option --foo; try: smiley help list"},
		{{"-x"}, "unknown option -x; try: smiley help list"},
		{{"-vx"}, "unknown option -x; try: smiley help list"},
		{{"-f"}, "-f needs an argument: table|json|csv|yaml|value"},
		{{"--column"}, "--column needs an argument: COLUMN"},
		{{"--errors=1"}, "--errors takes no argument"},
		{{"--format", "xml"}, "--format xml: choose one of table|json|csv|yaml|value"},
		{{"--max-width=-3"}, "--max-width -3: not a whole number"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *line[] = {bad[i].words[0], bad[i].words[1], NULL};
		struct err err = {0};

		assert_int_equal(
			settings_arguments(*state, "list", line[1] ? 2 : 1, line, false, &err),
			ERR_USAGE);
		assert_string_equal(err.message, bad[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(defaults_come_from_the_table, begin, end),
		cmocka_unit_test_setup_teardown(a_file_is_read_line_by_line, begin, end),
		cmocka_unit_test_setup_teardown(
			pairs_come_from_all_places_and_stay_secret, begin, end),
		cmocka_unit_test_setup_teardown(a_bad_line_is_told_with_its_number, begin, end),
		cmocka_unit_test_setup_teardown(
			the_environment_counts_more_and_the_line_most, begin, end),
		cmocka_unit_test_setup_teardown(
			all_databases_of_the_line_count_and_no_others, begin, end),
		cmocka_unit_test_setup_teardown(
			options_may_stand_anywhere_but_behind_two_dashes, begin, end),
		cmocka_unit_test_setup_teardown(a_program_ends_the_options, begin, end),
		cmocka_unit_test_setup_teardown(
			what_makes_no_sense_is_told_in_one_line, begin, end),
	};

	return cmocka_run_group_tests_name("setting", tests, NULL, NULL);
}
