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

#include "materializer/follow.h"
#include "materializer/log_replay.h"
#include "materializer/materialize.h"
#include "materializer/query.h"
#include "schemas/text.h"
#include "tests/lib/help_database.h"

static int tell_started(void *context, const struct run_started *run, struct err *err)
{
	(void)err;
	buf_printf(context, "start %d\n", run->run.bytes[0]);
	return 0;
}

static int tell_source(void *context, const struct source_file *source, struct err *err)
{
	(void)err;
	buf_printf(context, "source %.*s: %.*s\n", (int)source->path.len, source->path.data,
		(int)source->text.len, source->text.data);
	return 0;
}

static int tell_event(void *context, const struct event *event, struct err *err)
{
	(void)err;
	buf_printf(context, "%" PRId64 " %s %" PRId64 " %" PRId64 "\n", event->seq,
		event_kind_name(event->kind), event->thread ? event->thread->number : -1,
		event->line);
	return 0;
}

static int tell_finished(void *context, const struct run_finished *run, struct err *err)
{
	(void)err;
	buf_printf(context, "end %" PRId64 "\n", run->event_count);
	return 0;
}

static struct event_sink teller(struct fixture *f)
{
	buf_clear(&f->out);
	return (struct event_sink){&f->out, tell_started, tell_source, tell_event, tell_finished};
}

static const char *replay(struct fixture *f, int64_t from, int64_t to, const char *thread)
{
	struct event_range range = {from, to, thread};
	struct event_sink sink = teller(f);
	struct run_id run = told_run(1);

	good(f, query_replay(f->query, &run, &range, &sink, &f->err));
	return buf_string(&f->out);
}

static void a_replay_tells_all_in_order(void **state)
{
	struct fixture *f = *state;

	told_all(&f->told, 1, 12);
	publish(f);
	assert_string_equal(replay(f, 0, INT64_MAX, NULL),
		"start 1\n"
		"0 thread 0 0\n"
		"source /src/app.py: def f():\n\tpass\n\n"
		"1 call 0 10\n"
		"2 line 0 12\n"
		"3 line 0 13\n"
		"4 line 0 14\n"
		"5 line 0 10\n"
		"6 line 0 11\n"
		"7 thread 1 0\n"
		"8 call 1 10\n"
		"9 line 1 14\n"
		"10 line 1 10\n"
		"11 line 1 11\n"
		"end 12\n");
}

static void a_range_begins_and_ends_anywhere(void **state)
{
	struct fixture *f = *state;

	told_all(&f->told, 1, 30);
	publish(f);
	assert_string_equal(replay(f, 9, 11, NULL), "start 1\n"
						    "source /src/app.py: def f():\n\tpass\n\n"
						    "9 line 1 14\n10 line 1 10\n11 line 1 11\n");
	assert_string_equal(replay(f, 29, 29, NULL), "start 1\n"
						     "source /src/app.py: def f():\n\tpass\n\n"
						     "29 line 0 14\nend 30\n");
	assert_string_equal(replay(f, 28, 28, "worker"), "start 1\n");
	assert_string_equal(replay(f, 30, INT64_MAX, NULL), "start 1\nend 30\n");
	assert_string_equal(replay(f, 5, 4, NULL), "start 1\n");
}

static void a_thread_is_named_or_numbered(void **state)
{
	struct fixture *f = *state;

	told_all(&f->told, 1, 15);
	publish(f);
	assert_string_equal(replay(f, 5, 8, "worker"), "start 1\n7 thread 1 0\n"
						       "source /src/app.py: def f():\n\tpass\n\n"
						       "8 call 1 10\n");
	assert_string_equal(replay(f, 0, 8, "1"), "start 1\n7 thread 1 0\n"
						  "source /src/app.py: def f():\n\tpass\n\n"
						  "8 call 1 10\n");
	assert_string_equal(replay(f, 0, 8, "nobody"), "start 1\n");
}

static void a_running_run_has_no_end_yet(void **state)
{
	struct fixture *f = *state;
	struct run_id id = told_run(1);
	struct run_info info;

	told_started(&f->told, 1);
	told_block(&f->told, 1, 0, 3);
	publish(f);
	good(f, query_run(f->query, &id, &info, &f->err));
	assert_int_equal(info.state, RUN_RUNNING);
	assert_int_equal(info.event_count, 3);
	run_info_release(&info);
	assert_null(strstr(replay(f, 0, INT64_MAX, NULL), "end"));
	told_block(&f->told, 1, 3, 3);
	told_finished(&f->told, 1, 6);
	publish(f);
	assert_non_null(strstr(replay(f, 0, INT64_MAX, NULL), "5 line 0 10\nend 6\n"));
	good(f, query_run(f->query, &id, &info, &f->err));
	assert_int_equal(info.state, RUN_FINISHED);
	assert_int_equal(info.event_count, 6);
	run_info_release(&info);
}

static void overlapping_blocks_replay_each_event_once(void **state)
{
	struct fixture *f = *state;
	struct buf clean = {0};

	told_started(&f->told, 1);
	told_blocks(&f->told, 1, 40, 40);
	publish(f);
	buf_text(&clean, replay(f, 0, INT64_MAX, NULL));
	query_close(f->query);
	f->query = NULL;
	told_started(&f->told, 2);
	for (int64_t seq = 0; seq < 40; seq += 3)
		told_block(&f->told, 2, seq, 40 - seq < 8 ? 40 - seq : 8);
	publish(f);
	{
		struct event_range range = {0, INT64_MAX, NULL};
		struct event_sink sink = teller(f);
		struct run_id run = told_run(2);

		good(f, query_replay(f->query, &run, &range, &sink, &f->err));
	}
	/* All but the run's number. */
	assert_string_equal(strchr(buf_string(&clean), '\n'), strchr(buf_string(&f->out), '\n'));
	buf_release(&clean);
}

/* The classic text form of a run by one of the three ways there are to it. */
enum way {
	FROM_STORE,
	FROM_LOG,
	FOLLOWED
};

static void follow_all(struct fixture *f, const struct event_sink *sink, const struct run_id *run)
{
	struct follow_options options = {.run = run};
	struct log_reader *reader;
	struct log_record record;
	struct follow *follow;
	int rc;

	good(f, log_reader_open(f->log, LOG_FROM_START, &reader, &f->err));
	good(f, follow_new(sink, &options, &follow, &f->err));
	while ((rc = log_reader_next(reader, 0, &record, &f->err)) == 1)
		good(f, follow_record(follow, &record, &f->err));
	good(f, rc);
	good(f, follow_idle(follow, &f->err));
	follow_free(follow);
	log_reader_close(reader);
}

static void render(struct fixture *f, enum way way, uint8_t number, const struct event_range *range,
	struct buf *out)
{
	struct text_options options = {.format = TEXT_CLASSIC};
	struct text *text = text_new(&options, out);
	struct event_sink sink = text_sink(text);
	struct run_id run = told_run(number);

	buf_clear(out);
	if (way == FROM_STORE)
		good(f, query_replay(f->query, &run, range, &sink, &f->err));
	else if (way == FROM_LOG)
		good(f, log_replay(f->log, 0, &run, range, &sink, &f->err));
	else
		follow_all(f, &sink, &run);
	text_free(text);
}

static void tell_run_cut_anyhow(struct fixture *f, uint8_t run, struct random *random)
{
	int64_t seq = 0;

	told_started(&f->told, run);
	told_source(&f->told, run, TOLD_FILE, "one\ntwo\n\n\n\n\n\n\n\nten\neleven\n");
	while (seq < 60) {
		int64_t first = seq - random_below(random, 9);
		int64_t count = 1 + random_below(random, 20);

		if (first < 0)
			first = 0;
		if (first + count > 60)
			count = 60 - first;
		told_block(&f->told, run, first, count);
		if (first + count > seq)
			seq = first + count;
	}
	told_finished(&f->told, run, 60);
}

static void store_log_and_follower_tell_the_same(void **state)
{
	struct fixture *f = *state;
	struct event_range all = {0, INT64_MAX, NULL};
	struct random random = {.state = 7};
	struct buf stored = {0}, logged = {0};

	for (uint8_t run = 1; run <= 5; run++)
		tell_run_cut_anyhow(f, run, &random);
	publish(f);
	for (uint8_t run = 1; run <= 5; run++) {
		struct event_range part = {random_below(&random, 60), 0, NULL};

		part.to_seq = part.from_seq + random_below(&random, 60);
		render(f, FROM_STORE, run, &all, &stored);
		assert_true(stored.len > 1000);
		render(f, FROM_LOG, run, &all, &logged);
		assert_string_equal(buf_string(&stored), buf_string(&logged));
		render(f, FOLLOWED, run, &all, &logged);
		assert_string_equal(buf_string(&stored), buf_string(&logged));
		render(f, FROM_STORE, run, &part, &stored);
		render(f, FROM_LOG, run, &part, &logged);
		assert_string_equal(buf_string(&stored), buf_string(&logged));
	}
	buf_release(&stored);
	buf_release(&logged);
}

static void a_deleted_run_is_not_found_anywhere(void **state)
{
	struct fixture *f = *state;
	struct event_range all = {0, INT64_MAX, NULL};
	struct event_sink sink = teller(f);
	struct run_id run = told_run(1);

	told_all(&f->told, 1, 20);
	told_all(&f->told, 2, 20);
	publish(f);
	told_deleted(&f->told, 1);
	publish(f);
	assert_int_equal(query_replay(f->query, &run, &all, &sink, &f->err), ERR_NOT_FOUND);
	assert_int_equal(log_replay(f->log, 0, &run, &all, &sink, &f->err), ERR_NOT_FOUND);
	assert_int_equal(query_resolve(f->query, "01122334", &run, &f->err), ERR_NOT_FOUND);
	good(f, query_resolve(f->query, "@latest", &run, &f->err));
	assert_int_equal(run.bytes[0], 2);
}

/* Topics of their own speed: the end before the last events. */
static void a_follower_tells_the_end_last(void **state)
{
	struct fixture *f = *state;
	struct event_sink sink = teller(f);

	told_block(&f->told, 1, 0, 2);
	told_finished(&f->told, 1, 4);
	told_block(&f->told, 1, 2, 2);
	publish(f);
	follow_all(f, &sink, NULL);
	assert_string_equal(buf_string(&f->out), "0 thread 0 0\n1 call 0 10\n2 line 0 12\n"
						 "3 line 0 13\nend 4\n");
	told_finished(&f->told, 2, 10);
	publish(f);
	sink = teller(f);
	follow_all(f, &sink, NULL);
	assert_non_null(strstr(buf_string(&f->out), "end 10\n"));
}

static void a_follower_that_comes_late_looks_the_run_up(void **state)
{
	struct fixture *f = *state;
	struct follow_options options = {.paths = &f->paths};
	struct event_sink sink = teller(f);
	struct follow *follow;

	told_started(&f->told, 1);
	told_source(&f->told, 1, TOLD_FILE, "text");
	told_block(&f->told, 1, 0, 10);
	publish(f);
	good(f, follow_new(&sink, &options, &follow, &f->err));
	told_block(&f->told, 1, 10, 2);
	{
		struct log_record record = told_record(&f->told, 0);

		good(f, follow_record(follow, &record, &f->err));
		good(f, follow_record(follow, &record, &f->err));
	}
	follow_free(follow);
	assert_string_equal(buf_string(&f->out), "start 1\nsource /src/app.py: text\n"
						 "10 line 1 10\n11 line 1 11\n");
}

static void a_run_is_named_by_any_unique_beginning(void **state)
{
	struct fixture *f = *state;
	struct run_id run = told_run(16), found;
	char text[RUN_ID_TEXT_BYTES];

	told_started(&f->told, 16);
	told_started(&f->told, 32);
	publish(f);
	run_id_format(&run, text);
	for (size_t len = 4; len < RUN_ID_TEXT_BYTES; len++) {
		char prefix[RUN_ID_TEXT_BYTES] = "";

		memcpy(prefix, text, len);
		good(f, query_resolve(f->query, prefix, &found, &f->err));
		assert_true(run_id_equal(&run, &found));
		good(f, log_resolve(f->log, 0, prefix, &found, &f->err));
		assert_true(run_id_equal(&run, &found));
	}
	for (char *c = text; *c; c++)
		*c = *c >= 'a' && *c <= 'f' ? (char)(*c - 32) : *c;
	good(f, query_resolve(f->query, text, &found, &f->err));
	good(f, query_resolve(f->query, "@latest", &found, &f->err));
	assert_int_equal(found.bytes[0], 32);
	good(f, log_resolve(f->log, 0, "@latest", &found, &f->err));
	assert_int_equal(found.bytes[0], 32);
}

static void a_name_of_no_or_several_runs_is_refused(void **state)
{
	static const char *const none[] = {
		"ffff", "zzzz", "0123-567", "%s%s%s%s", "00000000-0000-0000-0000-0000000000000"};
	struct fixture *f = *state;
	struct run_id found, twin = told_run(1);
	struct run_started started = {.started_ns = 5};
	char text[RUN_ID_TEXT_BYTES];
	struct buf message = {0};

	told_started(&f->told, 1);
	twin.bytes[15] ^= 1;
	started.run = twin;
	run_started_encode(&started, &message);
	good(f, log_append(f->log, LOG_RUNS, slice_text(run_id_format(&twin, text)),
			buf_slice(&message), &f->err));
	buf_release(&message);
	publish(f);
	assert_int_equal(query_resolve(f->query, "0112", &found, &f->err), ERR_USAGE);
	assert_int_equal(log_resolve(f->log, 0, "0112", &found, &f->err), ERR_USAGE);
	assert_int_equal(query_resolve(f->query, "011", &found, &f->err), ERR_USAGE);
	assert_non_null(strstr(f->err.message, "too short"));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(query_resolve(f->query, none[i], &found, &f->err), ERR_NOT_FOUND);
		assert_int_equal(log_resolve(f->log, 0, none[i], &found, &f->err), ERR_NOT_FOUND);
	}
}

static int tell_run(void *context, const struct run_info *info, struct err *err)
{
	(void)err;
	buf_printf(context, "%d %s %" PRId64 "\n", info->id.bytes[0], run_state_name(info->state),
		info->event_count);
	return 0;
}

static void runs_are_listed_oldest_first(void **state)
{
	struct fixture *f = *state;

	told_started(&f->told, 9);
	told_all(&f->told, 3, 10);
	told_all(&f->told, 200, 20);
	publish(f);
	good(f, query_runs(f->query, tell_run, &f->out, &f->err));
	assert_string_equal(buf_string(&f->out), "3 finished 10\n9 running 0\n200 finished 20\n");
}

static void the_state_says_how_a_run_ended(void **state)
{
	static const struct run_finished ends[] = {
		{.exit_status = 0},
		{.exit_status = 3},
		{.exit_status = 0, .error_type = {(const uint8_t *)"E", 1}},
		{.exit_status = -1, .signal = 9},
		{.exit_status = -1, .lost = true},
	};
	struct fixture *f = *state;

	for (uint8_t run = 0; run < 5; run++) {
		struct run_finished end = ends[run];
		struct buf message = {0};

		end.run = told_run(run);
		run_finished_encode(&end, &message);
		told_started(&f->told, run);
		told_message(&f->told, LOG_RUNS, run, buf_slice(&message));
		buf_release(&message);
	}
	publish(f);
	good(f, query_runs(f->query, tell_run, &f->out, &f->err));
	assert_string_equal(buf_string(&f->out),
		"0 finished 0\n1 failed 0\n2 failed 0\n3 killed 0\n4 lost 0\n");
}

static int tell_thread(void *context, const struct thread_info *info, struct err *err)
{
	(void)err;
	buf_printf(context, "%" PRId64 " %.*s %" PRId64 "-%" PRId64 " %" PRId64 " %" PRId64 "\n",
		info->number, (int)info->name.len, info->name.data, info->start_ns - TOLD_START_NS,
		info->end_ns - TOLD_START_NS, info->event_count, info->location_count);
	return 0;
}

static void threads_are_summed_up_alike_while_running_and_after(void **state)
{
	static const char expected[] = "0 MainThread 0-200 14 5\n1 worker 70-270 14 5\n";
	struct fixture *f = *state;
	struct run_id run = told_run(1);

	told_started(&f->told, 1);
	told_blocks(&f->told, 1, 28, 9);
	told_block(&f->told, 1, 20, 8);
	publish(f);
	good(f, query_threads(f->query, &run, tell_thread, &f->out, &f->err));
	assert_string_equal(buf_string(&f->out), expected);
	told_block(&f->told, 1, 28, 0);
	told_finished(&f->told, 1, 28);
	publish(f);
	buf_clear(&f->out);
	good(f, query_threads(f->query, &run, tell_thread, &f->out, &f->err));
	assert_string_equal(buf_string(&f->out), expected);
}

static void sources_are_kept_as_they_were(void **state)
{
	struct fixture *f = *state;
	struct run_id run = told_run(1);
	struct buf text = {0};

	told_source(&f->told, 1, "/a.py", "\xef\xbb\xbf# a\r\n");
	told_source(&f->told, 1, "/empty.py", "");
	publish(f);
	good(f, query_source(f->query, &run, slice_text("/a.py"), &text, &f->err));
	assert_string_equal(buf_string(&text), "\xef\xbb\xbf# a\r\n");
	good(f, query_source(f->query, &run, slice_text("/empty.py"), &text, &f->err));
	assert_int_equal(text.len, 0);
	assert_int_equal(
		query_source(f->query, &run, slice_text("/a"), &text, &f->err), ERR_NOT_FOUND);
	buf_release(&text);
}

static void verify_proves_a_whole_run(void **state)
{
	struct fixture *f = *state;
	struct run_id run = told_run(1);
	int64_t events;

	told_all(&f->told, 1, 55);
	publish(f);
	good(f, query_verify(f->query, &run, &events, &f->err));
	assert_int_equal(events, 55);
}

static void verify_names_what_is_missing(void **state)
{
	struct fixture *f = *state;
	struct run_id run = told_run(1);
	int64_t events;

	told_started(&f->told, 1);
	told_block(&f->told, 1, 0, 10);
	told_block(&f->told, 1, 20, 10);
	publish(f);
	assert_int_equal(query_verify(f->query, &run, &events, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "events 10 to 19 are missing"));
	told_all(&f->told, 2, 10);
	told_finished(&f->told, 3, 10);
	told_started(&f->told, 3);
	told_block(&f->told, 3, 0, 4);
	publish(f);
	run = told_run(3);
	assert_int_equal(query_verify(f->query, &run, &events, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "finished with 10 events, 4 are here"));
	run = told_run(2);
	good(f, query_verify(f->query, &run, &events, &f->err));
}

static int fail_at_3(void *context, const struct event *event, struct err *err)
{
	(void)context;
	return event->seq == 3 ? err_set(err, ERR_IO, "the pipe is closed") : 0;
}

static void a_sink_that_fails_stops_the_replay(void **state)
{
	struct fixture *f = *state;
	struct event_sink sink = {.event = fail_at_3};
	struct event_range all = {0, INT64_MAX, NULL};
	struct run_id run = told_run(1);

	told_all(&f->told, 1, 10);
	publish(f);
	assert_int_equal(query_replay(f->query, &run, &all, &sink, &f->err), ERR_IO);
	assert_string_equal(f->err.message, "the pipe is closed");
	assert_int_equal(log_replay(f->log, 0, &run, &all, &sink, &f->err), ERR_IO);
}

static void no_store_is_not_an_error_of_the_disk(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(query_open(&f->paths, &f->query, &f->err), ERR_NOT_FOUND);
	assert_null(f->query);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, database_setup, database_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_replay_tells_all_in_order),
		TEST(a_range_begins_and_ends_anywhere),
		TEST(a_thread_is_named_or_numbered),
		TEST(a_running_run_has_no_end_yet),
		TEST(overlapping_blocks_replay_each_event_once),
		TEST(store_log_and_follower_tell_the_same),
		TEST(a_deleted_run_is_not_found_anywhere),
		TEST(a_follower_tells_the_end_last),
		TEST(a_follower_that_comes_late_looks_the_run_up),
		TEST(a_run_is_named_by_any_unique_beginning),
		TEST(a_name_of_no_or_several_runs_is_refused),
		TEST(runs_are_listed_oldest_first),
		TEST(the_state_says_how_a_run_ended),
		TEST(threads_are_summed_up_alike_while_running_and_after),
		TEST(sources_are_kept_as_they_were),
		TEST(verify_proves_a_whole_run),
		TEST(verify_names_what_is_missing),
		TEST(a_sink_that_fails_stops_the_replay),
		TEST(no_store_is_not_an_error_of_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
