/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schemas/redact_argv.h"
#include "schemas/message.h"

/* What becomes of a command line, its arguments joined by |. */
static const char *redacted(struct buf *out, const struct secret_list *list, int argc, char **argv)
{
	struct text_list texts = {0};
	struct buf items = {0};
	struct slice text;

	buf_clear(out);
	redact_argv(argc, argv, list, &items, &texts.count);
	assert_int_equal(texts.count, argc);
	texts.items = buf_slice(&items);
	while (text_list_next(&texts, &text)) {
		if (out->len)
			buf_byte(out, '|');
		buf_append(out, text.data, text.len);
	}
	buf_release(&items);
	return buf_string(out);
}

#define CHECK(list, expected, ...)                                                               \
	do {                                                                                     \
		char *argv[] = {__VA_ARGS__};                                                    \
		assert_string_equal(                                                             \
			redacted(*state, list, sizeof(argv) / sizeof(argv[0]), argv), expected); \
	} while (0)

static const struct secret_list none;

static void values_of_secret_options_are_masked(void **state)
{
	CHECK(&none, "app.py|--password=***", "app.py", "--password=hunter2");
	CHECK(&none, "app.py|--api-key|***|x", "app.py", "--api-key", "abc", "x");
	CHECK(&none, "--db-password=***", "--db-password=");
	CHECK(&none, "API_TOKEN=***", "API_TOKEN=abc");
	CHECK(&none, "-password:***", "-password:abc");
}

static void passwords_in_urls_are_masked(void **state)
{
	CHECK(&none, "postgres://ada:***@db/x", "postgres://ada:secret@db/x");
	CHECK(&none, "--url=http://u:***@h", "--url=http://u:p@h");
	CHECK(&none, "http://h:80/p@q", "http://h:80/p@q");
	CHECK(&none, "http://u@h", "http://u@h");
}

static void everything_else_stays(void **state)
{
	CHECK(&none, "a|-b|--c=d|e=f|token|x|://:@", "a", "-b", "--c=d", "e=f", "token", "x",
		"://:@");
	CHECK(&none, "--password|--verbose", "--password", "--verbose");
	CHECK(&none, "--tokenize=x|", "--tokenize=x", "");
}

static void the_user_may_want_otherwise(void **state)
{
	const char *add[] = {"tax-id"}, *except[] = {"token"};
	struct secret_list list = {add, 1, except, 1};

	CHECK(&list, "--tax-id=***|--token=x", "--tax-id=1", "--token=x");
	CHECK(NULL, "--password=x", "--password=x");
}

static int begin(void **state)
{
	static struct buf out;

	*state = &out;
	return 0;
}

static int end(void **state)
{
	buf_release(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_secret_options_are_masked),
		cmocka_unit_test(passwords_in_urls_are_masked),
		cmocka_unit_test(everything_else_stays),
		cmocka_unit_test(the_user_may_want_otherwise),
	};

	return cmocka_run_group_tests_name("redact_argv", tests, begin, end);
}
