/* links: schemas ingest materializer */
/* Several databases asked as one: as several records make them that share the partitions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/materialize.h"
#include "materializer/query.h"
#include "materializer/query_run_list.h"
#include "tests/lib/help_dir.h"
#include "tests/lib/help_run.h"

#define DATABASES 3

struct fixture {
	char *dirs[DATABASES];
	struct database_paths paths[DATABASES];
	struct query *query;
	struct buf out;
	struct err err;
};

static void good(const struct fixture *f, int rc)
{
	if (rc < 0)
		fail_msg("%s", f->err.message);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	for (int i = 0; i < DATABASES; i++) {
		f->dirs[i] = dir_make();
		good(f, database_paths_init(&f->paths[i], f->dirs[i], true, &f->err));
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	query_close(f->query);
	for (int i = 0; i < DATABASES; i++) {
		database_paths_release(&f->paths[i]);
		dir_remove(f->dirs[i]);
	}
	buf_release(&f->out);
	free(f);
	return 0;
}

static void publish(struct fixture *f, int number, struct told *told)
{
	struct log *log;

	good(f, file_log_open(f->paths[number].log, true, &log, &f->err));
	good(f, told_append(told, log, &f->err));
	good(f, materialize_now(&f->paths[number], log, NULL, &f->err));
	log_close(log);
	told_release(told);
}

/* All know starts and ends; the events of runs 1 and 4 are in the first, of 2 in the second,
 * which has a part of 1 too; of 3 only the end is known, and to the third alone. */
static void make_databases(struct fixture *f)
{
	for (int number = 0; number < DATABASES; number++) {
		struct told told = {0};

		for (uint8_t run = 1; run <= 4; run++)
			if (run != 3 || number == 2)
				told_started(&told, run);
		for (uint8_t run = 1; run <= 4; run++)
			told_source(&told, run, TOLD_FILE, "def f():\n\tpass\n");
		if (number == 0)
			told_blocks(&told, 1, 30, 10);
		if (number == 0)
			told_blocks(&told, 4, 12, 10);
		if (number == 1)
			told_blocks(&told, 1, 20, 10);
		if (number == 1)
			told_blocks(&told, 2, 25, 10);
		for (uint8_t run = 1; run <= 4; run++)
			if (run != 3 || number == 2)
				told_finished(&told, run, (int64_t[]){0, 30, 25, 0, 12}[run]);
		publish(f, number, &told);
	}
}

static void open_all(struct fixture *f, const int *order, int count)
{
	query_close(f->query);
	good(f, query_open(&f->paths[order[0]], &f->query, &f->err));
	for (int i = 1; i < count; i++)
		good(f, query_join(f->query, &f->paths[order[i]], &f->err));
}

static int tell_run(void *context, const struct run_info *info, struct err *err)
{
	(void)err;
	buf_printf(context, "%d %s %d\n", info->started.pid > 0 ? (int)info->started.pid - 100 : 0,
		run_state_name(info->state), (int)info->event_count);
	return 0;
}

static int count_event(void *context, const struct event *event, struct err *err)
{
	int *count = context;

	(void)err;
	assert_int_equal(event->seq, *count);
	++*count;
	return 0;
}

static int events_of(struct fixture *f, uint8_t run)
{
	const struct event_range all = {.to_seq = INT64_MAX};
	int count = 0;
	struct event_sink sink = {.context = &count, .event = count_event};
	struct run_id id = told_run(run);
	int64_t verified;

	good(f, query_replay(f->query, &id, &all, &sink, &f->err));
	good(f, query_verify(f->query, &id, &verified, &f->err));
	assert_int_equal(verified, count);
	return count;
}

static const int orders[][DATABASES] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {2, 0, 1}};
#define ORDERS (sizeof(orders) / sizeof(orders[0]))

static void the_database_with_more_of_a_run_answers_for_it(void **state)
{
	struct fixture *f = *state;

	make_databases(f);
	for (size_t i = 0; i < ORDERS; i++) {
		open_all(f, orders[i], DATABASES);
		buf_clear(&f->out);
		good(f, query_runs(f->query, tell_run, &f->out, &f->err));
		assert_string_equal(buf_string(&f->out),
			"1 finished 30\n2 finished 25\n3 finished 0\n4 finished 12\n");
		assert_int_equal(events_of(f, 1), 30);
		assert_int_equal(events_of(f, 2), 25);
		assert_int_equal(events_of(f, 3), 0);
		assert_int_equal(events_of(f, 4), 12);
	}
}

static void a_run_in_several_is_found_once(void **state)
{
	struct fixture *f = *state;
	char text[RUN_ID_TEXT_BYTES];
	struct run_id id, want;

	make_databases(f);
	for (size_t i = 0; i < ORDERS; i++) {
		open_all(f, orders[i], DATABASES);
		for (uint8_t run = 1; run <= 4; run++) {
			want = told_run(run);
			run_id_format(&want, text);
			text[8] = '\0';
			good(f, query_resolve(f->query, text, &id, &f->err));
			assert_true(run_id_equal(&id, &want));
		}
		good(f, query_resolve(f->query, "@latest", &id, &f->err));
		assert_true(run_id_equal(&id, &want));
	}
}

static void the_latest_come_first_in_a_page_of_runs(void **state)
{
	struct fixture *f = *state;
	struct run_filter filter = {0};
	struct run_list list;

	make_databases(f);
	for (size_t i = 0; i < ORDERS; i++) {
		open_all(f, orders[i], DATABASES);
		good(f, query_run_list(f->query, &filter, 1, 2, &list, &f->err));
		assert_int_equal(list.total, 4);
		assert_int_equal(list.count, 2);
		assert_int_equal(list.runs[0].started.pid, 103);
		assert_int_equal(list.runs[1].started.pid, 102);
		run_list_release(&list);
	}
}

static void what_is_folded_meanwhile_is_seen(void **state)
{
	struct fixture *f = *state;
	struct told told = {0};
	struct run_info info;
	struct run_id run = told_run(2);

	make_databases(f);
	open_all(f, orders[0], 1);
	good(f, query_run(f->query, &run, &info, &f->err));
	run_info_release(&info);
	assert_int_equal(query_verify(f->query, &run, &(int64_t){0}, &f->err), ERR_FORMAT);
	good(f, query_join(f->query, &f->paths[1], &f->err));
	assert_int_equal(events_of(f, 2), 25);
	told_blocks(&told, 2, 25, 25);
	publish(f, 0, &told);
	good(f, query_refresh(f->query, &f->err));
	assert_int_equal(events_of(f, 2), 25);
}

static void a_database_without_a_store_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct told told = {0};

	told_all(&told, 1, 30);
	publish(f, 0, &told);
	good(f, query_open(&f->paths[0], &f->query, &f->err));
	assert_int_equal(query_join(f->query, &f->paths[1], &f->err), ERR_NOT_FOUND);
	assert_int_equal(events_of(f, 1), 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_database_with_more_of_a_run_answers_for_it),
		TEST(a_run_in_several_is_found_once),
		TEST(the_latest_come_first_in_a_page_of_runs),
		TEST(what_is_folded_meanwhile_is_seen),
		TEST(a_database_without_a_store_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
