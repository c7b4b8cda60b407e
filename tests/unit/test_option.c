/* links: ops schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ops/option.h"
#include "ops/usage.h"

static const struct command sample = {
	.name = "run",
	.arguments = "FILE",
	.summary = "sum",
	.details = ".dots and 'quotes' are no macros",
};
static const struct command other = {.name = "list", .arguments = "", .summary = "sum"};
static const struct command *const commands[] = {&sample, &other, NULL};

static void every_row_is_whole(void **state)
{
	(void)state;
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);
		bool flag = option->type == OPTION_FLAG || option->type == OPTION_COUNT;

		assert_non_null(option->name);
		assert_non_null(option->commands);
		assert_true(strlen(option->help) > 4);
		assert_int_equal(flag, option->argument == NULL);
		if (option->initial)
			assert_null(option_complaint(option, option->initial));
		for (const char *c = option->name; *c; c++)
			assert_true(islower((unsigned char)*c) || *c == '-');
	}
}

static void a_variable_is_named_after_its_option(void **state)
{
	char name[64];

	(void)state;
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);
		size_t i;

		if (!option->variable)
			continue;
		for (i = 0; option->name[i]; i++)
			name[i] = option->name[i] == '-'
					  ? '_'
					  : (char)toupper((unsigned char)option->name[i]);
		name[i] = '\0';
		assert_memory_equal(option->variable, "SMILEY_", 7);
		assert_string_equal(option->variable + 7, name);
	}
}

static void names_and_letters_are_unique_in_a_command(void **state)
{
	const char *names[] = {"", "run", "monitor", "list", "show", "threads", "replay", "delete",
		"rebuild", "verify", "ship", "record", "topics", "quarantine", "registry", "search",
		"stats", "diff", "server", "report", "status", "doctor", "pin", "unpin", "export",
		"import", "pause", "resume", "help"};

	(void)state;
	for (size_t c = 0; c < sizeof(names) / sizeof(names[0]); c++)
		for (int a = 0; a < OPTIONS; a++)
			for (int b = a + 1; b < OPTIONS; b++) {
				if (!option_belongs(a, names[c]) || !option_belongs(b, names[c]))
					continue;
				assert_string_not_equal(option_get(a)->name, option_get(b)->name);
				if (option_get(a)->letter)
					assert_int_not_equal(
						option_get(a)->letter, option_get(b)->letter);
			}
}

static void options_are_found_by_name_letter_and_key(void **state)
{
	bool negated;

	(void)state;
	assert_int_equal(option_find("list", "format", 6, &negated), OPTION_LIST_FORMAT);
	assert_int_equal(option_find("replay", "format", 6, &negated), OPTION_EVENT_FORMAT);
	assert_int_equal(option_find("delete", "format", 6, &negated), OPTIONS);
	assert_int_equal(
		option_find("run", "no-include-stdlib", 17, &negated), OPTION_INCLUDE_STDLIB);
	assert_true(negated);
	assert_int_equal(option_find("run", "no-redact", 9, &negated), OPTION_NO_REDACT);
	assert_false(negated);
	assert_int_equal(option_find("run", "no-help", 7, &negated), OPTIONS);
	assert_int_equal(option_find("run", "no-", 3, &negated), OPTIONS);
	assert_int_equal(option_find_letter("list", 'f'), OPTION_LIST_FORMAT);
	assert_int_equal(option_find_letter("run", 'f'), OPTIONS);
	assert_int_equal(option_find_key("database", 8, OPTIONS), OPTION_DATABASE);
	assert_int_equal(option_find_key("errors", 6, OPTIONS), OPTIONS);
}

static void values_are_checked(void **state)
{
	const struct option *number = option_get(OPTION_MAX_DEPTH);
	const struct option *size = option_get(OPTION_SPOOL_LIMIT);
	const struct option *choice = option_get(OPTION_QUOTE);
	const char *bad[] = {"", "-1", "1x", "99999999999999999999", "0x10", " 1", "M"};

	(void)state;
	assert_null(option_complaint(number, "0"));
	assert_non_null(option_complaint(number, "4K"));
	assert_null(option_complaint(size, "4K"));
	assert_true(option_number("4K") == 4096);
	assert_true(option_number("2G") == 2LL << 30);
	assert_non_null(option_complaint(size, "9999999999999G"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(option_complaint(number, bad[i]));
		assert_non_null(option_complaint(size, bad[i]));
	}
	assert_null(option_complaint(choice, "minimal"));
	assert_non_null(option_complaint(choice, "min"));
	assert_non_null(option_complaint(choice, "all|minimal"));
	assert_non_null(option_complaint(choice, ""));
	assert_non_null(option_complaint(option_get(OPTION_DATABASE), ""));
}

static void help_manual_and_completion_tell_every_option(void **state)
{
	struct buf help = {0}, man = {0}, bash = {0};
	char name[64];

	(void)state;
	usage_command(&sample, &help);
	usage_man(commands, &man);
	usage_bash(commands, &bash);
	for (int id = 0; id < OPTIONS; id++) {
		if (!option_belongs(id, "run"))
			continue;
		snprintf(name, sizeof(name), "-%s", option_get(id)->name);
		assert_non_null(strstr(buf_string(&bash), name));
		snprintf(name, sizeof(name), "%s", option_get(id)->name);
		assert_non_null(strstr(buf_string(&help), name));
		if (option_get(id)->variable)
			assert_non_null(strstr(buf_string(&help), option_get(id)->variable));
	}
	assert_non_null(strstr(buf_string(&man), "\\-\\-[no\\-]include\\-stdlib"));
	assert_non_null(strstr(buf_string(&man), "\n\\&.dots and 'quotes'"));
	buf_release(&help);
	buf_release(&man);
	buf_release(&bash);
}

static void usage_lines_fit_a_screen(void **state)
{
	struct buf help = {0};
	const char *line;

	(void)state;
	usage_command(&sample, &help);
	for (line = buf_string(&help); *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 100);
	buf_release(&help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(a_variable_is_named_after_its_option),
		cmocka_unit_test(names_and_letters_are_unique_in_a_command),
		cmocka_unit_test(options_are_found_by_name_letter_and_key),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(help_manual_and_completion_tell_every_option),
		cmocka_unit_test(usage_lines_fit_a_screen),
	};

	return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
