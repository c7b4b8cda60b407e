/* links: ops materializer ingest schemas */
/*
 * What --retain and --older-than let go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ops/retention.h"

#define DAY_NS (86400ll * 1000000000)
#define NOW_NS (20000 * DAY_NS)
#define RUNS 6

/* Each a day older than the next, the last one ended just now; as many events as its number. */
static struct retention_list some_runs(void)
{
	struct retention_list list = {.runs = calloc(RUNS, sizeof(struct retention_run)), RUNS};

	for (int i = 0; i < RUNS; i++) {
		list.runs[i].ended_ns = NOW_NS - (RUNS - 1 - i) * DAY_NS;
		list.runs[i].events = 99;
	}
	return list;
}

/* "+" stays, "-" goes. */
static void goes(struct retention_list *list, const char *word, uint64_t used, const char *want)
{
	struct retention_policy policy = {0};
	char got[RUNS + 1] = "";
	size_t doomed, minus = 0;

	assert_int_equal(retention_parse(word, &policy, NULL), 0);
	doomed = retention_doom(list, &policy, NOW_NS, used);
	for (size_t i = 0; i < RUNS; i++) {
		got[i] = list->runs[i].doomed ? '-' : '+';
		minus += list->runs[i].doomed;
	}
	assert_string_equal(got, want);
	assert_int_equal(doomed, minus);
}

static void an_age_a_number_or_a_size_lets_the_oldest_go(void **state)
{
	struct retention_list list = some_runs();

	(void)state;
	goes(&list, "36h", 0, "----++");
	goes(&list, "3w", 0, "++++++");
	goes(&list, "2", 0, "----++");
	goes(&list, "0", 0, "------");
	goes(&list, "100", 0, "++++++");
	goes(&list, "3M", 6 << 20, "---+++");
	goes(&list, "6M", 6 << 20, "++++++");
	retention_list_release(&list);
}

static void who_is_pinned_or_goes_on_stays(void **state)
{
	struct retention_list list = some_runs();

	(void)state;
	list.runs[0].pinned = list.runs[2].running = true;
	goes(&list, "1d", 0, "+-+-++");
	goes(&list, "1", 0, "+-+--+");
	goes(&list, "3M", 6 << 20, "+-+--+");
	retention_list_release(&list);
}

static void errors_stay_or_are_the_only_ones_that_go(void **state)
{
	struct retention_policy policy = {
		.by_age = true, .age_ns = 0, .errors = RETENTION_ERRORS_STAY};
	struct retention_list list = some_runs();

	(void)state;
	list.runs[1].failed = true;
	assert_int_equal(retention_doom(&list, &policy, NOW_NS + 1, 0), RUNS - 1);
	assert_false(list.runs[1].doomed);
	policy.errors = RETENTION_ERRORS_ONLY;
	assert_int_equal(retention_doom(&list, &policy, NOW_NS + 1, 0), 1);
	assert_true(list.runs[1].doomed);
	retention_list_release(&list);
}

static void several_words_hold_together(void **state)
{
	struct retention_policy policy = {0};
	struct retention_list list = some_runs();

	(void)state;
	assert_int_equal(retention_parse("60h", &policy, NULL), 0);
	assert_int_equal(retention_parse("4", &policy, NULL), 0);
	assert_int_equal(retention_doom(&list, &policy, NOW_NS, 0), 3);
	retention_list_release(&list);
}

static void what_is_no_policy_is_refused(void **state)
{
	const char *words[] = {"", "d", "-1", "7x", "7dd", "1.5G", "99999999999999999999",
		"9999999999999w", "9999999999T", " 7d"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct retention_policy policy = {0};
		struct err err = {0};

		assert_int_equal(retention_parse(words[i], &policy, &err), ERR_USAGE);
		assert_non_null(strstr(err.message, "neither an age"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_age_a_number_or_a_size_lets_the_oldest_go),
		cmocka_unit_test(who_is_pinned_or_goes_on_stays),
		cmocka_unit_test(errors_stay_or_are_the_only_ones_that_go),
		cmocka_unit_test(several_words_hold_together),
		cmocka_unit_test(what_is_no_policy_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
