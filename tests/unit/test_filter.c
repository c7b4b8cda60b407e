/* links: tracer schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tracer/filter.h"

#define STDLIB "/no/such/lib/python3.11"
#define SITE "/no/such/lib/python3/dist-packages"

/* Asks one path, or one function, under options given as the lines that ops/ writes. */
static bool asked(
	const char *lines, bool (*ask)(const struct filter *, const char *), const char *what)
{
	struct tracer_options options;
	struct filter filter;
	bool result;

	assert_int_equal(tracer_options_init(&options, lines, strlen(lines)), 0);
	assert_int_equal(filter_init(&filter, &options, STDLIB), 0);
	result = ask(&filter, what);
	filter_release(&filter);
	tracer_options_release(&options);
	return result;
}

static bool records(const char *lines, const char *path)
{
	return asked(lines, filter_records, path);
}

static bool records_function(const char *lines, const char *qualname)
{
	return asked(lines, filter_records_function, qualname);
}

static void a_program_is_recorded_the_standard_library_is_not(void **state)
{
	(void)state;
	assert_true(records("", "/home/u/app.py"));
	assert_false(records("", STDLIB "/json/decoder.py"));
	assert_true(records("", "/no/such/lib/python3.11-apps/x.py"));
	assert_true(records("include_stdlib=1\n", STDLIB "/json/decoder.py"));
}

static void site_packages_are_recorded_unless_told_not_to(void **state)
{
	(void)state;
	assert_true(records("", SITE "/yaml/__init__.py"));
	assert_true(records("", STDLIB "/site-packages/yaml/__init__.py"));
	assert_false(records("include_site_packages=0\n", SITE "/yaml/__init__.py"));
	assert_true(records("include_site_packages=0\n", "/home/u/app.py"));
}

static void an_included_package_beats_both(void **state)
{
	static const char lines[] = "include_site_packages=0\ninclude_package=yaml\n"
				    "include_package=json\ninclude_package=xml.dom\n";

	(void)state;
	assert_true(records(lines, SITE "/yaml/nodes.py"));
	assert_true(records(lines, SITE "/yaml.py"));
	assert_false(records(lines, SITE "/yamllint/cli.py"));
	assert_true(records(lines, STDLIB "/json/decoder.py"));
	assert_true(records(lines, STDLIB "/xml/dom/minidom.py"));
	assert_false(records(lines, STDLIB "/xml/sax/handler.py"));
}

static void patterns_of_files_come_before_where_they_are_from(void **state)
{
	(void)state;
	assert_true(records("include=json/*.py\n", STDLIB "/json/decoder.py"));
	assert_false(records("include=json/*.py\n", "/home/u/app.py"));
	assert_true(records("include=*/app.py\ninclude=b.py\n", "/home/u/app.py"));
	assert_true(records("include=*/app.py\ninclude=b.py\n", "/home/u/b.py"));
	assert_false(records("include=b.py\n", "/home/u/bb.py"));
	assert_false(records("exclude=/home/u/*\n", "/home/u/deep/app.py"));
	assert_true(records("exclude=/home/u/*\n", "/home/v/app.py"));
	assert_false(records("include=app.py\nexclude=u/*\n", "/home/u/app.py"));
	assert_true(records("include=work*\nexclude=test_*\n", "/home/u/test_app.py"));
}

static void patterns_of_functions(void **state)
{
	(void)state;
	assert_true(records_function("include=app.py\n", "main"));
	assert_true(records_function("include=main\ninclude=Shop.*\n", "Shop.pay"));
	assert_false(records_function("include=main\ninclude=Shop.*\n", "shop"));
	assert_false(records_function("exclude=*.<lambda>\n", "main.<locals>.<lambda>"));
	assert_false(records_function("include=a*\nexclude=ab\n", "ab"));
	assert_true(records_function("include=a*\nexclude=ab\n", "ac"));
}

static void only_what_is_mine(void **state)
{
	static const char lines[] = "mine=/home/u\nmine=/srv/app\n";

	(void)state;
	assert_true(records(lines, "/home/u/a/b.py"));
	assert_true(records(lines, "/srv/app/x.py"));
	assert_false(records(lines, "/home/user/b.py"));
	assert_false(records(lines, "/home/u/venv/lib/python3.11/site-packages/yaml.py"));
	assert_false(records(lines, SITE "/yaml.py"));
	assert_true(records("mine=/home/u\ninclude=yaml.py\n", SITE "/yaml.py"));
}

static void code_from_no_file_is_left_out_unless_it_is_the_program(void **state)
{
	(void)state;
	assert_false(records("", ""));
	assert_false(records("", "<string>"));
	assert_false(records("mode=file\n", "<string>"));
	assert_true(records("mode=command\n", "<string>"));
	assert_true(records("mode=stdin\n", "<stdin>"));
	assert_false(records("mode=command\n", "<frozen importlib._bootstrap>"));
}

static void what_setuptools_hooks_into_imports_is_left_out(void **state)
{
	(void)state;
	assert_false(records("", SITE "/pkg_resources/__init__.py"));
	assert_false(records("", SITE "/_distutils_hack/__init__.py"));
}

static void limits_are_kept_within_what_a_decoder_takes(void **state)
{
	struct tracer_options options;
	static const char lines[] = "max_depth=99\nmax_items=-3\nmax_nodes=0\nmax_string=7\n"
				    "unknown=1\nno equals sign\nredact_off=1\n";

	(void)state;
	assert_int_equal(tracer_options_init(&options, lines, strlen(lines)), 0);
	assert_int_equal(options.max_depth, 12);
	assert_int_equal(options.max_items, 0);
	assert_int_equal(options.max_nodes, 1);
	assert_int_equal(options.max_string, 7);
	assert_false(options.redact);
	tracer_options_release(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_is_recorded_the_standard_library_is_not),
		cmocka_unit_test(site_packages_are_recorded_unless_told_not_to),
		cmocka_unit_test(an_included_package_beats_both),
		cmocka_unit_test(patterns_of_files_come_before_where_they_are_from),
		cmocka_unit_test(patterns_of_functions),
		cmocka_unit_test(only_what_is_mine),
		cmocka_unit_test(code_from_no_file_is_left_out_unless_it_is_the_program),
		cmocka_unit_test(what_setuptools_hooks_into_imports_is_left_out),
		cmocka_unit_test(limits_are_kept_within_what_a_decoder_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
