/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/materialize.h"
#include "materializer/query_rows.h"
#include "materializer/row_page.h"
#include "tests/lib/help_database.h"
#include "tests/lib/help_story.h"

/* Where rows begin: told events, one page of all of them. */

struct gathered {
	struct row_mark mark;
	struct row_page page;
	struct err err;
};

static int gather(void *context, const struct event *event, struct err *err)
{
	struct gathered *g = context;

	if (row_begins(&g->mark, event))
		return row_page_begin(&g->page, (int64_t)g->page.count, event, err);
	return row_page_extend(&g->page, event, err);
}

static void print_rows(const struct row_page *page, struct buf *out)
{
	for (size_t i = 0; i < page->count; i++) {
		const struct row *row = &page->rows[i];

		buf_printf(out, "%" PRId64 " %s", row->number, event_kind_name(row->kind));
		for (size_t k = 0; k < row->line_count; k++)
			buf_printf(out, "%c%" PRId64, k ? ',' : ' ', row->lines[k]);
		for (size_t k = 0; k < row->change_count; k++) {
			buf_printf(out, " %.*s", (int)row->changes[k].name.len,
				(const char *)row->changes[k].name.data);
			buf_printf(out, "=%.*s", (int)row->changes[k].value.len,
				(const char *)row->changes[k].value.data);
		}
		if (row->value.len)
			buf_printf(out, " -> %.*s", (int)row->value.len,
				(const char *)row->value.data);
		buf_byte(out, '\n');
	}
}

static void expect(void (*tell)(struct story *story), const char *rows)
{
	struct gathered g = {.err = {0}};
	struct event_sink sink = {.context = &g, .event = gather};
	struct story *story = story_new(sink, 1);
	struct buf out = {0};

	assert_int_equal(row_page_init(&g.page, &g.err), 0);
	tell(story);
	row_page_finish(&g.page);
	print_rows(&g.page, &out);
	assert_string_equal(buf_string(&out), rows);
	buf_release(&out);
	row_page_release(&g.page);
	story_free(story);
}

static void tell_original(struct story *story)
{
	story_call(story, "/src/app.py", "f", 1);
	story_line(story, 1);
	story_line(story, 2);
	story_return(story, 2, story_none(story));
}

/* test_trace of the original: (1,1), (1,1..2), (2,2). */
static void lines_between_other_events_are_one_row(void **state)
{
	(void)state;
	expect(tell_original, "0 call 1\n1 line 1,2\n2 return 2 -> None\n");
}

static void tell_variables(struct story *story)
{
	story_call(story, "/src/app.py", "f", 1);
	story_line(story, 2);
	story_set(story, "a", story_long(story, 1));
	story_line(story, 3);
	story_set(story, "b", story_long(story, 2));
	story_line(story, 20);
	story_set(story, "a", story_long(story, 5));
	story_line(story, 40);
	story_set(story, "b", (struct value){0});
	story_line(story, 41);
	story_set(story, "c", story_object(story, OBJECT_FUNCTION, "f"));
	story_line(story, 42);
}

static void a_new_variable_joins_a_changed_one_parts(void **state)
{
	(void)state;
	expect(tell_variables, "0 call 1\n1 line 2,3,20 a=1 b=2\n"
			       "2 line 40,41,42 a=5 b=\n");
}

static void tell_loop(struct story *story)
{
	story_call(story, "/src/app.py", "f", 1);
	story_line(story, 2);
	story_line(story, 3);
	story_line(story, 2);
	story_line(story, 3);
	story_line(story, 3);
}

/* The original goes on, and shows nothing for a row from 2 up to 2 by way of 3. */
static void a_jump_back_parts(void **state)
{
	(void)state;
	expect(tell_loop, "0 call 1\n1 line 2,3\n2 line 2,3\n3 line 3\n");
}

static void tell_threads(struct story *story)
{
	story_call(story, "/src/app.py", "f", 1);
	story_line(story, 2);
	story_thread(story, 1, "worker");
	story_call(story, "/src/app.py", "f", 1);
	story_line(story, 3);
	story_thread(story, 0, "MainThread");
	story_line(story, 4);
	story_gap(story, 12, "full");
	story_line(story, 5);
}

static void threads_and_gaps_part(void **state)
{
	(void)state;
	expect(tell_threads, "0 call 1\n1 line 2\n2 thread\n3 call 1\n4 line 3\n"
			     "5 line 4\n6 gap\n7 line 5\n");
}

/* Pages: any of any view, however the blocks are cut. */

/* All rows of a view, read in pages of this size. */
static char *rows_of(struct fixture *f, uint8_t run, int64_t view, size_t size)
{
	struct run_id id = told_run(run);
	struct row_page page;
	struct buf out = {0};
	int64_t total = 0, counted;
	char *text;

	do {
		good(f, query_row_page(f->query, &id, view, total, size, &page, &f->err));
		print_rows(&page, &out);
		total += (int64_t)page.count;
		assert_true(page.count == size || total == page.total);
		counted = page.total;
		row_page_release(&page);
	} while (total < counted);
	good(f, query_row_count(f->query, &id, view, &counted, &f->err));
	assert_int_equal(counted, total);
	text = strdup(buf_string(&out));
	buf_release(&out);
	return text;
}

static void assert_rows(
	struct fixture *f, uint8_t run, int64_t view, size_t size, const char *expected)
{
	char *text = rows_of(f, run, view, size);

	assert_string_equal(text, expected);
	free(text);
}

static void pages_do_not_depend_on_cuts(void **state)
{
	static const int64_t cuts[] = {1, 2, 3, 5, 10, 37, 1000};
	static const size_t sizes[] = {1, 3, 20, 1000};
	struct fixture *f = *state;

	for (uint8_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		told_started(&f->told, i);
		told_blocks(&f->told, i, 300, cuts[i]);
	}
	publish(f);
	for (int64_t view = ROW_VIEW_ALL; view < 2; view++) {
		char *whole = rows_of(f, 6, view, 1000);

		for (uint8_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
			for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
				assert_rows(f, i, view, sizes[k], whole);
		}
		free(whole);
	}
	assert_rows(f, 6, 2, 10, "");
}

static void folding_goes_on_where_it_stopped(void **state)
{
	struct fixture *f = *state;
	char *whole;

	told_started(&f->told, 1);
	told_blocks(&f->told, 1, 100, 100);
	told_started(&f->told, 2);
	for (int64_t seq = 0; seq < 100; seq += 4) {
		told_block(&f->told, 2, seq > 3 ? seq - 3 : 0, seq > 3 ? 7 : 4);
		publish(f);
	}
	for (int64_t view = ROW_VIEW_ALL; view < 2; view++) {
		whole = rows_of(f, 1, view, 1000);
		assert_rows(f, 2, view, 7, whole);
		free(whole);
	}
}

static void an_event_is_found_in_its_row(void **state)
{
	static const int64_t cuts[] = {1, 4, 9, 300};
	struct fixture *f = *state;
	struct row_page page;
	int64_t row;

	for (uint8_t i = 0; i < 4; i++) {
		told_started(&f->told, i);
		told_blocks(&f->told, i, 300, cuts[i]);
	}
	publish(f);
	for (uint8_t i = 0; i < 4; i++) {
		struct run_id id = told_run(i);

		good(f, query_row_page(f->query, &id, ROW_VIEW_ALL, 0, 1000, &page, &f->err));
		for (size_t k = 0; k < page.count; k++) {
			for (int64_t seq = page.rows[k].first_seq; seq <= page.rows[k].last_seq;
				seq++) {
				good(f, query_row_of(f->query, &id, seq, &row, &f->err));
				assert_int_equal(row, (int64_t)k);
			}
		}
		assert_int_equal(page.rows[page.count - 1].last_seq, 299);
		row_page_release(&page);
		assert_int_equal(query_row_of(f->query, &id, 300, &row, &f->err), ERR_NOT_FOUND);
		assert_int_equal(query_row_of(f->query, &id, -1, &row, &f->err), ERR_NOT_FOUND);
	}
}

/* Nothing of it is in a row, so that rows on either side are parted, and the later one says so;
 * alike on any page, in any view, and wherever the fold stopped between. */
static void a_hole_parts_rows_and_is_told(void **state)
{
	struct fixture *f = *state;
	struct run_id id = told_run(1);
	struct row_page page;

	told_started(&f->told, 1);
	told_block(&f->told, 1, 8, 6);
	publish(f);
	told_block(&f->told, 1, 18, 5);
	publish(f);
	for (size_t size = 1; size <= 3; size++) {
		for (int64_t first = 0; first < 7; first += (int64_t)size) {
			good(f, query_row_page(
					f->query, &id, ROW_VIEW_ALL, first, size, &page, &f->err));
			for (size_t i = 0; i < page.count; i++) {
				const struct row *row = &page.rows[i];

				if (row->first_seq == 8)
					assert_int_equal(row->missing, 8);
				else if (row->first_seq == 18)
					assert_int_equal(row->missing, 4);
				else
					assert_int_equal(row->missing, 0);
				assert_true(row->last_seq < 14 || row->first_seq >= 18);
			}
			row_page_release(&page);
		}
	}
}

static void a_run_without_events_has_an_empty_page(void **state)
{
	struct fixture *f = *state;
	struct run_id id = told_run(1);
	struct row_page page;

	told_started(&f->told, 1);
	publish(f);
	good(f, query_row_page(f->query, &id, ROW_VIEW_ALL, 0, 20, &page, &f->err));
	assert_int_equal(page.count, 0);
	assert_int_equal(page.total, 0);
	row_page_release(&page);
}

static void an_entry_reads_as_written(void **state)
{
	struct row_entry entry = {12345678901, 77, true, 1u << EVENT_GAP | 1u << EVENT_CALL}, read;
	struct buf value = {0};

	(void)state;
	row_entry_encode(&entry, &value);
	assert_true(row_entry_decode(buf_slice(&value), &read));
	assert_int_equal(read.block, entry.block);
	assert_int_equal(read.count, entry.count);
	assert_int_equal(read.goes_on, entry.goes_on);
	assert_int_equal(read.kinds, entry.kinds);
	buf_byte(&value, 0);
	assert_false(row_entry_decode(buf_slice(&value), &read));
	buf_release(&value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_between_other_events_are_one_row),
		cmocka_unit_test(a_new_variable_joins_a_changed_one_parts),
		cmocka_unit_test(a_jump_back_parts),
		cmocka_unit_test(threads_and_gaps_part),
		cmocka_unit_test(an_entry_reads_as_written),
		cmocka_unit_test_setup_teardown(
			pages_do_not_depend_on_cuts, database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(
			folding_goes_on_where_it_stopped, database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(
			a_hole_parts_rows_and_is_told, database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(
			an_event_is_found_in_its_row, database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(
			a_run_without_events_has_an_empty_page, database_setup, database_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
