/* links: schemas ingest materializer web */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "web/statements.h"

/* The statements as "FIRST" or "FIRST-LAST", docstrings in brackets; then the functions. Skipped
 * where the grammar was not to be had. */
static void expect(const char *text, const char *expected)
{
	struct statements *statements = statements_new(slice_text(text));
	struct buf out = {0};

	if (!statements)
		skip();
	for (size_t i = 0; i < statements->count; i++) {
		const struct statement *one = &statements->list[i];

		buf_printf(&out, one->counts ? "%u" : "[%u", one->first);
		if (one->last != one->first)
			buf_printf(&out, "-%u", one->last);
		buf_text(&out, one->counts ? " " : "] ");
	}
	for (size_t i = 0; i < statements->function_count; i++)
		buf_printf(&out, "%.*s:%u ", (int)statements->functions[i].name.len,
			(const char *)statements->functions[i].name.data,
			statements->functions[i].line);
	assert_string_equal(buf_string(&out), expected);
	buf_release(&out);
	statements_free(statements);
}

static void a_line_as_python_means_it_is_one(void **state)
{
	(void)state;
	expect("x = [1,\n     2]\ny = 1; z = 2\nif x: y\n", "1-2 3 4 ");
	expect("if (x or\n    y): z()\nelse: w()\n", "1-2 3 ");
	expect("\n# no\n\nx = '''a\nb'''\n", "4-5 ");
}

static void what_compiles_to_nothing_is_none(void **state)
{
	(void)state;
	expect("'''doc\nmore'''\nclass C:\n    'doc'\n    x: int\n    def f(self):\n        b'no doc'\n"
	       "        global g\n        y: int\n        y: int = 1\n",
		"[1-2] 3 [4] 5 6 7 10 C.f:6 ");
	expect("try:\n    a\nexcept A:\n    b\nelse:\n    c\nfinally:\n    d\n", "1 2 3 4 6 8 ");
	expect("for a in b:\n    c\nelse:\n    d\n", "1 2 4 ");
}

static void what_is_never_reached_is_none(void **state)
{
	(void)state;
	expect("def f():\n    return 1\n    x\ndef g():\n    while True:\n        x\n    y\n",
		"1 2 4 5 6 f:1 g:4 ");
	expect("while True:\n    if a: break\nb\n", "1 2 3 ");
	expect("if 0:\n    a\nelse:\n    b\nc\n", "1 4 5 ");
	expect("def f():\n    if a:\n        return\n    elif b:\n        raise C\n    else:\n        return\n"
	       "    d\n",
		"1 2 3 4 5 7 f:1 ");
	expect("def f():\n    try:\n        return a\n    except B:\n        pass\n    c\n",
		"1 2 3 4 5 6 f:1 ");
	expect("def f():\n    with a:\n        return b\n    c\n", "1 2 3 4 f:1 ");
	expect("def f(x):\n    match x:\n        case 1:\n            return\n        case _:\n"
	       "            return\n    c\n",
		"1 2 3 4 5 6 f:1 ");
}

static void functions_begin_with_their_first_decorator(void **state)
{
	(void)state;
	expect("@a\n@b(1,\n   2)\nasync def f(\n    x):\n    def g(): pass\n    class C:\n        def h(self): x\n",
		"1 2-3 4-5 6 7 8 f:1 f.<locals>.g:6 f.<locals>.C.h:8 ");
}

static void what_is_no_python_is_no_trouble(void **state)
{
	struct buf deep = {0};

	(void)state;
	statements_free(statements_new(slice_text("")));
	statements_free(statements_new(slice_text("def (:\n  \xff\xfe\n x x x")));
	for (int i = 0; i < 20000; i++)
		buf_byte(&deep, '(');
	statements_free(statements_new(buf_slice(&deep)));
	for (int i = 0; i < 50000; i++)
		buf_byte(&deep, '(');
	assert_null(statements_new(buf_slice(&deep)));
	buf_clear(&deep);
	for (int i = 0; i < 300; i++) {
		for (int j = 0; j < i; j++)
			buf_byte(&deep, ' ');
		buf_text(&deep, "if x:\n");
	}
	statements_free(statements_new(buf_slice(&deep)));
	buf_release(&deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_as_python_means_it_is_one),
		cmocka_unit_test(what_compiles_to_nothing_is_none),
		cmocka_unit_test(what_is_never_reached_is_none),
		cmocka_unit_test(functions_begin_with_their_first_decorator),
		cmocka_unit_test(what_is_no_python_is_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
