/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "materializer/profile_diff.h"

#define SECOND INT64_C(1000000000)

/* A profile of one function, which was called so often and took so long. */
static struct profile of(struct profile_function *function, int64_t calls, int64_t self_ns)
{
	*function = (struct profile_function){
		.file = slice_text("/a/p.py"),
		.line = 1,
		.name = slice_text("serve"),
		.times = {.calls = calls, .primitive_calls = calls, .self_ns = self_ns},
	};
	return (struct profile){
		.functions = function, .function_count = 1, .calls = calls, .self_ns = self_ns};
}

static void assert_verdict(int64_t calls_before, int64_t ns_before, int64_t calls_after,
	int64_t ns_after, const char *verdict)
{
	struct profile_function one, other;
	struct profile before = of(&one, calls_before, ns_before);
	struct profile after = of(&other, calls_after, ns_after);
	struct profile_diff diff;
	struct buf text = {0}, wanted = {0};

	assert_int_equal(
		profile_diff_init(&diff, &before, slice_text("/a"), &after, slice_text("/a"), NULL),
		0);
	profile_diff_json(&diff, &text);
	buf_printf(&wanted, "\"verdict\": \"%s\"", verdict);
	if (!strstr(buf_string(&text), buf_string(&wanted)))
		fail_msg("not %s: %s", verdict, buf_string(&text));
	buf_release(&wanted);
	buf_release(&text);
	profile_diff_release(&diff);
}

static void a_call_is_compared_with_a_call(void **state)
{
	(void)state;
	assert_verdict(10, SECOND, 10, 2 * SECOND, "slower");
	assert_verdict(10, 2 * SECOND, 10, SECOND, "faster");
	assert_verdict(10, SECOND, 20, 2 * SECOND, "more calls");
	assert_verdict(20, 2 * SECOND, 10, SECOND, "fewer calls");
	assert_verdict(10, SECOND, 10, SECOND, "same");
}

/* It was running before it was recorded: no call of it was seen. */
static void a_function_that_nobody_has_called_is_compared_as_a_whole(void **state)
{
	(void)state;
	assert_verdict(0, SECOND, 0, 2 * SECOND, "slower");
	assert_verdict(0, 2 * SECOND, 0, SECOND, "faster");
	assert_verdict(0, SECOND, 0, SECOND, "same");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_compared_with_a_call),
		cmocka_unit_test(a_function_that_nobody_has_called_is_compared_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
