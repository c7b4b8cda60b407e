/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/materialize.h"
#include "materializer/query_hits.h"
#include "materializer/query_lost.h"
#include "tests/lib/help_database.h"

#define LINES 40

/* A run's events as replay tells them: what the index is held against. */
struct seen {
	struct {
		int64_t seq, line;
		enum event_kind kind;
	} * list;
	size_t count;
};

static int see(void *context, const struct event *event, struct err *err)
{
	struct seen *seen = context;

	(void)err;
	seen->list = reallocarray(seen->list, seen->count + 1, sizeof(*seen->list));
	assert_non_null(seen->list);
	seen->list[seen->count].seq = event->seq;
	seen->list[seen->count].line = event->line;
	seen->list[seen->count++].kind = event->kind;
	return 0;
}

/* Gaps that replay makes of holes are no events. */
static void see_run(struct fixture *f, uint8_t run, struct seen *seen)
{
	struct event_range range = {0, INT64_MAX, NULL};
	struct event_sink sink = {.context = seen, .event = see};
	struct run_id id = told_run(run);
	size_t kept = 0;

	*seen = (struct seen){0};
	good(f, query_replay(f->query, &id, &range, &sink, &f->err));
	for (size_t i = 0; i < seen->count; i++) {
		if (seen->list[i].kind != EVENT_GAP)
			seen->list[kept++] = seen->list[i];
	}
	seen->count = kept;
}

static bool is_wanted(const struct seen *seen, size_t i, const struct hit_wanted *wanted)
{
	return seen->list[i].kind == wanted->kind &&
	       (!wanted->path.len || seen->list[i].line == wanted->line);
}

static void counts_agree(struct fixture *f, uint8_t run, const struct seen *seen)
{
	struct run_id id = told_run(run);
	int64_t kinds[EVENT_KINDS], expected[EVENT_KINDS] = {0};
	int64_t hits[LINES] = {0}, calls[LINES] = {0};
	struct hit_table table = {0};

	for (size_t i = 0; i < seen->count; i++) {
		expected[seen->list[i].kind]++;
		hits[seen->list[i].line] += seen->list[i].kind == EVENT_LINE;
		calls[seen->list[i].line] += seen->list[i].kind == EVENT_CALL;
	}
	good(f, query_kinds(f->query, &id, kinds, &f->err));
	assert_memory_equal(kinds, expected, sizeof(kinds));
	good(f, query_hits(f->query, &id, slice_text(TOLD_FILE), &table, &f->err));
	for (size_t i = 0; i < table.count; i++) {
		const struct hit_place *place = &table.places[i];

		assert_true(i == 0 || table.places[i - 1].line < place->line);
		assert_int_equal(place->hits, hits[place->line]);
		assert_int_equal(place->calls, calls[place->line]);
		hits[place->line] = calls[place->line] = 0;
	}
	for (size_t line = 0; line < LINES; line++)
		assert_int_equal(hits[line] + calls[line], 0);
	hit_table_clear(&table);
	good(f, query_hits(f->query, &id, slice_text("/src/other.py"), &table, &f->err));
	assert_int_equal(table.count, 0);
	hit_table_release(&table);
}

static void steps_agree(
	struct fixture *f, uint8_t run, const struct seen *seen, const struct hit_wanted *wanted)
{
	struct run_id id = told_run(run);
	int64_t last = -1, found;

	for (size_t i = 0; i < seen->count; i += 1 + i % 41) {
		int64_t before = -1, behind = -1;

		for (size_t k = i; k-- > 0 && before < 0;)
			before = is_wanted(seen, k, wanted) ? seen->list[k].seq : -1;
		for (size_t k = i + 1; k < seen->count && behind < 0; k++)
			behind = is_wanted(seen, k, wanted) ? seen->list[k].seq : -1;
		good(f, query_next(
				f->query, &id, wanted, seen->list[i].seq, true, &found, &f->err));
		assert_int_equal(found, behind);
		good(f, query_next(
				f->query, &id, wanted, seen->list[i].seq, false, &found, &f->err));
		assert_int_equal(found, before);
	}
	/* From one to the next, through holes and from before the first. */
	for (size_t i = 0; i < seen->count; i++) {
		if (!is_wanted(seen, i, wanted))
			continue;
		good(f, query_next(f->query, &id, wanted, last, true, &found, &f->err));
		assert_int_equal(found, seen->list[i].seq);
		last = found;
	}
	good(f, query_next(f->query, &id, wanted, last, true, &found, &f->err));
	assert_int_equal(found, -1);
	good(f, query_next(f->query, &id, wanted, INT64_MAX, false, &found, &f->err));
	assert_int_equal(found, last);
}

struct paged {
	int64_t seqs[64];
	size_t count;
};

static int page_event(void *context, const struct event *event, struct err *err)
{
	struct paged *paged = context;

	(void)err;
	assert_true(paged->count < 64);
	paged->seqs[paged->count++] = event->seq;
	return 0;
}

static void pages_agree(
	struct fixture *f, uint8_t run, const struct seen *seen, const struct hit_wanted *wanted)
{
	static const int64_t sizes[] = {1, 7, 50};
	struct run_id id = told_run(run);

	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		size_t at = 0;
		struct paged paged;
		int64_t first = 0;

		do {
			paged.count = 0;
			good(f, query_hit_events(f->query, &id, wanted, first, sizes[k], page_event,
					&paged, &f->err));
			for (size_t i = 0; i < paged.count; i++, at++) {
				while (at < seen->count && !is_wanted(seen, at, wanted))
					at++;
				assert_true(at < seen->count);
				assert_int_equal(paged.seqs[i], seen->list[at].seq);
			}
			first += (int64_t)paged.count;
		} while ((int64_t)paged.count == sizes[k]);
		for (; at < seen->count; at++)
			assert_false(is_wanted(seen, at, wanted));
	}
}

static void everything_agrees(struct fixture *f, uint8_t run)
{
	const struct slice file = slice_text(TOLD_FILE);
	const struct hit_wanted wanted[] = {
		{EVENT_LINE, file, 12},
		{EVENT_LINE, file, 30},
		{EVENT_CALL, file, 10},
		{EVENT_THREAD, {0}, 0},
		{EVENT_EXCEPTION, {0}, 0},
	};
	struct seen seen;

	see_run(f, run, &seen);
	counts_agree(f, run, &seen);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		steps_agree(f, run, &seen, &wanted[i]);
		pages_agree(f, run, &seen, &wanted[i]);
	}
	free(seen.list);
}

/* Blocks enough for entries of several levels, and the last ones in none of these. */
static void the_index_agrees_with_the_events(void **state)
{
	static const struct {
		int64_t events, size;
	} shapes[] = {{0, 1}, {5, 10}, {33, 1}, {400, 3}, {2400, 2}};
	struct fixture *f = *state;

	for (uint8_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		told_started(&f->told, i);
		told_blocks(&f->told, i, shapes[i].events, shapes[i].size);
	}
	publish(f);
	for (uint8_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		everything_agrees(f, i);
}

static void it_holds_for_overlaps_and_holes(void **state)
{
	struct fixture *f = *state;

	told_started(&f->told, 1);
	for (int64_t seq = 0; seq < 300; seq += 4)
		told_block(&f->told, 1, seq > 3 ? seq - 3 : 0, 7);
	told_block(&f->told, 1, 0, 300);
	told_started(&f->told, 2);
	for (int64_t seq = 7; seq < 700; seq += 9)
		told_block(&f->told, 2, seq, 5);
	publish(f);
	everything_agrees(f, 1);
	everything_agrees(f, 2);
}

/* Each publish is a writer of its own, which finds in the store what the last one left. */
static void a_run_that_goes_on_is_right_all_the_time(void **state)
{
	struct fixture *f = *state;
	struct digest grown, whole;
	const struct materialize_options options = {.wait_ms = 1000};

	told_started(&f->told, 1);
	for (int64_t seq = 0; seq < 1200; seq += 120) {
		for (int64_t at = seq; at < seq + 120; at += 3)
			told_block(&f->told, 1, at, 3);
		publish(f);
		if (seq % 480 == 0)
			everything_agrees(f, 1);
	}
	everything_agrees(f, 1);
	good(f, query_digest(f->query, &grown, &f->err));
	query_close(f->query);
	f->query = NULL;
	good(f, materialize_rebuild(&f->paths, f->log, &options, &f->err));
	publish(f);
	good(f, query_digest(f->query, &whole, &f->err));
	assert_memory_equal(&grown, &whole, sizeof(grown));
}

static void tell_long_block(struct fixture *f, int64_t number, int64_t lines)
{
	struct build build = {.head = {.run = told_run(1), .first_seq = number * (lines + 1)}};
	int64_t file = build_name(&build, "/src/long.py");
	int64_t code = build_code(&build, file, file, 1);
	struct buf message = {0};

	build_thread(&build, 0, 1, file, 0);
	build_call(&build, 0, code);
	build_line(&build, 1, number * lines);
	for (int64_t line = 1; line < lines; line++)
		build_line(&build, 1, 1);
	block_encode(build_head(&build), &message);
	told_message(&f->told, LOG_EVENTS, 1, buf_slice(&message));
	buf_release(&message);
	build_release(&build);
}

/* More places than an entry tells. */
static void a_run_of_very_many_lines_is_looked_into(void **state)
{
	struct fixture *f = *state;
	const int64_t lines = 2200, blocks = 40;
	const struct hit_wanted wanted = {EVENT_LINE, slice_text("/src/long.py"), 35 * lines + 7};
	struct run_id id = told_run(1);
	struct hit_table table = {0};
	struct paged paged = {.count = 0};
	int64_t found;

	assert_true((uint64_t)(lines * HIT_FANOUT) > HIT_PLACES_MAX);
	told_started(&f->told, 1);
	for (int64_t i = 0; i < blocks; i++)
		tell_long_block(f, i, lines);
	publish(f);
	good(f, query_hits(f->query, &id, slice_text("/src/long.py"), &table, &f->err));
	assert_int_equal(table.count, lines * blocks);
	assert_int_equal(table.places[0].line, 1);
	assert_int_equal(table.places[0].calls, blocks);
	good(f, query_next(f->query, &id, &wanted, -1, true, &found, &f->err));
	assert_int_equal(found, 35 * (lines + 1) + 7);
	good(f, query_hit_events(f->query, &id, &wanted, 0, 10, page_event, &paged, &f->err));
	assert_int_equal(paged.count, 1);
	assert_int_equal(paged.seqs[0], found);
	hit_table_release(&table);
}

static void what_is_no_entry_is_refused(void **state)
{
	struct hit_table table = {0};
	struct hit_entry entry = {.last = 5, .kinds = {[EVENT_LINE] = 3}, .has_places = true}, read;
	struct buf value = {0};
	struct slice places;
	uint64_t file;

	(void)state;
	hit_table_place(&table, 9, 4)->hits = 3;
	hit_entry_encode(&entry, &table, &value);
	for (size_t len = 0; len <= value.len; len++) {
		struct hit_place place = {0};
		bool whole = hit_entry_decode((struct slice){value.data, len}, &read) &&
			     hit_entry_next_file(&read.files, &file, &places) == 1 &&
			     hit_entry_next_place(&places, &place) == 1;

		assert_int_equal(whole, len == value.len);
	}
	assert_int_equal(hit_entry_next_file(&read.files, &file, &places), 0);
	buf_release(&value);
	hit_table_release(&table);
}

#define WITH_DATABASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

static void tell_gaps(struct fixture *f, uint8_t run, int64_t first_seq, int64_t lost)
{
	struct build build = {.head = {.run = told_run(run), .first_seq = first_seq}};
	struct buf message = {0};

	build_gap(&build, 1, lost, build_name(&build, "full"));
	build_gap(&build, 1, -1, 0);
	block_encode(build_head(&build), &message);
	told_message(&f->told, LOG_EVENTS, run, buf_slice(&message));
	buf_release(&message);
	build_release(&build);
}

static void what_gaps_tell_is_summed_up_and_gone_on_with(void **state)
{
	struct fixture *f = *state;
	struct lost_events lost = {0};
	struct run_id run = told_run(1);

	told_started(&f->told, 1);
	told_block(&f->told, 1, 0, 40);
	publish(f);
	good(f, query_lost(f->query, &run, &lost, &f->err));
	assert_int_equal(lost.gaps, 0);
	tell_gaps(f, 1, 40, 500);
	tell_gaps(f, 1, 42, 7);
	publish(f);
	good(f, query_lost(f->query, &run, &lost, &f->err));
	assert_int_equal(lost.gaps, 4);
	tell_gaps(f, 1, 44, 1000);
	publish(f);
	for (int again = 0; again < 2; again++) {
		good(f, query_lost(f->query, &run, &lost, &f->err));
		assert_int_equal(lost.gaps, 6);
		assert_int_equal(lost.uncounted, 3);
		assert_int_equal(lost.events, 1507);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DATABASE(the_index_agrees_with_the_events),
		WITH_DATABASE(it_holds_for_overlaps_and_holes),
		WITH_DATABASE(a_run_that_goes_on_is_right_all_the_time),
		WITH_DATABASE(a_run_of_very_many_lines_is_looked_into),
		WITH_DATABASE(what_gaps_tell_is_summed_up_and_gone_on_with),
		cmocka_unit_test(what_is_no_entry_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
