/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/avro.h"
#include "schemas/event.h"
#include "schemas/message.h"

static struct avro_in bytes_in(const char *bytes, size_t len)
{
	return avro_in((struct slice){(const uint8_t *)bytes, len});
}

static void a_long_is_what_the_specification_says(void **state)
{
	static const struct {
		int64_t value;
		const char *bytes;
		size_t len;
	} cases[] = {
		{0, "\x00", 1},
		{-1, "\x01", 1},
		{1, "\x02", 1},
		{-2, "\x03", 1},
		{-64, "\x7f", 1},
		{64, "\x80\x01", 2},
		{8192, "\x80\x80\x01", 3},
		{INT64_MAX, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
		{INT64_MIN, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct avro_in in = bytes_in(cases[i].bytes, cases[i].len);
		struct buf buf = {0};
		int64_t value = 0;

		avro_buf_long(&buf, cases[i].value);
		assert_int_equal(buf.len, cases[i].len);
		assert_memory_equal(buf.data, cases[i].bytes, buf.len);
		assert_true(avro_get_long(&in, &value));
		assert_true(value == cases[i].value);
		assert_ptr_equal(in.at, in.end);
		for (size_t len = 0; len < cases[i].len; len++) {
			in = bytes_in(cases[i].bytes, len);
			assert_false(avro_get_long(&in, &value));
		}
		buf_release(&buf);
	}
}

static void every_width_of_a_long_comes_back(void **state)
{
	(void)state;
	for (int shift = 0; shift < 64; shift++) {
		for (int64_t near = -2; near <= 2; near++) {
			int64_t value = (int64_t)((UINT64_C(1) << shift) + (uint64_t)near);
			uint8_t bytes[AVRO_LONG_MAX_BYTES];
			uint8_t *end = avro_put_long(bytes, value);
			struct avro_in in = {bytes, end};
			int64_t back = 0;

			assert_true(avro_get_long(&in, &back));
			assert_true(back == value && in.at == end);
		}
	}
}

static void a_long_of_more_than_64_bits_is_none(void **state)
{
	struct avro_in in;
	int64_t value = 0;

	(void)state;
	in = bytes_in("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10);
	assert_false(avro_get_long(&in, &value));
	in = bytes_in("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11);
	assert_false(avro_get_long(&in, &value));
	/* Longer than need be, but 64 bits. */
	in = bytes_in("\x82\x80\x00", 3);
	assert_true(avro_get_long(&in, &value) && value == 1);
}

static void an_int_has_32_bits(void **state)
{
	static const int64_t values[] = {
		INT32_MIN, INT32_MAX, (int64_t)INT32_MIN - 1, (int64_t)INT32_MAX + 1, INT64_MIN};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		uint8_t bytes[AVRO_LONG_MAX_BYTES];
		struct avro_in in = {bytes, avro_put_long(bytes, values[i])};
		int32_t value = 0;

		assert_int_equal(avro_get_int(&in, &value), i < 2);
		if (i < 2)
			assert_int_equal(value, values[i]);
	}
}

static void a_boolean_is_0_or_1(void **state)
{
	struct avro_in in = bytes_in("\x00\x01\x02", 3);
	bool value = 0;

	(void)state;
	assert_true(avro_get_boolean(&in, &value) && !value);
	assert_true(avro_get_boolean(&in, &value) && value);
	assert_false(avro_get_boolean(&in, &value));
	in = bytes_in("", 0);
	assert_false(avro_get_boolean(&in, &value));
}

static void a_double_is_8_bytes_least_first(void **state)
{
	struct buf buf = {0};
	struct avro_in in;
	double value = 0;

	(void)state;
	avro_buf_double(&buf, 1.0);
	assert_int_equal(buf.len, 8);
	assert_memory_equal(buf.data, "\0\0\0\0\0\0\xf0\x3f", 8);
	in = avro_in(buf_slice(&buf));
	assert_true(avro_get_double(&in, &value) && value == 1.0 && in.at == in.end);
	in = (struct avro_in){buf.data, buf.data + 7};
	assert_false(avro_get_double(&in, &value));
	buf_release(&buf);
}

static void bytes_do_not_reach_behind_the_input(void **state)
{
	static const char *const hostile[] = {"\x02", "\x01", "\x06xy",
		"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01x",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"};
	struct slice value;
	struct avro_in in;
	uint8_t fixed[4];

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		in = bytes_in(hostile[i], strlen(hostile[i]));
		assert_false(avro_get_bytes(&in, &value));
	}
	in = bytes_in("\x04xy", 3);
	assert_true(avro_get_bytes(&in, &value) && value.len == 2 && in.at == in.end);
	in = bytes_in("\x04\xff\xff", 3);
	assert_false(avro_get_string(&in, &value));
	in = bytes_in("xyz", 3);
	assert_false(avro_get_fixed(&in, fixed, 4));
	assert_true(avro_get_fixed(&in, fixed, 3));
	in = avro_in((struct slice){NULL, 0});
	assert_false(avro_get_bytes(&in, &value));
}

/* By the definition: the shortest form of a code point that is no surrogate. */
static size_t slow_length(const uint8_t *text, size_t len)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	uint32_t point = text[0];
	size_t more = 0;

	if (point >= 0xf8 || (point & 0xc0) == 0x80)
		return 0;
	for (uint8_t bit = 0x40; point >= 0x80 && text[0] & bit; bit >>= 1)
		more++;
	if (more >= len)
		return 0;
	point &= more ? 0x3fu >> more : 0x7fu;
	for (size_t i = 1; i <= more; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (text[i] & 0x3f);
	}
	if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	return more + 1;
}

static void utf8_is_valid_just_when_the_definition_says(void **state)
{
	static const uint8_t last[] = {0x00, 0x7f, 0x80, 0xa5, 0xbf, 0xc0, 0xff};

	(void)state;
	for (uint32_t three = 0; three < 1u << 24; three += 1 + (three & 0xff) % 5) {
		uint8_t text[4] = {(uint8_t)(three >> 16), (uint8_t)(three >> 8), (uint8_t)three,
			last[three % sizeof(last)]};
		size_t len = three % 4 + 1;

		if (text[0] < 0x80)
			continue;
		if (avro_utf8_length((struct slice){text, len}) != slow_length(text, len))
			fail_msg("%02x %02x %02x %02x, %zu", text[0], text[1], text[2], text[3],
				len);
	}
}

static void utf8_is_checked_at_every_offset(void **state)
{
	(void)state;
	for (size_t at = 0; at < 40; at++) {
		uint8_t *text = malloc(at + 3);

		memset(text, 'a', at + 3);
		assert_true(avro_utf8_valid((struct slice){text, at + 3}));
		memcpy(text + at, "\xe2\x82\xac", 3);
		assert_true(avro_utf8_valid((struct slice){text, at + 3}));
		assert_false(avro_utf8_valid((struct slice){text, at + 2}));
		assert_false(avro_utf8_valid((struct slice){text, at + 1}));
		free(text);
	}
	assert_true(avro_utf8_valid((struct slice){NULL, 0}));
}

static void what_is_not_utf8_is_replaced_byte_by_byte(void **state)
{
	struct buf out = {0};

	(void)state;
	utf8_append(&out, slice_text("a\xff\xc3\xa9\xed\xa0\x80z\xe2\x82"));
	assert_string_equal(buf_string(&out),
		"a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf"
		"\xbd");
	buf_release(&out);
}

static void every_event_kind_has_its_name(void **state)
{
	static const char names[] = "call line return yield resume exception unwind thread task "
				    "gap ";
	struct buf all = {0};

	(void)state;
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		buf_printf(&all, "%s ", event_kind_name((enum event_kind)kind));
	assert_string_equal(buf_string(&all), names);
	assert_string_equal(event_kind_name(EVENT_KINDS), "unknown");
	buf_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_is_what_the_specification_says),
		cmocka_unit_test(every_width_of_a_long_comes_back),
		cmocka_unit_test(a_long_of_more_than_64_bits_is_none),
		cmocka_unit_test(an_int_has_32_bits),
		cmocka_unit_test(a_boolean_is_0_or_1),
		cmocka_unit_test(a_double_is_8_bytes_least_first),
		cmocka_unit_test(bytes_do_not_reach_behind_the_input),
		cmocka_unit_test(utf8_is_valid_just_when_the_definition_says),
		cmocka_unit_test(utf8_is_checked_at_every_offset),
		cmocka_unit_test(what_is_not_utf8_is_replaced_byte_by_byte),
		cmocka_unit_test(every_event_kind_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
