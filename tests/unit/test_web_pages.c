/* links: web materializer ingest schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "web/code.h"
#include "web/html.h"
#include "web/page.h"
#include "web/pager.h"

static const char *escaped(struct buf *out, const char *text, size_t len)
{
	struct html html = {out};

	buf_clear(out);
	html_text(&html, (struct slice){(const uint8_t *)text, len});
	return buf_string(out);
}

static void text_is_inert(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *html;
	} cases[] = {
		{"</script>\"'&", 12, "&lt;/script&gt;&quot;&#39;&amp;"},
		{"a\0b", 3, "a\\x00b"},
		{"\x1b[31m", 5, "\\x1b[31m"},
		{"\xe2\x80\xae"
		 "x\xe2\x81\xa6",
			7, "\\u202ex\\u2066"},
		{"\xff\xc3", 2, "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xb2\x80", 3, "\xef\xbf\xbd"},
		{"\xc2\x85\xef\xbb\xbf\xef\xbf\xbe", 8, "\\x85\\ufeff\\ufffe"},
		{"tab\tand\nline", 12, "tab\tand\nline"},
		{"\xc3\xa9\xf0\x9f\x98\x80", 6, "\xc3\xa9\xf0\x9f\x98\x80"},
	};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(escaped(&out, cases[i].text, cases[i].len), cases[i].html);
	buf_release(&out);
}

static void every_byte_is_inert(void **state)
{
	struct buf out = {0};

	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		char text[2] = {(char)byte, 'x'};
		const char *html = escaped(&out, text, 2);

		assert_null(strpbrk(html, "<>\"'"));
		for (const char *at = html; *at; at++)
			assert_true((uint8_t)*at >= ' ' || *at == '\n' || *at == '\t');
	}
	buf_release(&out);
}

static void what_is_cut_is_cut_between_characters(void **state)
{
	struct buf out = {0};
	struct html html = {&out};

	(void)state;
	assert_true(html_text_cut(&html, slice_text("ab\xc3\xa9"), 3));
	assert_string_equal(buf_string(&out), "ab<span class=\"cut\">\xe2\x80\xa6</span>");
	buf_clear(&out);
	assert_false(html_text_cut(&html, slice_text("abc"), 3));
	assert_string_equal(buf_string(&out), "abc");
	buf_release(&out);
}

static void urls_hold_no_text_as_it_is(void **state)
{
	struct buf out = {0};
	struct html html = {&out};

	(void)state;
	html_url_text(&html, slice_text("a b&c=\"<\xc3\xa9/d"));
	assert_string_equal(buf_string(&out), "a%20b%26c%3D%22%3C%C3%A9/d");
	buf_release(&out);
}

static void assert_ranges(int64_t pages, int64_t page, const char *expected)
{
	struct pager pager = pager_make(pages * 20, page, 20);
	struct pager_range ranges[3];
	size_t count = pager_ranges(&pager, ranges);
	struct buf out = {0};

	assert_int_equal(pager.pages, pages);
	for (size_t i = 0; i < count; i++)
		buf_printf(
			&out, "%lld-%lld ", (long long)ranges[i].first, (long long)ranges[i].last);
	assert_string_equal(buf_string(&out), expected);
	buf_release(&out);
}

static void pages_are_offered_as_the_original_does(void **state)
{
	(void)state;
	assert_ranges(1, 1, "1-1 ");
	assert_ranges(7, 4, "1-7 ");
	assert_ranges(8, 5, "1-5 8-8 ");
	assert_ranges(20, 1, "1-5 20-20 ");
	assert_ranges(20, 6, "1-1 4-8 20-20 ");
	assert_ranges(20, 15, "1-1 13-17 20-20 ");
	assert_ranges(20, 16, "1-1 16-20 ");
	assert_ranges(20, 20, "1-1 16-20 ");
}

static void nonsense_is_brought_into_bounds(void **state)
{
	struct pager pager = pager_make(101, 99, 1000);

	(void)state;
	assert_int_equal(pager.per_page, 100);
	assert_int_equal(pager.page, 2);
	assert_int_equal(pager_first(&pager), 100);
	pager = pager_make(101, 0, 1);
	assert_int_equal(pager.per_page, 5);
	assert_int_equal(pager.page, 1);
	assert_int_equal(pager_make(101, 1, 0).per_page, 20);
	pager = pager_make(0, 7, 20);
	assert_int_equal(pager.pages, 1);
	assert_int_equal(pager.page, 1);
}

/* As test_db_linecache of the original has them. */
static void a_comment_above_goes_with_its_statement(void **state)
{
	static const struct {
		const char *text;
		int64_t line, start;
	} cases[] = {
		{"a = 1\nb = 2\n", 2, 2},
		{"# about b\nb = 2\n", 2, 1},
		{"a = 1\n# one\n# two\nb = 2\n", 4, 2},
		{"# about b\n\nb = 2\n", 3, 1},
		{"# far\n\n\nb = 2\n", 4, 4},
		{"# other\n\n# about b\nb = 2\n", 4, 3},
		{"    # indented\n    b = 2\n", 2, 1},
		{"b = 2\n", 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct source_text *source = source_text_new(slice_text(cases[i].text));

		assert_int_equal(code_comment_start(source, cases[i].line), cases[i].start);
		source_text_free(source);
	}
}

static void lines_that_ran_are_marked_and_long_gaps_left_out(void **state)
{
	const int64_t lines[] = {1, 2, 40};
	struct buf text = {0}, out = {0};
	struct html html = {&out};
	struct source_code source = {0};

	(void)state;
	for (int i = 1; i <= 41; i++)
		buf_printf(&text, "line%d\n", i);
	source.text = source_text_new(buf_slice(&text));
	code_statement(&html, &source, lines, 3, 100000);
	assert_string_equal(buf_string(&out),
		"<pre class=\"code\"><code><span class=\"ran\">line1</span>\n"
		"<span class=\"ran\">line2</span>\n"
		"<span>line3</span>\n<span>line4</span>\n<span>line5</span>\n"
		"<span class=\"cut\">\xe2\x80\xa6 31 lines</span>\n"
		"<span>line37</span>\n<span>line38</span>\n<span>line39</span>\n"
		"<span class=\"ran\">line40</span>\n</code></pre>");
	buf_clear(&out);
	code_statement(&html, &source, &lines[2], 1, 100000);
	assert_string_equal(
		buf_string(&out), "<pre class=\"code\"><code><span>line40</span>\n</code></pre>");
	buf_clear(&out);
	code_statement(&html, &source, (const int64_t[]){77}, 1, 100000);
	assert_string_equal(buf_string(&out), "<pre class=\"code\"><code></code></pre>");
	source_text_free(source.text);
	buf_release(&text);
	buf_release(&out);
}

/* Hostile to the page's size: values and lines as long as they come. */
static void a_page_stays_within_its_size(void **state)
{
	enum {
		ROWS = 100,
		CHANGES = 50,
		LINE = 5000
	};
	static char big[LINE + 1];
	struct row_change changes[CHANGES];
	struct row rows[ROWS];
	struct row_page row_page = {.total = ROWS, .rows = rows, .count = ROWS};
	int64_t lines[60];
	struct page_source source = {.path = slice_text("/a.py"), .there = true};
	struct run_info run = {0};
	struct page_run page = {.run = &run,
		.rows = &row_page,
		.sources = &source,
		.source_count = 1,
		.thread = ROW_VIEW_ALL,
		.pager = pager_make(ROWS, 1, ROWS)};
	struct site site = {.version = "1"};
	struct buf text = {0}, out = {0};
	struct html html = {&out};

	(void)state;
	memset(big, '<', LINE);
	for (int i = 0; i < 60; i++) {
		lines[i] = i + 1;
		buf_text(&text, big);
		buf_byte(&text, '\n');
	}
	for (int i = 0; i < CHANGES; i++)
		changes[i] = (struct row_change){slice_text(big), slice_text(big)};
	for (int i = 0; i < ROWS; i++)
		rows[i] = (struct row){.kind = EVENT_LINE,
			.file = source.path,
			.function = slice_text(big),
			.lines = lines,
			.line_count = 60,
			.changes = changes,
			.change_count = CHANGES};
	source.code.text = source_text_new(buf_slice(&text));
	page_run(&html, &site, &page);
	assert_true(out.len < PAGE_BYTES);
	assert_non_null(strstr(buf_string(&out), "</html>"));
	source_text_free(source.code.text);
	buf_release(&text);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_inert),
		cmocka_unit_test(every_byte_is_inert),
		cmocka_unit_test(what_is_cut_is_cut_between_characters),
		cmocka_unit_test(urls_hold_no_text_as_it_is),
		cmocka_unit_test(pages_are_offered_as_the_original_does),
		cmocka_unit_test(nonsense_is_brought_into_bounds),
		cmocka_unit_test(a_comment_above_goes_with_its_statement),
		cmocka_unit_test(lines_that_ran_are_marked_and_long_gaps_left_out),
		cmocka_unit_test(a_page_stays_within_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
