/* links: ops schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ops/lister.h"

static const struct lister_column columns[] = {{"name", false}, {"Num", false}, {"more", true}};

static int begin(void **state)
{
	struct lister *lister = lister_new(columns, 3);

	lister_text(lister, slice_text("b \"q\",x"));
	lister_number(lister, 10);
	lister_nothing(lister);
	lister_text(lister, slice_text("a\n\x1b[31m\xe2\x80\xae\xc3\xa9\xff"));
	lister_number(lister, 9);
	lister_text(lister, slice_text("m"));
	*state = lister;
	return 0;
}

static int end(void **state)
{
	lister_free(*state);
	return 0;
}

static void check(
	struct lister *lister, const struct lister_settings *settings, const char *expected)
{
	struct buf out = {0};

	assert_int_equal(lister_render(lister, settings, &out, NULL), 0);
	assert_string_equal(buf_string(&out), expected);
	buf_release(&out);
}

static void a_table_is_framed_and_harmless(void **state)
{
	check(*state, &(struct lister_settings){.format = LISTER_TABLE},
		"+------------------------+-----+\n"
		"| name                   | Num |\n"
		"+------------------------+-----+\n"
		"| b \"q\",x                | 10  |\n"
		"| a\\n\\x1b[31m\\u202e\xc3\xa9\\xff | 9   |\n"
		"+------------------------+-----+\n");
}

static void a_narrow_table_cuts_the_widest_column(void **state)
{
	check(*state, &(struct lister_settings){.format = LISTER_TABLE, .max_width = 20},
		"+------------+-----+\n"
		"| name       | Num |\n"
		"+------------+-----+\n"
		"| b \"q\",x    | 10  |\n"
		"| a\\n\\x1b... | 9   |\n"
		"+------------+-----+\n");
}

static void json_has_all_columns_and_types(void **state)
{
	check(*state, &(struct lister_settings){.format = LISTER_JSON, .noindent = true},
		"[{\"name\": \"b \\\"q\\\",x\", \"Num\": 10, \"more\": null}, "
		"{\"name\": \"a\\n\\u001b[31m\\u202e\xc3\xa9\xef\xbf\xbd\", \"Num\": 9, "
		"\"more\": \"m\"}]\n");
}

static void csv_quotes_as_asked(void **state)
{
	const char *name[] = {"name", "Num"};
	struct lister_settings settings = {.format = LISTER_CSV,
		.columns = name,
		.column_count = 2,
		.sort_column = "Num",
		.descending = true};

	settings.quote = QUOTE_NONNUMERIC;
	check(*state, &settings,
		"\"name\",\"Num\"\n\"b \"\"q\"\",x\",10\n\"a\n\\x1b[31m\\u202e\xc3\xa9\\xff\",9\n");
	settings.quote = QUOTE_MINIMAL;
	check(*state, &settings,
		"name,Num\n\"b \"\"q\"\",x\",10\n\"a\n\\x1b[31m\\u202e\xc3\xa9\\xff\",9\n");
	settings.quote = QUOTE_ALL;
	settings.columns = name + 1;
	settings.column_count = 1;
	check(*state, &settings, "\"Num\"\n\"10\"\n\"9\"\n");
	settings.columns = name;
	settings.quote = QUOTE_NONE;
	check(*state, &settings,
		"name\nb \\\"q\\\"\\,x\na\\\\n\\\\x1b[31m\\\\u202e\xc3\xa9\\\\xff\n");
}

static void yaml_and_value_are_plain(void **state)
{
	const char *number[] = {"more", "Num"};
	struct lister_settings settings = {
		.format = LISTER_YAML, .columns = number, .column_count = 2};

	check(*state, &settings, "- more: null\n  Num: 10\n- more: \"m\"\n  Num: 9\n");
	settings.format = LISTER_VALUE;
	check(*state, &settings, " 10\nm 9\n");
}

static void rows_sort_by_type_and_stay_in_order(void **state)
{
	const char *number[] = {"Num"};
	struct lister_settings settings = {
		.format = LISTER_VALUE, .columns = number, .column_count = 1, .sort_column = "Num"};

	check(*state, &settings, "9\n10\n");
	settings.sort_column = "more";
	check(*state, &settings, "10\n9\n");
	settings.sort_column = "name";
	check(*state, &settings, "9\n10\n");
}

static void an_unknown_column_is_told_with_those_that_there_are(void **state)
{
	const char *wrong[] = {"nam"};
	struct lister_settings settings = {
		.format = LISTER_VALUE, .columns = wrong, .column_count = 1};
	struct buf out = {0};
	struct err err = {0};

	assert_int_equal(lister_render(*state, &settings, &out, &err), ERR_USAGE);
	assert_string_equal(err.message, "no column nam; there are: name, Num, more");
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

static void no_rows_are_a_head_an_empty_array_and_nothing(void **state)
{
	struct lister *lister = lister_new(columns, 2);

	(void)state;
	check(lister, &(struct lister_settings){.format = LISTER_TABLE},
		"+------+-----+\n| name | Num |\n+------+-----+\n+------+-----+\n");
	check(lister, &(struct lister_settings){.format = LISTER_JSON}, "[]\n");
	check(lister, &(struct lister_settings){.format = LISTER_YAML}, "[]\n");
	check(lister, &(struct lister_settings){.format = LISTER_VALUE}, "");
	lister_free(lister);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_table_is_framed_and_harmless, begin, end),
		cmocka_unit_test_setup_teardown(a_narrow_table_cuts_the_widest_column, begin, end),
		cmocka_unit_test_setup_teardown(json_has_all_columns_and_types, begin, end),
		cmocka_unit_test_setup_teardown(csv_quotes_as_asked, begin, end),
		cmocka_unit_test_setup_teardown(yaml_and_value_are_plain, begin, end),
		cmocka_unit_test_setup_teardown(rows_sort_by_type_and_stay_in_order, begin, end),
		cmocka_unit_test_setup_teardown(
			an_unknown_column_is_told_with_those_that_there_are, begin, end),
		cmocka_unit_test(no_rows_are_a_head_an_empty_array_and_nothing),
	};

	return cmocka_run_group_tests_name("lister", tests, NULL, NULL);
}
