/* links: schemas ingest materializer */
#include "tests/lib/fold.h"

#include "materializer/fold_internal.h"
#include "materializer/query.h"

#define RUNS 200
#define RUN_BYTES (24u * 1024) /* of a short run that goes on: thousands of them are kept */

/* Folds what was told from `from` on; behind every 7 records at most `keep` states are left. */
static void fold_told(struct fixture *f, size_t from, size_t keep)
{
	for (size_t i = from; i < f->told.count; i++) {
		fold_one(f, i);
		if (i % 7 == 0 || i + 1 == f->told.count) {
			commit(f);
			fold_runs_evict(f->fold, keep);
		}
	}
}

/* All runs begin, and go on in turn. */
static void tell_in_turn(struct told *told)
{
	for (uint8_t run = 1; run <= RUNS; run++)
		told_started(told, run);
	for (int64_t seq = 0; seq < 30; seq += 10) {
		for (uint8_t run = 1; run <= RUNS; run++)
			told_block(told, run, seq, 10);
	}
}

static struct digest digest_of(struct fixture *f, size_t keep)
{
	struct digest digest;
	struct query *query;

	fold_told(f, 0, keep);
	close_store(f);
	good(f, query_open(&f->paths, &query, &f->err));
	good(f, query_digest(query, &digest, &f->err));
	query_close(query);
	good(f, store_remove(f->paths.store, &f->err));
	open_store(f);
	return digest;
}

static void the_states_of_runs_that_go_on_in_turn_are_kept(void **state)
{
	struct fixture *f = *state;

	tell_in_turn(&f->told);
	fold_told(f, 0, FOLD_RUNS_MAX);
	assert_int_equal(f->fold->run_count, RUNS);
	assert_in_range(f->fold->run_bytes, RUNS, RUNS * RUN_BYTES);
	for (size_t i = 0; i < FOLD_BUCKETS; i++) {
		for (struct fold_run *run = f->fold->buckets[i]; run; run = run->next)
			assert_true(run->stats && run->profile && run->rows && run->hits);
	}
}

static void states_of_runs_that_are_over_are_forgotten_first(void **state)
{
	struct fixture *f = *state;
	size_t told, open = 0;

	tell_in_turn(&f->told);
	fold_told(f, 0, FOLD_RUNS_MAX);
	told = f->told.count;
	for (uint8_t run = 1; run <= RUNS / 2; run++)
		told_finished(&f->told, run, 30);
	fold_told(f, told, FOLD_RUNS_MAX);
	fold_runs_evict(f->fold, RUNS * 6 / 10);
	assert_int_equal(f->fold->run_count, RUNS * 6 / 10);
	for (size_t i = 0; i < FOLD_BUCKETS; i++) {
		for (struct fold_run *run = f->fold->buckets[i]; run; run = run->next)
			open += !run->summarized;
	}
	/* By chance alone it were three in ten. */
	assert_in_range(open, RUNS * 37 / 100, RUNS / 2);
}

static void what_is_in_memory_is_counted_to_the_byte(void **state)
{
	struct fixture *f = *state;

	tell_in_turn(&f->told);
	fold_told(f, 0, FOLD_RUNS_MAX);
	fold_runs_evict(f->fold, RUNS / 3);
	assert_int_equal(f->fold->run_count, RUNS / 3);
	assert_true(f->fold->run_bytes > 0);
	fold_runs_evict(f->fold, 0);
	assert_int_equal(f->fold->run_count, 0);
	assert_int_equal(f->fold->run_bytes, 0);
}

static void runs_that_were_forgotten_go_on_where_they_were(void **state)
{
	struct fixture *f = *state;
	struct digest kept, forgotten;

	tell_in_turn(&f->told);
	for (uint8_t run = 1; run <= RUNS; run++)
		told_finished(&f->told, run, 30);
	kept = digest_of(f, FOLD_RUNS_MAX);
	for (size_t keep = 0; keep <= 40; keep += 20) {
		forgotten = digest_of(f, keep);
		assert_memory_equal(kept.bytes, forgotten.bytes, sizeof(kept.bytes));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_states_of_runs_that_go_on_in_turn_are_kept),
		TEST(states_of_runs_that_are_over_are_forgotten_first),
		TEST(what_is_in_memory_is_counted_to_the_byte),
		TEST(runs_that_were_forgotten_go_on_where_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
