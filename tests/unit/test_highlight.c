/* links: schemas ingest materializer web */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "web/highlight.h"

/* The text with each span as CLASS<...>; skipped where the grammar was not to be had. */
static void expect(const char *text, const char *expected)
{
	static const char letters[HIGHLIGHT_CLASSES] = "-kscnbftd";
	struct highlight *highlight = highlight_new(slice_text(text));
	struct buf out = {0};
	size_t at = 0;

	if (!highlight)
		skip();
	for (size_t i = 0; i < highlight->count; i++) {
		const struct highlight_span *span = &highlight->spans[i];

		assert_true(span->start >= at && span->end > span->start);
		buf_append(&out, text + at, span->start - at);
		buf_printf(&out, "%c<%.*s>", letters[span->class], (int)(span->end - span->start),
			text + span->start);
		at = span->end;
	}
	buf_text(&out, text + at);
	assert_string_equal(buf_string(&out), expected);
	buf_release(&out);
	highlight_free(highlight);
}

static void python_is_told_apart(void **state)
{
	(void)state;
	expect("def f(a: int = 1) -> str:  # why\n    return g(a) is not None\n",
		"k<def> f<f>(a: t<int> = n<1>) -> t<str>:  c<# why>\n"
		"    k<return> f<g>(a) k<is not> b<None>\n");
	expect("@cached\nclass C(B):\n\t'''one\n\ttwo'''\n",
		"d<@cached>\nk<class> t<C>(B):\n\ts<'''one\n\ttwo'''>\n");
	expect("x = f\"a{n + 2}\\n\"", "x = s<f\"a>{n + n<2>}s<\\n\">");
	expect("match x:\n    case 1.5: pass\n", "k<match> x:\n    k<case> n<1.5>: k<pass>\n");
}

static void what_is_no_python_is_no_trouble(void **state)
{
	struct buf deep = {0};

	(void)state;
	expect("(((", "(((");
	expect("if \xef\xbf\xbd: 'open", "k<if> \xef\xbf\xbd: s<'>open");
	for (int i = 0; i < 20000; i++)
		buf_byte(&deep, '(');
	highlight_free(highlight_new(buf_slice(&deep)));
	buf_clear(&deep);
	for (int i = 0; i < 70000; i++) /* tree-sitter 0.20.7 dies of 65536 children */
		buf_byte(&deep, '(');
	assert_null(highlight_new(buf_slice(&deep)));
	buf_clear(&deep);
	for (int i = 0; i < 600000; i++)
		buf_text(&deep, "x\n");
	assert_null(highlight_new(buf_slice(&deep)));
	assert_null(highlight_new((struct slice){0}));
	buf_release(&deep);
}

static void a_span_is_found_by_its_place(void **state)
{
	struct highlight_span spans[] = {{2, 4, 1}, {4, 9, 2}, {12, 13, 1}};
	struct highlight highlight = {spans, 3};

	(void)state;
	assert_int_equal(highlight_find(&highlight, 0), 0);
	assert_int_equal(highlight_find(&highlight, 3), 0);
	assert_int_equal(highlight_find(&highlight, 4), 1);
	assert_int_equal(highlight_find(&highlight, 9), 2);
	assert_int_equal(highlight_find(&highlight, 12), 2);
	assert_int_equal(highlight_find(&highlight, 13), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(python_is_told_apart),
		cmocka_unit_test(what_is_no_python_is_no_trouble),
		cmocka_unit_test(a_span_is_found_by_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
