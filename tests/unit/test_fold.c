/* links: schemas ingest materializer */
#include "tests/lib/fold.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "materializer/key.h"
#include "materializer/quarantine.h"
#include "materializer/query.h"

/* Folds all that was told, committing behind every `batch` records, and forgets it. */
static void fold_told(struct fixture *f, size_t batch)
{
	for (size_t i = 0; i < f->told.count; i++) {
		fold_one(f, i);
		if ((i + 1) % batch == 0)
			commit(f);
	}
	commit(f);
}

static void fold_and_forget(struct fixture *f)
{
	fold_told(f, 3);
	told_release(&f->told);
}

static int count(struct fixture *f, enum store_family family)
{
	struct store_iter *iter = store_iter_new(f->store, family, (struct slice){0});
	int found = 0, rc;

	for (rc = store_iter_first(iter, &f->err); rc == 1; rc = store_iter_next(iter, &f->err))
		found++;
	good(f, rc);
	store_iter_free(iter);
	return found;
}

/* The sequence numbers that the keys of a run's blocks begin at, as text. */
static const char *blocks(struct fixture *f, uint8_t run)
{
	static char text[256];
	struct key_parts parts = {.run = told_run(run)};
	struct buf key = {0};
	struct store_iter *iter =
		store_iter_new(f->store, STORE_BLOCKS, key_prefix(KEY_BLOCK, &parts, 1, &key));
	int rc;

	text[0] = '\0';
	for (rc = store_iter_first(iter, &f->err); rc == 1; rc = store_iter_next(iter, &f->err)) {
		assert_true(key_decode(KEY_BLOCK, store_iter_key(iter), &parts));
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%" PRId64 " ",
			parts.number);
	}
	good(f, rc);
	store_iter_free(iter);
	buf_release(&key);
	return text;
}

/* Of what a fresh store becomes by these records; it is closed and removed again. */
static struct digest digest_of(struct fixture *f, size_t batch)
{
	struct query *query;
	struct digest digest;

	close_store(f);
	good(f, store_remove(f->paths.store, &f->err));
	open_store(f);
	fold_told(f, batch);
	good(f, query_open(&f->paths, &query, &f->err));
	good(f, query_digest(query, &digest, &f->err));
	query_close(query);
	return digest;
}

static void expect_same_in_any_order(struct fixture *f, int orders)
{
	struct random random = {.state = 42};
	struct digest first = digest_of(f, 4);

	for (int i = 0; i < orders; i++) {
		struct digest other;

		told_shuffle(&f->told, &random);
		other = digest_of(f, 1 + (size_t)random_below(&random, 20));
		assert_memory_equal(first.bytes, other.bytes, sizeof(first.bytes));
	}
}

static void a_block_seen_twice_changes_nothing(void **state)
{
	struct fixture *f = *state;

	told_blocks(&f->told, 1, 30, 10);
	told_blocks(&f->told, 1, 30, 10);
	told_block(&f->told, 1, 5, 12);
	fold_told(f, 2);
	assert_string_equal(blocks(f, 1), "0 10 20 ");
}

static void overlapping_blocks_count_from_the_first_new_event(void **state)
{
	struct fixture *f = *state;

	told_block(&f->told, 1, 0, 10);
	told_block(&f->told, 1, 5, 10);
	told_block(&f->told, 1, 0, 16);
	fold_told(f, 1);
	assert_string_equal(blocks(f, 1), "0 10 15 ");
}

static void a_hole_stays_and_is_not_filled_later(void **state)
{
	struct fixture *f = *state;

	told_block(&f->told, 1, 0, 10);
	told_block(&f->told, 1, 20, 10);
	told_block(&f->told, 1, 10, 10);
	fold_told(f, 1);
	assert_string_equal(blocks(f, 1), "0 20 ");
}

static void a_block_without_events_is_dropped(void **state)
{
	struct fixture *f = *state;

	told_block(&f->told, 1, 0, 0);
	fold_told(f, 1);
	assert_string_equal(blocks(f, 1), "");
	assert_int_equal(fold_quarantined(f->fold), 0);
}

static void the_summary_waits_for_the_end_and_all_events(void **state)
{
	struct fixture *f = *state;

	told_blocks(&f->told, 1, 20, 10);
	told_finished(&f->told, 1, 30);
	fold_and_forget(f);
	assert_int_equal(count(f, STORE_THREADS), 0);
	told_block(&f->told, 1, 20, 10);
	fold_and_forget(f);
	assert_int_equal(count(f, STORE_THREADS), 2);
	told_block(&f->told, 1, 30, 10);
	fold_and_forget(f);
	assert_int_equal(count(f, STORE_THREADS), 0);
}

static void the_first_start_and_end_of_a_run_count(void **state)
{
	struct fixture *f = *state;
	struct key_parts parts = {.run = told_run(1)};
	struct buf key = {0}, value = {0};
	struct run_finished finished;

	told_started(&f->told, 1);
	told_finished(&f->told, 1, 0);
	told_started(&f->told, 1);
	told_finished(&f->told, 1, 99);
	fold_told(f, 1);
	good(f, store_get(f->store, STORE_RUNS, key_encode(KEY_RUN_FINISHED, &parts, &key), &value,
			&f->err));
	good(f, run_finished_decode(buf_slice(&value), &finished, &f->err));
	assert_int_equal(finished.event_count, 0);
	assert_int_equal(count(f, STORE_RUNS), 2);
	assert_int_equal(count(f, STORE_RUNS_BY_TIME), 1);
	buf_release(&key);
	buf_release(&value);
}

static void the_order_of_topics_makes_no_difference(void **state)
{
	struct fixture *f = *state;

	for (uint8_t run = 1; run <= 4; run++)
		told_all(&f->told, run, 20 * run);
	told_finished(&f->told, 3, 50);
	told_block(&f->told, 2, 35, 20);
	told_block(&f->told, 4, 100, 10);
	told_source(&f->told, 2, "/src/other.py", "");
	expect_same_in_any_order(f, 8);
}

static void a_deleted_run_is_gone_in_any_order(void **state)
{
	struct fixture *f = *state;

	for (uint8_t run = 1; run <= 3; run++)
		told_all(&f->told, run, 30);
	told_source(&f->told, 2, "/src/only.py", "x = 1\n");
	told_message(&f->told, LOG_EVENTS, 2, slice_text("nothing that anybody knows"));
	told_deleted(&f->told, 2);
	expect_same_in_any_order(f, 8);
	assert_string_equal(blocks(f, 2), "");
	assert_string_equal(blocks(f, 1), "0 10 20 ");
	assert_int_equal(count(f, STORE_RUNS), 4);
	assert_int_equal(count(f, STORE_RUNS_BY_TIME), 2);
	assert_int_equal(count(f, STORE_THREADS), 4);
	assert_int_equal(count(f, STORE_SOURCES), 1);
	assert_int_equal(count(f, STORE_QUARANTINE), 0);
}

static void a_source_lives_as_long_as_a_run_needs_it(void **state)
{
	struct fixture *f = *state;

	told_source(&f->told, 1, "/a.py", "same");
	told_source(&f->told, 1, "/b.py", "same");
	told_source(&f->told, 2, "/a.py", "same");
	told_deleted(&f->told, 1);
	fold_and_forget(f);
	assert_int_equal(count(f, STORE_SOURCES), 1);
	assert_int_equal(count(f, STORE_RUN_FILES), 2);
	told_deleted(&f->told, 2);
	fold_and_forget(f);
	assert_int_equal(count(f, STORE_SOURCES), 0);
	assert_int_equal(count(f, STORE_RUN_FILES), 0);
	told_source(&f->told, 3, "/a.py", "same");
	fold_and_forget(f);
	assert_int_equal(count(f, STORE_SOURCES), 1);
}

static void a_deleted_run_does_not_come_back(void **state)
{
	struct fixture *f = *state;

	told_all(&f->told, 1, 20);
	told_deleted(&f->told, 1);
	told_all(&f->told, 1, 40);
	told_deleted(&f->told, 1);
	fold_told(f, 100);
	assert_string_equal(blocks(f, 1), "");
	assert_int_equal(count(f, STORE_RUNS), 0);
	assert_int_equal(count(f, STORE_SOURCES), 0);
	assert_int_equal(count(f, STORE_META), 1);
}

/* More runs at a time than the fold remembers. */
static void a_summary_is_the_same_whether_remembered_or_read_back(void **state)
{
	struct fixture *f = *state;
	struct digest first, second;
	uint8_t run = 1;

	told_all(&f->told, run, 100);
	first = digest_of(f, 1000);
	close_store(f);
	good(f, store_remove(f->paths.store, &f->err));
	open_store(f);
	for (size_t i = 0; i < f->told.count; i++) {
		fold_one(f, i);
		commit(f);
		fold_free(f->fold);
		good(f, fold_new(f->store, &f->fold, &f->err));
	}
	close_store(f);
	good(f, store_open(f->paths.store, &f->store, &f->err));
	good(f, fold_new(f->store, &f->fold, &f->err));
	{
		struct query *query;

		good(f, query_open(&f->paths, &query, &f->err));
		good(f, query_digest(query, &second, &f->err));
		query_close(query);
	}
	assert_memory_equal(first.bytes, second.bytes, sizeof(first.bytes));
}

/* A copy of a block with one bit in its events turned. */
static void tell_damaged(struct told *told, uint8_t run, int64_t first_seq, int64_t cut)
{
	struct told_record *record;

	told_block(told, run, first_seq, 10);
	record = &told->list[told->count - 1];
	record->message.len -= (size_t)cut;
}

static void what_cannot_be_folded_is_set_aside_with_its_reason(void **state)
{
	static const uint8_t unknown[] = {0, 0, 0, 0, 99, 1, 2, 3};
	struct fixture *f = *state;
	struct quarantined entry;
	struct store_iter *iter;

	told_block(&f->told, 1, 0, 10);
	tell_damaged(&f->told, 1, 10, 4);
	told_message(&f->told, LOG_EVENTS, 2, buf_slice(&f->told.list[0].message));
	told_message(&f->told, LOG_EVENTS, 1, (struct slice){unknown, sizeof(unknown)});
	told_message(&f->told, LOG_RUNS, 1, (struct slice){0});
	told_message(&f->told, LOG_RUNS, 1, buf_slice(&f->told.list[0].message));
	told_block(&f->told, 1, 10, 10);
	told_finished(&f->told, 1, 20);
	fold_told(f, 2);
	assert_int_equal(fold_quarantined(f->fold), 5);
	assert_int_equal(count(f, STORE_QUARANTINE), 5);
	assert_string_equal(blocks(f, 1), "0 10 ");
	assert_int_equal(count(f, STORE_THREADS), 2);
	iter = store_iter_new(f->store, STORE_QUARANTINE, (struct slice){0});
	assert_int_equal(store_iter_first(iter, &f->err), 1);
	assert_true(quarantine_decode(store_iter_value(iter), &entry));
	assert_true(entry.reason.len > 4);
	assert_memory_equal(entry.place.data, "told ", 5);
	store_iter_free(iter);
}

static void damage_is_set_aside_by_its_place(void **state)
{
	struct fixture *f = *state;

	tell_damaged(&f->told, 1, 0, 3);
	tell_damaged(&f->told, 1, 0, 3);
	fold_told(f, 1);
	fold_told(f, 1);
	assert_int_equal(count(f, STORE_QUARANTINE), 2);
}

static void what_is_set_aside_is_bounded(void **state)
{
	struct fixture *f = *state;
	uint8_t *noise = calloc(1, 100000);
	struct store_iter *iter;

	told_message(&f->told, LOG_EVENTS, 1, (struct slice){noise, 100000});
	free(noise);
	fold_told(f, 1);
	iter = store_iter_new(f->store, STORE_QUARANTINE, (struct slice){0});
	assert_int_equal(store_iter_first(iter, &f->err), 1);
	assert_true(store_iter_value(iter).len < 8192);
	store_iter_free(iter);
}

static int tells_of_both(void *context, const struct quarantined *entry, struct err *err)
{
	(void)context, (void)err;
	assert_true(slice_equal(entry->reason,
		slice_text("5 records before it: 2 damaged, 3 removed by retention before being "
			   "read")));
	assert_int_equal(entry->damaged, 2);
	return 0;
}

static void lost_records_are_noted_and_are_not_in_the_digest(void **state)
{
	struct fixture *f = *state;
	struct key_parts parts = {.path = slice_text("smiley.events[1]@7")};
	struct log_record nothing = {.lost = 5, .damaged = 2, .place = parts.path};
	struct buf key = {0}, value = {0};
	struct digest before, after;
	struct query *query;

	told_all(&f->told, 1, 20);
	before = digest_of(f, 3);
	good(f, fold_record(f->fold, &nothing, &f->err));
	commit(f);
	assert_int_equal(fold_quarantined(f->fold), 0);
	assert_int_equal(store_get(f->store, STORE_META, key_encode(KEY_LOST, &parts, &key), &value,
				 &f->err),
		1);
	assert_int_equal(value.len, 16);
	assert_int_equal(value.data[7], 5);
	assert_int_equal(value.data[15], 2);
	good(f, query_open(&f->paths, &query, &f->err));
	good(f, query_quarantine(query, tells_of_both, NULL, &f->err));
	good(f, query_digest(query, &after, &f->err));
	query_close(query);
	assert_memory_equal(before.bytes, after.bytes, sizeof(before.bytes));
	buf_release(&key);
	buf_release(&value);
}

static int headless(struct fixture *f, uint8_t run)
{
	struct key_parts parts = {.run = told_run(run)};
	struct buf key = {0}, value = {0};
	int rc = store_get(
		f->store, STORE_META, key_encode(KEY_HEADLESS, &parts, &key), &value, &f->err);

	good(f, rc);
	buf_release(&key);
	buf_release(&value);
	return rc;
}

static void a_run_without_a_beginning_is_marked_until_it_comes(void **state)
{
	struct fixture *f = *state;

	told_block(&f->told, 1, 40, 10);
	told_finished(&f->told, 2, 3);
	told_source(&f->told, 3, TOLD_FILE, "text");
	fold_and_forget(f);
	assert_int_equal(headless(f, 1), 1);
	assert_int_equal(headless(f, 2), 1);
	assert_int_equal(headless(f, 3), 0);
	told_started(&f->told, 1);
	told_deleted(&f->told, 2);
	fold_and_forget(f);
	assert_int_equal(headless(f, 1), 0);
	assert_int_equal(headless(f, 2), 0);
}

static void lost_beginnings_and_foreign_records_fold_the_same_in_any_order(void **state)
{
	struct fixture *f = *state;

	for (uint8_t run = 1; run <= 4; run++) {
		if (run % 2)
			told_started(&f->told, run);
		told_block(&f->told, run, 30, 10);
		told_block(&f->told, run, 50, 10);
		tell_damaged(&f->told, run, 60, 5);
		told_finished(&f->told, run, 70);
		told_message(&f->told, LOG_EVENTS, run, slice_text("not ours"));
		told_message(&f->told, LOG_RUNS, run, (struct slice){0});
	}
	told_deleted(&f->told, 4);
	expect_same_in_any_order(f, 20);
}

static void tell_child(struct fixture *f, uint8_t run, int64_t seq, const char *reason)
{
	struct child_untraced child = {.run = told_run(run), .seq = seq, .time_ns = 9};
	struct buf message = {0};

	child.reason = slice_text(reason);
	child_untraced_encode(&child, &message);
	told_message(&f->told, LOG_RUNS, run, buf_slice(&message));
	buf_release(&message);
}

static int join_reason(void *context, const struct child_untraced *child, struct err *err)
{
	(void)err;
	buf_printf(context, "%" PRId64 " %.*s\n", child->seq, (int)child->reason.len,
		child->reason.data);
	return 0;
}

static void untraced_children_are_kept_once_each(void **state)
{
	struct fixture *f = *state;
	struct run_id run = told_run(1);
	struct query *query;
	struct buf text = {0};

	told_all(&f->told, 1, 10);
	tell_child(f, 1, 300, "b");
	tell_child(f, 1, 7, "a");
	tell_child(f, 1, 300, "b");
	tell_child(f, 2, 1, "other");
	tell_child(f, 1, -1, "before the first event");
	tell_child(f, 3, 2, "of a deleted run");
	told_deleted(&f->told, 3);
	expect_same_in_any_order(f, 4);
	assert_int_equal(count(f, STORE_QUARANTINE), 1);
	assert_int_equal(count(f, STORE_RUNS), 2 + 3);
	good(f, query_open(&f->paths, &query, &f->err));
	good(f, query_children_untraced(query, &run, join_reason, &text, &f->err));
	assert_string_equal(buf_string(&text), "7 a\n300 b\n");
	query_close(query);
	buf_release(&text);
}

static void a_source_that_is_not_what_it_says_is_set_aside(void **state)
{
	struct fixture *f = *state;
	struct buf *message;

	told_source(&f->told, 1, "/a.py", "text");
	message = &f->told.list[0].message;
	message->data[message->len - 1] ^= 1;
	fold_told(f, 1);
	assert_int_equal(count(f, STORE_QUARANTINE), 1);
	assert_int_equal(count(f, STORE_SOURCES), 0);
	assert_int_equal(count(f, STORE_RUN_FILES), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_block_seen_twice_changes_nothing),
		TEST(overlapping_blocks_count_from_the_first_new_event),
		TEST(a_hole_stays_and_is_not_filled_later),
		TEST(a_block_without_events_is_dropped),
		TEST(the_summary_waits_for_the_end_and_all_events),
		TEST(the_first_start_and_end_of_a_run_count),
		TEST(the_order_of_topics_makes_no_difference),
		TEST(a_deleted_run_is_gone_in_any_order),
		TEST(a_source_lives_as_long_as_a_run_needs_it),
		TEST(a_deleted_run_does_not_come_back),
		TEST(a_summary_is_the_same_whether_remembered_or_read_back),
		TEST(what_cannot_be_folded_is_set_aside_with_its_reason),
		TEST(lost_records_are_noted_and_are_not_in_the_digest),
		TEST(a_run_without_a_beginning_is_marked_until_it_comes),
		TEST(lost_beginnings_and_foreign_records_fold_the_same_in_any_order),
		TEST(damage_is_set_aside_by_its_place),
		TEST(what_is_set_aside_is_bounded),
		TEST(untraced_children_are_kept_once_each),
		TEST(a_source_that_is_not_what_it_says_is_set_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
