/* links: schemas ingest */
#include "tests/lib/ship.h"

#define FAR_FUTURE_NS 4000000000000000000

static void a_run_is_shipped_from_its_start_to_its_end(void **state)
{
	struct fixture *f = *state;
	struct build one = {0}, two = {0};
	struct buf want = {0};

	begin(f);
	build_random_at(&one, 1, 300);
	two.head.first_seq = one.event_count;
	build_random_at(&two, 2, 300);
	maker_source(&f->maker, "/app.py", slice_text("x = 1\n"));
	maker_block(&f->maker, build_head(&one));
	maker_block(&f->maker, build_head(&two));
	assert_true(shipper_tracer_alive(f->shipper));
	assert_int_equal(step(f), 4);
	assert_int_equal(step(f), 0);
	assert_int_equal(shipper_events(f->shipper), one.event_count + two.event_count);
	maker_die(&f->maker);
	assert_false(shipper_tracer_alive(f->shipper));
	finish(f);

	buf_text(&want, "started python 3.11.2 pid own\nsource /app.py: 6 bytes\n");
	dump_block(f, build_head(&one), &want);
	dump_block(f, build_head(&two), &want);
	buf_printf(&want, "finished events %lld status 3 signal 0: \n",
		(long long)(one.event_count + two.event_count));
	tells(f, buf_string(&want));
	build_release(&one);
	build_release(&two);
	buf_release(&want);
}

static void a_closed_block_is_shipped_as_its_bytes_are(void **state)
{
	struct fixture *f = *state;
	struct log_reader *reader;
	struct log_record record;
	struct build build = {0};
	struct buf want = {0};

	begin(f);
	build_random_at(&build, 3, 500);
	maker_block(&f->maker, build_head(&build));
	assert_int_equal(step(f), 2);
	build.head.run = f->run.run;
	block_encode(build_head(&build), &want);
	must(f, log_reader_open(f->log, LOG_FROM_START, &reader, &f->err));
	assert_int_equal(log_reader_next(reader, 0, &record, &f->err), 1);
	assert_int_equal(log_reader_next(reader, 0, &record, &f->err), 1);
	assert_true(slice_equal(record.message, buf_slice(&want)));
	log_reader_close(reader);
	build_release(&build);
	buf_release(&want);
}

static void a_run_starts_once_its_python_is_known(void **state)
{
	struct fixture *f = *state;

	create(f);
	ship_again(f);
	assert_int_equal(step(f), 0);
	maker_open(&f->maker, buf_string(&f->path));
	assert_int_equal(step(f), 0);
	maker_python(&f->maker, "3.11.2");
	assert_int_equal(step(f), 1);
	tells(f, "started python 3.11.2 pid own\n");
}

static void a_program_that_never_started_has_a_start_and_an_end(void **state)
{
	struct fixture *f = *state;

	create(f);
	ship_again(f);
	finish(f);
	tells(f, "started python ? pid other\nfinished events 0 status 3 signal 0: \n");
}

static void a_young_block_is_waited_for_and_an_old_one_cut(void **state)
{
	struct fixture *f = *state;
	struct build build = {.head.base_ns = FAR_FUTURE_NS}; /* never old by its own time */
	struct buf want = {0};

	begin(f);
	build_random_at(&build, 4, 200);
	maker_begin(&f->maker, 0, build.head.base_ns, build.items.len);
	assert_int_equal(step(f), 1);
	commit_events(f, build_head(&build), 5);
	assert_int_equal(step(f), 0); /* first seen now */
	step_until_moved(f);
	assert_int_equal(shipper_events(f->shipper), 5);
	assert_int_equal(step(f), 0);
	commit_events(f, build_head(&build), 9);
	assert_int_equal(step(f), 0);
	step_until_moved(f);
	assert_int_equal(shipper_events(f->shipper), 9);
	commit_events(f, build_head(&build), build.event_count);
	maker_end(&f->maker);
	assert_int_equal(step(f), 1);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void a_block_may_be_cut_behind_any_event(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};

	build_random_at(&build, 5, 120);
	for (int64_t cut = 1; cut < build.event_count; cut++) {
		const struct block_head *head = build_head(&build);

		begin(f);
		maker_begin(&f->maker, 0, head->base_ns, head->items.len);
		commit_events(f, head, cut);
		assert_int_equal(step(f), 2); /* base_ns is long ago */
		assert_int_equal(shipper_events(f->shipper), cut);
		if (cut % 2)
			ship_again(f);
		commit_events(f, head, build.event_count);
		maker_end(&f->maker);
		assert_int_equal(step(f), 1);
		finish(f);
		buf_clear(&want);
		buf_text(&want, "started python 3.11.2 pid own\n");
		dump_block(f, head, &want);
		buf_printf(&want, "finished events %lld status 3 signal 0: \n",
			(long long)build.event_count);
		tells(f, buf_string(&want));
	}
	build_release(&build);
	buf_release(&want);
}

static void a_shipper_killed_before_its_note_ships_twice_and_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};
	struct spool_header before;

	begin(f);
	build_random_at(&build, 6, 100);
	assert_int_equal(step(f), 1);
	maker_begin(&f->maker, 0, build.head.base_ns, build.items.len);
	memcpy(&before, f->maker.header, sizeof(before));
	commit_events(f, build_head(&build), 7);
	assert_int_equal(step(f), 1);
	atomic_store(&f->maker.header->shipped_seq, before.shipped_seq);
	commit_events(f, build_head(&build), build.event_count);
	maker_end(&f->maker);
	ship_again(f);
	assert_int_equal(step(f), 1);
	atomic_store(&f->maker.header->shipped_seq, 3);
	atomic_store(&f->maker.header->shipped_offset, before.shipped_offset);
	atomic_store(&f->maker.header->started_shipped, 0);
	ship_again(f);
	finish(f);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	buf_text(&want, "started python ? pid own\n");
	buf_printf(
		&want, "finished events %lld status 3 signal 0: \n", (long long)build.event_count);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void a_failure_is_told_at_the_end_by_whoever_ships_it(void **state)
{
	struct fixture *f = *state;
	static const uint8_t text[200000];

	begin(f);
	maker_failure(&f->maker, "ValueError", "no");
	for (int i = 0; i < 3; i++)
		maker_source(&f->maker, "/a", (struct slice){text, sizeof(text)});
	assert_int_equal(step(f), 4);
	ship_again(f);
	assert_int_equal(step(f), 0);
	finish(f);
	tells(f, "started python 3.11.2 pid own\n"
		 "source /a: 200000 bytes\nsource /a: 200000 bytes\nsource /a: 200000 bytes\n"
		 "finished events 0 status 3 signal 0 ValueError: no /app.py:7\n");
}

static void the_last_failure_counts_and_a_damaged_one_does_not(void **state)
{
	struct fixture *f = *state;

	begin(f);
	maker_failure(&f->maker, "ValueError", "no");
	maker_failure(&f->maker, "KeyError", "'k'");
	finish(f);
	tells(f, "started python 3.11.2 pid own\n"
		 "finished events 0 status 3 signal 0 KeyError: 'k' /app.py:7\n");
	begin(f);
	maker_record(&f->maker, RECORD_FAILURE, slice_text("\x7f\x7f"), (struct slice){0});
	finish(f);
	tells(f, "started python 3.11.2 pid own\nfinished events 0 status 3 signal 0: \n");
}

static void sources_are_made_to_fit(void **state)
{
	struct fixture *f = *state;
	uint8_t *text = calloc(1, 3000000);

	begin(f);
	maker_source(&f->maker, "/a\xff.py", (struct slice){text, 3000000});
	assert_int_equal(step(f), 2);
	tells(f, "started python 3.11.2 pid own\nsource /a\xef\xbf\xbd.py: 1023864 bytes\n");
	free(text);
}

static void a_block_too_large_for_a_message_is_cut(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};

	begin(f);
	build_large(&build, 7, 300000);
	maker_block(&f->maker, build_head(&build));
	assert_in_range(step(f), 3, 8);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void gap_at(struct fixture *f, int64_t seq, const char *reason)
{
	struct log_reader *reader;
	struct log_record record;
	bool found = false;

	must(f, log_reader_open(f->log, LOG_FROM_START, &reader, &f->err));
	while (log_reader_next(reader, 0, &record, &f->err) > 0) {
		const struct event *event;
		struct slice body;

		if (message_parse(record.message, &body, &f->err) != SCHEMA_TRACE_BLOCK)
			continue;
		must(f, block_cursor_open(f->cursor, body, &f->err));
		while (block_cursor_next(f->cursor, &event, &f->err) > 0) {
			if (event->seq != seq)
				continue;
			found = true;
			assert_int_equal(event->kind, EVENT_GAP);
			assert_int_equal(event->lost, 1);
			assert_true(slice_equal(event->text, slice_text(reason)));
		}
	}
	assert_true(found);
	log_reader_close(reader);
}

static void an_event_too_large_for_a_message_is_a_gap(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	const char *reason = "an event is larger than a message may be";

	begin(f);
	build_large(&build, 2, 1100000);
	maker_block(&f->maker, build_head(&build));
	assert_int_equal(step(f), 4);
	assert_int_equal(shipper_events(f->shipper), 3);
	gap_at(f, 1, reason);
	gap_at(f, 2, reason);
	build_release(&build);
}

static void what_cannot_be_read_is_a_gap_where_it_must_be_cut(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};

	begin(f);
	build_random_at(&build, 7, 100);
	maker_begin(&f->maker, 0, 0, build.items.len);
	commit_events(f, build_head(&build), 3);
	assert_int_equal(step(f), 2);
	((uint8_t *)(f->maker.record + 1))[0] = 0x7f;
	commit_events(f, build_head(&build), build.event_count);
	maker_end(&f->maker);
	assert_int_equal(step(f), 1);
	assert_int_equal(shipper_events(f->shipper), build.event_count);
	for (int64_t seq = 3; seq < build.event_count; seq++)
		gap_at(f, seq, "what was recorded cannot be read");
	build_release(&build);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_run_is_shipped_from_its_start_to_its_end),
		test(a_closed_block_is_shipped_as_its_bytes_are),
		test(a_run_starts_once_its_python_is_known),
		test(a_program_that_never_started_has_a_start_and_an_end),
		test(a_young_block_is_waited_for_and_an_old_one_cut),
		test(a_block_may_be_cut_behind_any_event),
		test(a_shipper_killed_before_its_note_ships_twice_and_loses_nothing),
		test(a_failure_is_told_at_the_end_by_whoever_ships_it),
		test(the_last_failure_counts_and_a_damaged_one_does_not),
		test(sources_are_made_to_fit),
		test(a_block_too_large_for_a_message_is_cut),
		test(an_event_too_large_for_a_message_is_a_gap),
		test(what_cannot_be_read_is_a_gap_where_it_must_be_cut),
	};

	return cmocka_run_group_tests_name("shipper", tests, NULL, NULL);
}
