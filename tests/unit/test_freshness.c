/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "materializer/applied.h"
#include "materializer/freshness.h"
#include "tests/lib/help_database.h"

static struct freshness look(struct fixture *f)
{
	struct freshness freshness;

	good(f, query_follow(f->query, &f->err));
	assert_int_equal(query_freshness(f->query, 0, &freshness, &f->err), 1);
	assert_true(freshness.at_hand);
	return freshness;
}

static void what_is_folded_is_not_behind(void **state)
{
	struct fixture *f = *state;
	struct freshness freshness;
	struct buf text = {0};

	told_all(&f->told, 1, 30);
	publish(f);
	freshness = look(f);
	assert_int_equal(freshness.records, 0);
	assert_int_equal(freshness.applied_bytes, freshness.log_bytes);
	assert_int_equal(freshness_lag_ns(&freshness), 0);
	position_text(&freshness.applied, &text);
	assert_non_null(strstr(buf_string(&text), "segment 1 at "));
	buf_release(&text);
	assert_int_equal(query_freshness(f->query, 1, &freshness, &f->err), 0);
}

static void records_that_wait_are_counted_and_the_first_has_a_time(void **state)
{
	struct fixture *f = *state;
	struct freshness freshness;

	told_all(&f->told, 1, 30);
	publish(f);
	told_blocks(&f->told, 2, 40, 10);
	append(f);
	freshness = look(f);
	assert_int_equal(freshness.records, 4);
	assert_true(freshness.applied_bytes < freshness.log_bytes);
	assert_int_equal(freshness.oldest_ns, TOLD_START_NS);
	assert_true(freshness_lag_ns(&freshness) > 0);
	publish(f);
	assert_int_equal(look(f).records, 0);
}

static void blocks_of_older_schemas_have_a_time_too(void **state)
{
	static const enum schema_id older[] = {
		SCHEMA_TRACE_BLOCK_V1, SCHEMA_TRACE_BLOCK_V2, SCHEMA_TRACE_BLOCK_V3};
	struct fixture *f = *state;

	told_all(&f->told, 1, 30);
	publish(f);
	for (size_t i = 0; i < sizeof(older) / sizeof(older[0]); i++) {
		told_block(&f->told, (uint8_t)(i + 2), 0, 10);
		f->told.list[0].message.data[4] = (uint8_t)older[i]; /* the id's last byte */
		append(f);
		assert_int_equal(look(f).oldest_ns, TOLD_START_NS);
		publish(f);
	}
}

static void who_follows_sees_each_commit_at_once(void **state)
{
	struct fixture *f = *state;
	struct run_id run;
	struct run_info info;

	told_all(&f->told, 1, 10);
	publish(f);
	for (uint8_t number = 2; number < 30; number++) {
		struct query *writer_side = f->query;

		run = told_run(number);
		good(f, query_follow(f->query, &f->err));
		assert_int_equal(query_run(f->query, &run, &info, NULL), ERR_NOT_FOUND);
		told_all(&f->told, number, 10);
		/* Folds, and brings another view up to date than the one that follows. */
		f->query = NULL;
		publish(f);
		query_close(f->query);
		f->query = writer_side;
		good(f, query_follow(f->query, &f->err));
		good(f, query_run(f->query, &run, &info, &f->err));
		assert_int_equal(info.event_count, 10);
		run_info_release(&info);
	}
}

static void the_mark_changes_with_each_word_of_a_commit(void **state)
{
	struct fixture *f = *state;
	struct applied applied;
	struct applied_mark before, after;

	assert_false(applied_look(f->paths.applied, &before));
	good(f, applied_open(&applied, f->paths.applied, &f->err));
	for (int i = 0; i < 5; i++) {
		struct position position = {.len = 1};

		assert_true(applied_look(f->paths.applied, &before));
		good(f, applied_write(&applied, &position, &f->err));
		assert_true(applied_look(f->paths.applied, &after));
		assert_memory_not_equal(&before, &after, sizeof(before));
	}
	applied_close(&applied);
}

static void what_a_fold_of_topics_told_is_read_and_grows_old(void **state)
{
	const int64_t second = 1000000000, now = 100 * second;
	struct fixture *f = *state;
	struct lag lag = {.told_ns = now - second, .records = 0, .newest_ns = now - 50 * second};
	struct lag read;

	assert_false(lag_read(f->paths.applied, &read));
	lag_write(f->paths.applied, &lag);
	assert_true(lag_read(f->paths.applied, &read));
	assert_memory_equal(&read, &lag, sizeof(lag));
	/* At the end, a second ago: what has come since is folded by now. */
	assert_int_equal(lag_ns(&lag, now), 0);
	/* Nobody has told anything for long: all since may be missing. */
	assert_int_equal(lag_ns(&lag, now + 9 * second), 10 * second);
	lag.records = 7;
	assert_int_equal(lag_ns(&lag, now), 50 * second);
	lag.newest_ns = 0;
	assert_int_equal(lag_ns(&lag, now), second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_folded_is_not_behind, database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(
			records_that_wait_are_counted_and_the_first_has_a_time, database_setup,
			database_teardown),
		cmocka_unit_test_setup_teardown(
			blocks_of_older_schemas_have_a_time_too, database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(
			who_follows_sees_each_commit_at_once, database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(the_mark_changes_with_each_word_of_a_commit,
			database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(what_a_fold_of_topics_told_is_read_and_grows_old,
			database_setup, database_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
