/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schemas/source_text.h"

#define BYTES(text) ((struct slice){(const uint8_t *)(text), sizeof(text) - 1})

static void check_lines(struct slice bytes, const char *const *want, size_t count)
{
	struct source_text *source = source_text_new(bytes);

	assert_non_null(source);
	for (size_t i = 0; i < count; i++) {
		struct slice line = source_text_line(source, (int64_t)i + 1);

		if (!slice_equal(line, slice_text(want[i])))
			fail_msg("line %zu is '%.*s', not '%s'", i + 1, (int)line.len, line.data,
				want[i]);
	}
	assert_int_equal(source_text_count(source), count);
	source_text_free(source);
}

#define CHECK_LINES(text, ...)                                                     \
	do {                                                                       \
		const char *const lines[] = {__VA_ARGS__};                         \
		check_lines(BYTES(text), lines, sizeof(lines) / sizeof(lines[0])); \
	} while (0)

static void lines_end_as_in_python(void **state)
{
	(void)state;
	CHECK_LINES("a\nb\r\nc\rd", "a", "b", "c", "d");
	CHECK_LINES("a\n", "a");
	CHECK_LINES("\n\r\r\n\n\rx", "", "", "", "", "", "x");
	CHECK_LINES("form\ffeed\vtab\x1c\xc2\x85\xe2\x80\xa8 one line",
		"form\ffeed\vtab\x1c\xc2\x85\xe2\x80\xa8 one line");
}

static void a_line_that_is_not_there_is_empty(void **state)
{
	struct source_text *source = source_text_new(BYTES("one\ntwo"));
	struct source_text *empty = source_text_new(BYTES(""));
	static const int64_t numbers[] = {INT64_MIN, -1, 0, 3, INT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_int_equal(source_text_line(source, numbers[i]).len, 0);
		assert_int_equal(source_text_line(empty, numbers[i]).len, 0);
	}
	assert_int_equal(source_text_line(empty, 1).len, 0);
	assert_int_equal(source_text_count(empty), 0);
	source_text_free(source);
	source_text_free(empty);
	source_text_free(NULL);
}

static void check_encoding(struct slice bytes, const char *want)
{
	struct buf name = {0};

	source_text_encoding(bytes, &name);
	assert_string_equal(buf_string(&name), want);
	buf_release(&name);
}

static void the_declaration_is_found_as_pep_263_says(void **state)
{
	(void)state;
	check_encoding(BYTES(""), "utf-8");
	check_encoding(BYTES("x = 1\n"), "utf-8");
	check_encoding(BYTES("# -*- coding: latin-1 -*-\n"), "latin-1");
	check_encoding(BYTES("# vim: set fileencoding=ISO_8859_15 :\n"), "iso-8859-15");
	check_encoding(BYTES("#!/usr/bin/python\n# coding=cp1252\n"), "cp1252");
	check_encoding(BYTES("\n \t\f#coding:\t koi8-r"), "koi8-r");
	check_encoding(BYTES("#!x\r# coding: cp1251\r"), "cp1251");
	check_encoding(BYTES("# coding : latin-1\n"), "utf-8");
	check_encoding(BYTES("# coding: \n# coding: latin-1\n"), "latin-1");
	check_encoding(BYTES("# coding: @ coding: latin-1\n"), "latin-1");
	check_encoding(BYTES("x = 1\n# coding: latin-1\n"), "utf-8");
	check_encoding(BYTES("\n\n# coding: latin-1\n"), "utf-8");
	check_encoding(BYTES("x = 'coding: latin-1'\n"), "utf-8");
	check_encoding(BYTES("\xef\xbb\xbf# coding: latin-1\n"), "utf-8");
	check_encoding(BYTES("# coding"), "utf-8");
	check_encoding(BYTES("# coding:"), "utf-8");
}

static void other_encodings_become_utf8(void **state)
{
	(void)state;
	CHECK_LINES("# coding: latin-1\n'\xe9\xff'", "# coding: latin-1", "'\xc3\xa9\xc3\xbf'");
	CHECK_LINES("# coding: iso8859-15\n'\xa4'", "# coding: iso8859-15", "'\xe2\x82\xac'");
	CHECK_LINES("# coding: cp1252\n'\x80'", "# coding: cp1252", "'\xe2\x82\xac'");
	CHECK_LINES("# coding: cp1251\n'\xcf'", "# coding: cp1251", "'\xd0\x9f'");
	CHECK_LINES("# coding: koi8_r\n'\xf0'", "# coding: koi8_r", "'\xd0\x9f'");
	CHECK_LINES("# coding: mac_roman\n'\x8e'", "# coding: mac_roman", "'\xc3\xa9'");
	CHECK_LINES("# coding: euc_jp\n'\xc6\xfc'", "# coding: euc_jp", "'\xe6\x97\xa5'");
	CHECK_LINES("# coding: shift_jis\n'\x93\xfa'", "# coding: shift_jis", "'\xe6\x97\xa5'");
	CHECK_LINES("# coding: gbk\n'\xc8\xd5'", "# coding: gbk", "'\xe6\x97\xa5'");
	CHECK_LINES("\xef\xbb\xbfx = 1\n", "x = 1");
	CHECK_LINES("# coding: utf-8-sig\n\xc3\xa9", "# coding: utf-8-sig", "\xc3\xa9");
}

static void what_cannot_be_decoded_is_replaced(void **state)
{
	(void)state;
	CHECK_LINES("a\xff"
		    "b\n\xc3",
		"a\xef\xbf\xbd"
		"b",
		"\xef\xbf\xbd");
	CHECK_LINES("# coding: ascii\n\xe9", "# coding: ascii", "\xef\xbf\xbd");
	CHECK_LINES(
		"# coding: no-such\n\xe9 \xc3\xa9", "# coding: no-such", "\xef\xbf\xbd \xc3\xa9");
	CHECK_LINES("# coding: euc-jp\nx\xc6", "# coding: euc-jp", "x\xef\xbf\xbd");
	CHECK_LINES("# coding: euc-jp\n\xc6\x20y", "# coding: euc-jp", "\xef\xbf\xbd y");
	/* Names that mean something to iconv() alone must not change how it converts. */
	CHECK_LINES("# coding: ../../etc/passwd\nx", "# coding: ../../etc/passwd", "x");
}

static void a_long_file_is_converted_whole(void **state)
{
	struct buf bytes = {0};
	struct source_text *source;

	(void)state;
	buf_text(&bytes, "# coding: latin-1\n");
	for (int i = 0; i < 5000; i++)
		buf_text(&bytes, "\xe9\xe9\xe9\n");
	source = source_text_new(buf_slice(&bytes));
	for (int64_t line = 2; line <= 5001; line++)
		assert_true(slice_equal(
			source_text_line(source, line), slice_text("\xc3\xa9\xc3\xa9\xc3\xa9")));
	assert_int_equal(source_text_count(source), 5001);
	source_text_free(source);
	buf_release(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_as_in_python),
		cmocka_unit_test(a_line_that_is_not_there_is_empty),
		cmocka_unit_test(the_declaration_is_found_as_pep_263_says),
		cmocka_unit_test(other_encodings_become_utf8),
		cmocka_unit_test(what_cannot_be_decoded_is_replaced),
		cmocka_unit_test(a_long_file_is_converted_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
