/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schemas/json.h"

static void check_string(const void *text, size_t len, const char *want)
{
	struct buf out = {0};

	json_string(&out, (struct slice){text, len});
	assert_string_equal(buf_string(&out), want);
	buf_release(&out);
}

#define CHECK_STRING(text, want) check_string(text, sizeof(text) - 1, want)

static void strings_are_escaped(void **state)
{
	(void)state;
	CHECK_STRING("", "\"\"");
	CHECK_STRING(
		"plain / caf\xc3\xa9 \xf0\x9d\x92\xb3", "\"plain / caf\xc3\xa9 \xf0\x9d\x92\xb3\"");
	CHECK_STRING("\"\\\n\r\t", "\"\\\"\\\\\\n\\r\\t\"");
	CHECK_STRING("\0\x1f\x7f\x1b", "\"\\u0000\\u001f\\u007f\\u001b\"");
	CHECK_STRING("\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u0080\\u009f\xc2\xa0\"");
	CHECK_STRING("\xe2\x80\xa8\xe2\x80\xa9", "\"\\u2028\\u2029\"");
	CHECK_STRING("\xe2\x80\xae\xe2\x81\xa6", "\"\\u202e\\u2066\"");
}

static void what_is_not_utf8_is_replaced(void **state)
{
	(void)state;
	CHECK_STRING("a\xff z", "\"a\xef\xbf\xbd z\"");
	CHECK_STRING("\xc3", "\"\xef\xbf\xbd\"");
	CHECK_STRING("\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	CHECK_STRING("\xed\xa0\x80", "\"\xef\xbf\xbd\"");
	CHECK_STRING("\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void put_all_kinds(struct json *json)
{
	json_object_begin(json);
	json_key(json, "text");
	json_text(json, "x");
	json_key(json, "empty");
	json_array_begin(json);
	json_array_end(json);
	json_key_slice(json, slice_text("in\"side"));
	json_array_begin(json);
	json_long(json, INT64_MIN);
	json_boolean(json, true);
	json_boolean(json, false);
	json_null(json);
	json_object_begin(json);
	json_object_end(json);
	json_object_begin(json);
	json_key(json, "a");
	json_slice(json, slice_text("b"));
	json_object_end(json);
	json_array_end(json);
	json_key(json, "time");
	json_seconds(json, INT64_C(1700000000000000001));
	json_object_end(json);
}

static void values_stand_on_one_line(void **state)
{
	struct buf out = {0};
	struct json json;

	(void)state;
	json_init(&json, &out, 0);
	put_all_kinds(&json);
	assert_string_equal(buf_string(&out),
		"{\"text\": \"x\", \"empty\": [], \"in\\\"side\": [-9223372036854775808, true, "
		"false, null, {}, {\"a\": \"b\"}], \"time\": 1700000000.000000001}");
	buf_release(&out);
}

static void an_indent_makes_lines(void **state)
{
	struct buf out = {0};
	struct json json;

	(void)state;
	json_init(&json, &out, 2);
	put_all_kinds(&json);
	assert_string_equal(buf_string(&out), "{\n"
					      "  \"text\": \"x\",\n"
					      "  \"empty\": [],\n"
					      "  \"in\\\"side\": [\n"
					      "    -9223372036854775808,\n"
					      "    true,\n"
					      "    false,\n"
					      "    null,\n"
					      "    {},\n"
					      "    {\n"
					      "      \"a\": \"b\"\n"
					      "    }\n"
					      "  ],\n"
					      "  \"time\": 1700000000.000000001\n"
					      "}");
	buf_release(&out);
}

static void seconds_keep_their_sign(void **state)
{
	static const struct {
		int64_t nanoseconds;
		const char *want;
	} cases[] = {
		{0, "0.000000000"},
		{-1, "-0.000000001"},
		{-1500000000, "-1.500000000"},
		{INT64_MIN, "-9223372036.854775808"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = {0};
		struct json json;

		json_init(&json, &out, 0);
		json_seconds(&json, cases[i].nanoseconds);
		assert_string_equal(buf_string(&out), cases[i].want);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(what_is_not_utf8_is_replaced),
		cmocka_unit_test(values_stand_on_one_line),
		cmocka_unit_test(an_indent_makes_lines),
		cmocka_unit_test(seconds_keep_their_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
