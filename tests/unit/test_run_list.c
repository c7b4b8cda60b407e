/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/query_run_list.h"
#include "tests/lib/help_database.h"

/* Five runs; run number N starts as N-th. The fourth goes on. */
static void tell_runs(struct fixture *f)
{
	static const int64_t events[] = {30, 10, 20, 40, 10};

	for (uint8_t run = 1; run <= 5; run++) {
		told_started(&f->told, run);
		told_blocks(&f->told, run, events[run - 1], 10);
		if (run != 4)
			told_finished(&f->told, run, events[run - 1]);
	}
	publish(f);
}

/* The runs' numbers in pages of `size`, one digit each. */
static const char *listed(struct fixture *f, const struct run_filter *filter, size_t size)
{
	struct run_list list;
	int64_t first = 0;

	buf_clear(&f->out);
	do {
		good(f, query_run_list(f->query, filter, first, size, &list, &f->err));
		for (size_t i = 0; i < list.count; i++)
			buf_printf(&f->out, "%d", list.runs[i].id.bytes[0]);
		first += (int64_t)list.count;
		assert_true(list.count == size || first == list.total);
		size = list.count < size || first == list.total ? 0 : size;
		run_list_release(&list);
	} while (size);
	return buf_string(&f->out);
}

static void each_column_sorts_both_ways(void **state)
{
	static const struct {
		enum run_sort sort;
		const char *up, *down;
	} cases[] = {
		{RUN_SORT_START, "54321", "12345"},
		{RUN_SORT_ID, "12345", "54321"},
		{RUN_SORT_EVENTS, "52314", "41352"},
		/* All alike: the newest first, either way. */
		{RUN_SORT_HOST, "54321", "54321"},
		{RUN_SORT_DESCRIPTION, "54321", "54321"},
		{RUN_SORT_STATE, "53214", "45321"},
		/* Without an end, or an error: last, either way. */
		{RUN_SORT_END, "52314", "13524"},
		{RUN_SORT_DURATION, "52314", "13254"},
		{RUN_SORT_ERROR, "54321", "54321"},
	};
	struct fixture *f = *state;

	tell_runs(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run_filter filter = {.sort = cases[i].sort};

		for (size_t size = 1; size <= 6; size++) {
			filter.reversed = false;
			assert_string_equal(listed(f, &filter, size), cases[i].up);
			filter.reversed = true;
			assert_string_equal(listed(f, &filter, size), cases[i].down);
		}
	}
}

static void a_filter_holds_when_sorted(void **state)
{
	struct fixture *f = *state;
	struct run_filter filter = {
		.sort = RUN_SORT_EVENTS, .by_state = true, .state = RUN_FINISHED};

	tell_runs(f);
	assert_string_equal(listed(f, &filter, 3), "5231");
	filter.sort = RUN_SORT_START;
	assert_string_equal(listed(f, &filter, 3), "5321");
	filter.reversed = true;
	assert_string_equal(listed(f, &filter, 3), "1235");
	filter.text = slice_text("no such words");
	assert_string_equal(listed(f, &filter, 3), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			each_column_sorts_both_ways, database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(
			a_filter_holds_when_sorted, database_setup, database_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
