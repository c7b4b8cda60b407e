/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "materializer/follow.h"
#include "materializer/log_replay.h"
#include "materializer/materialize.h"
#include "materializer/origin.h"
#include "materializer/quarantine.h"
#include "tests/lib/help_database.h"
#include "tests/lib/help_dir.h"

static int tell_started(void *context, const struct run_started *run, struct err *err)
{
	(void)err;
	buf_printf(context, "start %d\n", run->run.bytes[0]);
	return 0;
}

static int tell_source(void *context, const struct source_file *source, struct err *err)
{
	(void)err;
	buf_printf(context, "source %.*s\n", (int)source->path.len, source->path.data);
	return 0;
}

static int tell_event(void *context, const struct event *event, struct err *err)
{
	(void)err;
	if (event->kind == EVENT_GAP)
		buf_printf(context, "%" PRId64 " gap of %" PRId64 "\n", event->seq, event->lost);
	else
		buf_printf(context, "%" PRId64 "\n", event->seq);
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

static const char *replay(struct fixture *f, uint8_t run, int64_t from, int64_t to)
{
	struct event_range range = {from, to, NULL};
	struct event_sink sink = teller(f);
	struct run_id id = told_run(run);

	good(f, query_replay(f->query, &id, &range, &sink, &f->err));
	return buf_string(&f->out);
}

static const char *replay_log(struct fixture *f, uint8_t run, int64_t from, int64_t to)
{
	struct event_range range = {from, to, NULL};
	struct event_sink sink = teller(f);
	struct run_id id = told_run(run);

	good(f, log_replay(f->log, 0, &id, &range, &sink, &f->err));
	return buf_string(&f->out);
}

/* With patience: what waits for nothing that will come is fed within the deadline. */
static const char *follow(
	struct fixture *f, const struct follow_options *options, const char *until)
{
	struct event_sink sink = teller(f);
	time_t deadline = time(NULL) + 20;
	struct follow *follow;

	good(f, follow_new(&sink, options, &follow, &f->err));
	for (size_t i = 0; i < f->told.count; i++) {
		struct log_record record = told_record(&f->told, i);

		good(f, follow_record(follow, &record, &f->err));
	}
	while (until && !strstr(buf_string(&f->out), until) && time(NULL) < deadline) {
		good(f, follow_idle(follow, &f->err));
		poll(NULL, 0, 1);
	}
	follow_free(follow);
	return buf_string(&f->out);
}

#define HOLES                                                                          \
	"start 1\n0 gap of 10\n10\n11\n12\n13 gap of 7\n20\n21\n22 gap of 1\n23\n24\n" \
	"25 gap of 5\nend 30\n"

static void tell_holes(struct fixture *f)
{
	told_started(&f->told, 1);
	told_block(&f->told, 1, 10, 3);
	told_block(&f->told, 1, 20, 2);
	told_block(&f->told, 1, 23, 2);
	told_finished(&f->told, 1, 30);
}

static void a_hole_is_told_as_a_gap_everywhere(void **state)
{
	struct fixture *f = *state;
	struct follow_options options = {.from_start = true, .patience_ms = 2};

	tell_holes(f);
	assert_string_equal(follow(f, &options, "end"), HOLES);
	options.patience_ms = 0;
	assert_string_equal(follow(f, &options, "end"), HOLES);
	publish(f);
	assert_string_equal(replay(f, 1, 0, INT64_MAX), HOLES);
	assert_string_equal(replay_log(f, 1, 0, INT64_MAX), HOLES);
}

static void a_range_cuts_a_gap(void **state)
{
	struct fixture *f = *state;
	const struct {
		int64_t from, to;
		const char *told;
	} cases[] = {
		{3, 5, "start 1\n3 gap of 3\n"},
		{5, 11, "start 1\n5 gap of 5\n10\n11\n"},
		{12, 20, "start 1\n12\n13 gap of 7\n20\n"},
		{15, 15, "start 1\n15 gap of 1\n"},
		{27, INT64_MAX, "start 1\n27 gap of 3\nend 30\n"},
		{24, 26, "start 1\n24\n"},
	};

	tell_holes(f);
	publish(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(replay(f, 1, cases[i].from, cases[i].to), cases[i].told);
		assert_string_equal(replay_log(f, 1, cases[i].from, cases[i].to), cases[i].told);
	}
}

static void who_joins_in_the_middle_misses_nothing(void **state)
{
	struct fixture *f = *state;
	struct follow_options options = {.patience_ms = 2};

	told_block(&f->told, 1, 10, 2);
	told_block(&f->told, 1, 12, 1);
	assert_string_equal(follow(f, &options, "12"), "10\n11\n12\n");
}

static int list_run(void *context, const struct run_info *info, struct err *err)
{
	(void)err;
	buf_printf(context, "%d%s %s %" PRId64 " at %" PRId64 "\n", info->id.bytes[0],
		info->headless ? " headless" : "", run_state_name(info->state), info->event_count,
		info->started.started_ns);
	return 0;
}

static void a_run_without_a_beginning_is_listed_and_replayed(void **state)
{
	struct fixture *f = *state;
	struct run_id id = told_run(2), found;
	char text[RUN_ID_TEXT_BYTES];
	int64_t events;

	told_all(&f->told, 1, 10);
	told_block(&f->told, 2, 20, 3);
	told_finished(&f->told, 2, 23);
	publish(f);
	good(f, query_runs(f->query, list_run, &f->out, &f->err));
	assert_non_null(strstr(buf_string(&f->out), "1 finished 10"));
	assert_non_null(strstr(buf_string(&f->out), "2 headless finished 23"));
	assert_string_equal(
		replay(f, 2, 0, INT64_MAX), "start 2\n0 gap of 20\n20\n21\n22\nend 23\n");
	assert_string_equal(
		replay_log(f, 2, 0, INT64_MAX), "start 2\n0 gap of 20\n20\n21\n22\nend 23\n");
	run_id_format(&id, text)[10] = '\0';
	good(f, query_resolve(f->query, text, &found, &f->err));
	assert_true(run_id_equal(&found, &id));
	good(f, log_resolve(f->log, 0, text, &found, &f->err));
	assert_true(run_id_equal(&found, &id));
	assert_int_equal(query_verify(f->query, &id, &events, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "events 0 to 19 are missing, the others"));
}

static void verify_names_the_holes_and_looks_behind_them(void **state)
{
	struct fixture *f = *state;
	struct run_id id = told_run(1);
	int64_t events;

	told_started(&f->told, 1);
	for (int64_t at = 0; at < 70; at += 10)
		told_block(&f->told, 1, at + 5, 5);
	told_finished(&f->told, 1, 70);
	publish(f);
	assert_int_equal(query_verify(f->query, &id, &events, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message,
		"events 0 to 4, 10 to 14, 20 to 24, 30 to 34 and in 3 more places are missing"));
}

/* Topics and partitions each at its own speed: the follower tells what a replay does. */
static void a_follower_with_patience_tells_the_same_in_any_order(void **state)
{
	struct fixture *f = *state;
	struct run_id id = told_run(1);
	struct follow_options options = {.from_start = true, .patience_ms = 60000, .run = &id};
	struct random random = {.state = 11};
	char *first;

	told_started(&f->told, 1);
	told_source(&f->told, 1, TOLD_FILE, "text");
	told_blocks(&f->told, 1, 50, 7);
	told_finished(&f->told, 1, 50);
	told_all(&f->told, 2, 20);
	first = strdup(follow(f, &options, NULL));
	assert_non_null(strstr(first, "end 50"));
	assert_null(strstr(first, "gap"));
	for (int i = 0; i < 50; i++) {
		told_shuffle(&f->told, &random);
		follow(f, &options, NULL);
		/* Where the source is told does not matter, as long as it is before the events. */
		assert_int_equal(strlen(buf_string(&f->out)), strlen(first));
		assert_string_equal(strstr(buf_string(&f->out), "0\n1\n"), strstr(first, "0\n1\n"));
	}
	free(first);
}

static void blocks_of_two_partitions_are_put_in_order(void **state)
{
	struct fixture *f = *state;
	struct follow_options options = {.from_start = true, .patience_ms = 60000};

	told_block(&f->told, 1, 6, 3);
	told_block(&f->told, 1, 3, 3);
	told_finished(&f->told, 1, 9);
	told_source(&f->told, 1, TOLD_FILE, "text");
	told_block(&f->told, 1, 0, 3);
	told_started(&f->told, 1);
	assert_string_equal(follow(f, &options, NULL),
		"source /src/app.py\nstart 1\n0\n1\n2\n3\n4\n5\n6\n7\n8\nend 9\n");
}

static void a_group_or_a_time_leaves_out_the_rest(void **state)
{
	struct fixture *f = *state;
	struct follow_options options = {.group = "other", .from_start = true};

	told_all(&f->told, 1, 3);
	assert_string_equal(follow(f, &options, NULL), "");
	options.group = NULL;
	options.from_ns = INT64_MAX;
	assert_string_equal(follow(f, &options, NULL), "source /src/app.py\n");
	options.from_ns = 1;
	assert_string_equal(
		follow(f, &options, NULL), "start 1\nsource /src/app.py\n0\n1\n2\nend 3\n");
}

static int list_aside(void *context, const struct quarantined *entry, struct err *err)
{
	(void)err;
	buf_printf(context, "%d %.*s: %.*s (%" PRId64 ")\n", entry->run.bytes[0],
		(int)entry->place.len, entry->place.data, (int)entry->reason.len,
		entry->reason.data, entry->bytes);
	return 0;
}

static void what_was_set_aside_is_told_with_place_reason_and_size(void **state)
{
	struct fixture *f = *state;
	const char *told;

	told_message(&f->told, LOG_EVENTS, 1, slice_text("{\"no\": \"block\"}"));
	publish(f);
	good(f, query_quarantine(f->query, list_aside, &f->out, &f->err));
	told = buf_string(&f->out);
	assert_non_null(strstr(told, "1 log segment 1 at "));
	assert_non_null(strstr(told, "(15)\n"));
}

static void a_database_is_of_one_log(void **state)
{
	struct fixture *f = *state;
	struct origin file = {0}, kafka, other, group, is;
	struct database_paths fresh = {.root = f->dir, .log = f->paths.spool};

	good(f, origin_of_kafka(&kafka, "smiley.", NULL, &f->err));
	good(f, origin_of_kafka(&other, "test.", NULL, &f->err));
	good(f, origin_of_kafka(&group, "smiley.", "g", &f->err));
	good(f, origin_settle(&f->paths, &file, &f->err));
	assert_int_equal(origin_settle(&f->paths, &kafka, &f->err), ERR_STATE);
	assert_non_null(strstr(f->err.message, "--local"));
	log_close(f->log);
	f->log = NULL;
	dir_remove(strdup(f->paths.log));
	fresh.log = f->paths.log;
	good(f, origin_settle(&fresh, &kafka, &f->err));
	good(f, origin_read(&fresh, &is, &f->err));
	assert_true(is.kafka);
	assert_string_equal(is.prefix, "smiley.");
	good(f, origin_settle(&fresh, &kafka, &f->err));
	assert_int_equal(origin_settle(&fresh, &file, &f->err), ERR_STATE);
	assert_non_null(strstr(f->err.message, "smiley.*"));
	assert_int_equal(origin_settle(&fresh, &other, &f->err), ERR_STATE);
	assert_int_equal(origin_settle(&fresh, &group, &f->err), ERR_STATE);
	good(f, origin_check(&fresh, &group, &f->err));
	assert_int_equal(origin_of_kafka(&other, "a\nb", NULL, &f->err), ERR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, database_setup, database_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hole_is_told_as_a_gap_everywhere),
		TEST(a_range_cuts_a_gap),
		TEST(who_joins_in_the_middle_misses_nothing),
		TEST(a_run_without_a_beginning_is_listed_and_replayed),
		TEST(verify_names_the_holes_and_looks_behind_them),
		TEST(a_follower_with_patience_tells_the_same_in_any_order),
		TEST(blocks_of_two_partitions_are_put_in_order),
		TEST(a_group_or_a_time_leaves_out_the_rest),
		TEST(what_was_set_aside_is_told_with_place_reason_and_size),
		TEST(a_database_is_of_one_log),
	};

	return cmocka_run_group_tests_name("gaps", tests, NULL, NULL);
}
