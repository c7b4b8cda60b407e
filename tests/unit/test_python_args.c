/* links: tracer schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tracer/python_args.h"

static const char *argument(void *context, size_t i)
{
	const char **argv = context;

	for (size_t at = 0; at < i; at++)
		if (!argv[at])
			return NULL;
	return argv[i];
}

/* The judgement of argv with argv[0] as the path; the reason is kept. */
static char reason[64];
static enum python_args judge(const char **argv)
{
	reason[0] = '\0';
	return python_args_judge(argv[0], argument, argv, reason, sizeof(reason));
}

#define JUDGE(...) judge((const char *[]){__VA_ARGS__, NULL})

static void what_has_another_name_is_no_python(void **state)
{
	(void)state;
	assert_int_equal(JUDGE("/bin/sh", "-I"), ARGS_OTHER);
	assert_int_equal(JUDGE("/usr/bin/python3-config", "-E"), ARGS_OTHER);
	assert_int_equal(JUDGE("pythonic", "-S"), ARGS_OTHER);
	assert_int_equal(JUDGE(""), ARGS_OTHER);
}

static void options_that_blind_are_found_before_the_program_only(void **state)
{
	(void)state;
	assert_int_equal(JUDGE("python", "-I", "a.py"), ARGS_NOT);
	assert_string_equal(reason, "started with -I");
	assert_int_equal(JUDGE("python3", "-uBE", "a.py"), ARGS_NOT);
	assert_string_equal(reason, "started with -E");
	assert_int_equal(JUDGE("python3", "-X", "dev", "-W", "error", "-S"), ARGS_NOT);
	assert_string_equal(reason, "started with -S");
	assert_int_equal(JUDGE("python3", "--check-hash-based-pycs", "never", "-I"), ARGS_NOT);
	assert_int_equal(JUDGE("python3", "a.py", "-I"), ARGS_TRACED);
	assert_int_equal(JUDGE("python3", "-m", "mod", "-I"), ARGS_TRACED);
	assert_int_equal(JUDGE("python3", "-cprint('-I')"), ARGS_TRACED);
	assert_int_equal(JUDGE("python3", "-uc", "-I"), ARGS_TRACED);
	assert_int_equal(JUDGE("python3", "-XIES", "a.py"), ARGS_TRACED);
	assert_int_equal(JUDGE("python3", "-", "-I"), ARGS_TRACED);
	assert_int_equal(JUDGE("python3"), ARGS_TRACED);
}

static void another_version_says_which(void **state)
{
	(void)state;
	assert_int_equal(JUDGE("python3.11", "a.py"), ARGS_TRACED);
	assert_int_equal(JUDGE("python3.10", "a.py"), ARGS_TRACED);
	assert_int_equal(JUDGE("python3.13", "a.py"), ARGS_TRACED);
	assert_int_equal(JUDGE("python3.9", "a.py"), ARGS_NOT);
	assert_string_equal(reason, "Python 3.9, smiley traces 3.10 to 3.13");
	assert_int_equal(JUDGE("python3.14", "a.py"), ARGS_NOT);
	assert_int_equal(JUDGE("python2.7", "a.py"), ARGS_NOT);
	assert_int_equal(JUDGE("python2", "a.py"), ARGS_TRACED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_another_name_is_no_python),
		cmocka_unit_test(options_that_blind_are_found_before_the_program_only),
		cmocka_unit_test(another_version_says_which),
	};

	return cmocka_run_group_tests_name("python_args", tests, NULL, NULL);
}
