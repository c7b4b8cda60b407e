/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schemas/parent.h"

#define RUN "00112233-4455-4677-8899-aabbccddeeff"

static void what_is_formatted_is_parsed(void **state)
{
	static const char *const groups[] = {"", "nightly", "a:b::", "\xc3\xa9 \xff"};
	static const int64_t numbers[] = {0, 7, 1700000000123456789, INT64_MAX};

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		struct parent parent = {.seq = numbers[i % 4]}, back;
		char text[PARENT_TEXT_BYTES + 16];
		size_t len;

		parent.time_ns = i < 12 ? numbers[i / 4] : PARENT_TIME_MAX_NS;
		assert_true(run_id_parse(&parent.run, slice_text(RUN)));
		parent.group = slice_text(groups[i % 4]);
		len = parent_format(&parent, text, sizeof(text));
		assert_int_equal(len, strlen(text));
		assert_true(parent_parse(&back, slice_text(text)));
		assert_true(run_id_equal(&back.run, &parent.run));
		assert_true(back.seq == parent.seq && back.time_ns == parent.time_ns);
		assert_true(slice_equal(back.group, parent.group));
	}
}

static void the_form_is_the_documented_one(void **state)
{
	struct parent parent = {.seq = 12, .time_ns = 345, .group = slice_text("g")};
	char text[PARENT_TEXT_BYTES + 16];

	(void)state;
	run_id_parse(&parent.run, slice_text(RUN));
	parent_format(&parent, text, sizeof(text));
	assert_string_equal(text, RUN ":12:345:g");
	parent.group.len = 0;
	parent_format(&parent, text, sizeof(text));
	assert_string_equal(text, RUN ":12:345");
	parent.seq = parent.time_ns = INT64_MAX;
	assert_true(parent_format(&parent, text, 8) < PARENT_TEXT_BYTES);
	assert_string_equal(text, "0011223");
}

static void an_empty_group_is_none(void **state)
{
	struct parent parent;

	(void)state;
	assert_true(parent_parse(&parent, slice_text(RUN ":1:2:")));
	assert_int_equal(parent.group.len, 0);
}

static void anything_else_is_refused(void **state)
{
	static const char *const texts[] = {"", "x", RUN, RUN ":", RUN ":1", RUN ":1:", RUN "::2",
		RUN ":-1:2", RUN ":1:-2", RUN ":1x:2", RUN ":1:2x", RUN ": 1:2", RUN ";1:2",
		RUN ":9223372036854775808:2", RUN ":1:99999999999999999999",
		RUN ":1:7258118400000000001", "g" RUN ":1:2"};
	struct parent parent;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (parent_parse(&parent, slice_text(texts[i])))
			fail_msg("taken: %s", texts[i]);
	}
}

static void a_child_is_never_before_its_parents_call(void **state)
{
	struct parent parent = {.time_ns = 1000};

	(void)state;
	assert_true(parent_offset_ns(&parent, 1001) == 0);
	assert_true(parent_offset_ns(&parent, 5000) == 0);
	assert_true(parent_offset_ns(&parent, 1000) == 1);
	assert_true(parent_offset_ns(&parent, 1) == 1000);
	parent.time_ns = PARENT_TIME_MAX_NS;
	assert_true(parent_offset_ns(&parent, 0) == PARENT_TIME_MAX_NS + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_formatted_is_parsed),
		cmocka_unit_test(the_form_is_the_documented_one),
		cmocka_unit_test(an_empty_group_is_none),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_child_is_never_before_its_parents_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
