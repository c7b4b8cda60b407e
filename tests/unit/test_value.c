/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "schemas/avro.h"
#include "schemas/value.h"
#include "schemas/value_internal.h"

static struct slice slices[4];
static const struct name_table names = {4, slices};

static int setup_names(void **state)
{
	(void)state;
	slices[0] = slice_text("app.Thing");
	slices[1] = slice_text("__future__._Feature");
	slices[2] = slice_text("\x1b[1m\xc2\x9b\xff\xe2\x80\xa8");
	slices[3] = slice_text("str");
	return 0;
}

static struct value value_of(const struct buf *buf)
{
	return (struct value){buf_slice(buf), &names};
}

static void put_longs(struct buf *buf, size_t count, const int64_t *numbers)
{
	for (size_t i = 0; i < count; i++)
		avro_buf_long(buf, numbers[i]);
}

#define PUT_LONGS(buf, ...) \
	put_longs(buf, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

static void check_repr(const struct buf *buf, const char *want)
{
	struct buf out = {0};

	value_repr(value_of(buf), &out);
	assert_string_equal(buf_string(&out), want);
	buf_release(&out);
}

static void the_branch_is_the_kind(void **state)
{
	struct buf buf = {0};

	(void)state;
	for (int kind = 0; kind < VALUE_KINDS; kind++) {
		buf_clear(&buf);
		avro_buf_long(&buf, kind);
		assert_int_equal(value_kind(value_of(&buf)), kind);
	}
	buf_release(&buf);
	assert_int_equal(value_kind((struct value){{NULL, 0}, NULL}), VALUE_UNSET);
}

static void routines_are_modules_functions_and_methods(void **state)
{
	static const bool routine[OBJECT_KINDS] = {
		[OBJECT_FUNCTION] = true,
		[OBJECT_BUILTIN] = true,
		[OBJECT_METHOD] = true,
		[OBJECT_MODULE] = true,
	};
	struct buf buf = {0};

	(void)state;
	for (int kind = 0; kind < OBJECT_KINDS; kind++) {
		buf_clear(&buf);
		PUT_LONGS(&buf, VALUE_OBJECT, kind, 0, 0x10);
		assert_int_equal(value_is_routine(value_of(&buf)), routine[kind]);
	}
	buf_clear(&buf);
	PUT_LONGS(&buf, VALUE_OBJECT, OBJECT_INSTANCE, 1, 0x10);
	assert_true(value_is_routine(value_of(&buf)));
	buf_clear(&buf);
	PUT_LONGS(&buf, VALUE_LONG, OBJECT_FUNCTION);
	assert_false(value_is_routine(value_of(&buf)));
	buf_release(&buf);
}

static void objects_and_exceptions_have_addresses(void **state)
{
	struct buf buf = {0};

	(void)state;
	PUT_LONGS(&buf, VALUE_OBJECT, OBJECT_INSTANCE, 0, 0x1234);
	assert_int_equal(value_address(value_of(&buf)), 0x1234);
	buf_clear(&buf);
	PUT_LONGS(&buf, VALUE_ERROR, 0, 0x5678, 0, 0);
	assert_int_equal(value_address(value_of(&buf)), 0x5678);
	buf_clear(&buf);
	PUT_LONGS(&buf, VALUE_LONG, 5);
	assert_int_equal(value_address(value_of(&buf)), 0);
	buf_release(&buf);
}

static void an_address_of_the_upper_half_is_positive(void **state)
{
	struct buf buf = {0};

	(void)state;
	PUT_LONGS(&buf, VALUE_OBJECT, OBJECT_INSTANCE, 0, -1);
	check_repr(&buf, "<app.Thing object at 0xffffffffffffffff>");
	buf_release(&buf);
}

static void names_are_escaped(void **state)
{
	struct buf buf = {0};

	(void)state;
	PUT_LONGS(&buf, VALUE_OBJECT, OBJECT_CLASS, 2, 0);
	check_repr(&buf, "<class '\\x1b[1m\\x9b\\xff\\u2028'>");
	buf_release(&buf);
}

/* Writers may cut an array into blocks, each with its bytes counted in front. */
static void items_in_several_array_blocks_are_one_list(void **state)
{
	struct buf buf = {0};

	(void)state;
	PUT_LONGS(&buf, VALUE_CONTAINER, CONTAINER_LIST, 4, 2, VALUE_LONG, 1, VALUE_LONG, 2, -1, 2,
		VALUE_LONG, 3, 1, VALUE_NULL, 0);
	check_repr(&buf, "[1, 2, 3, None]");
	buf_release(&buf);
}

static void nesting_to_the_limit_is_shown(void **state)
{
	struct buf buf = {0};
	struct buf want = {0};
	struct avro_in in;

	(void)state;
	for (int depth = 0; depth < VALUE_MAX_DEPTH; depth++) {
		PUT_LONGS(&buf, VALUE_CONTAINER, CONTAINER_LIST, 1, 1);
		buf_byte(&want, '[');
	}
	PUT_LONGS(&buf, VALUE_NULL);
	buf_text(&want, "None");
	for (int depth = 0; depth < VALUE_MAX_DEPTH; depth++) {
		PUT_LONGS(&buf, 0);
		buf_byte(&want, ']');
	}
	in = (struct avro_in){buf.data, buf.data + buf.len};
	assert_true(value_skip(&in, 0));
	assert_ptr_equal(in.at, in.end);
	check_repr(&buf, buf_string(&want));
	buf_release(&buf);
	buf_release(&want);
}

/* The contract is that a value has been checked; what has not been must do no harm. */
static void bytes_that_are_no_value_do_no_harm(void **state)
{
	static const uint8_t full[] = {2 * VALUE_CONTAINER, 0, 8, 4, 2 * VALUE_STRING, 6, 'a', 'b',
		'c', 2 * VALUE_ERROR, 0, 2, 2, 2, 2 * VALUE_BIGINT, 10, 2, 5, 0, 0};
	struct buf out = {0};

	(void)state;
	for (size_t len = 0; len < sizeof(full); len++) {
		buf_clear(&out);
		value_repr((struct value){{full, len}, &names}, &out);
		assert_non_null(strstr(buf_string(&out), "<not a value>"));
	}
	for (unsigned byte = 0; byte < 256; byte++) {
		for (size_t at = 0; at < sizeof(full); at++) {
			uint8_t copy[sizeof(full)];

			memcpy(copy, full, sizeof(full));
			copy[at] = (uint8_t)byte;
			buf_clear(&out);
			value_repr((struct value){{copy, sizeof(copy)}, &names}, &out);
		}
	}
	buf_release(&out);
}

static void an_int_too_long_to_show_says_its_bits(void **state)
{
	static const uint8_t digits[5000] = {1};
	struct buf out = {0};

	(void)state;
	bigint_repr((struct slice){digits, sizeof(digits)}, 39993, &out);
	assert_string_equal(buf_string(&out), "<int of 39993 bits>");
	buf_release(&out);
}

static void numbers_are_padded_to_a_width(void **state)
{
	static const struct {
		int64_t value;
		size_t width;
		const char *want;
	} cases[] = {
		{0, 0, "0"},
		{7, 4, "   7"},
		{-7, 4, "  -7"},
		{12345, 4, "12345"},
		{INT64_MAX, 0, "9223372036854775807"},
		{INT64_MIN, 21, " -9223372036854775808"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = {0};

		long_repr(cases[i].value, cases[i].width, &out);
		assert_string_equal(buf_string(&out), cases[i].want);
		buf_release(&out);
	}
}

static void a_wrong_byte_in_text_is_escaped(void **state)
{
	struct buf out = {0};

	(void)state;
	assert_int_equal(string_repr(slice_text("a\xff\xc3"), &out), 3);
	assert_string_equal(buf_string(&out), "'a\\xff\\xc3'");
	buf_release(&out);
}

static void a_range_drops_only_a_step_of_one(void **state)
{
	struct buf buf = {0};

	(void)state;
	PUT_LONGS(&buf, VALUE_CONTAINER, CONTAINER_RANGE, 3, 3, VALUE_LONG, 0, VALUE_LONG, 1,
		VALUE_LONG, 21, 0);
	check_repr(&buf, "range(0, 1, 21)");
	buf_clear(&buf);
	PUT_LONGS(&buf, VALUE_CONTAINER, CONTAINER_RANGE, 3, 3, VALUE_LONG, 0, VALUE_LONG, 1,
		VALUE_LONG, 1, 0);
	check_repr(&buf, "range(0, 1)");
	buf_clear(&buf);
	PUT_LONGS(&buf, VALUE_CONTAINER, CONTAINER_RANGE, 3, 0);
	check_repr(&buf, "range(...)");
	buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_branch_is_the_kind),
		cmocka_unit_test(routines_are_modules_functions_and_methods),
		cmocka_unit_test(objects_and_exceptions_have_addresses),
		cmocka_unit_test(an_address_of_the_upper_half_is_positive),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(items_in_several_array_blocks_are_one_list),
		cmocka_unit_test(nesting_to_the_limit_is_shown),
		cmocka_unit_test(bytes_that_are_no_value_do_no_harm),
		cmocka_unit_test(an_int_too_long_to_show_says_its_bits),
		cmocka_unit_test(numbers_are_padded_to_a_width),
		cmocka_unit_test(a_wrong_byte_in_text_is_escaped),
		cmocka_unit_test(a_range_drops_only_a_step_of_one),
	};

	return cmocka_run_group_tests(tests, setup_names, NULL);
}
