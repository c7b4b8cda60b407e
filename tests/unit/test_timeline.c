/* links: schemas ingest materializer */
/*
 * Random families of runs, told to a log in any order, merged from the store and from the log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/log_replay.h"
#include "materializer/materialize.h"
#include "materializer/query.h"
#include "tests/lib/help_dir.h"
#include "tests/lib/help_run.h"

#define RUNS_MAX 24
#define EVENTS_MAX 60

/* What is told of a run, and how far it has been heard of again. */
struct life {
	bool in_group; /* or a descendant of one that is */
	int parent;    /* -1: none */
	int64_t parent_seq, started_ns;
	int64_t count;
	int64_t times[EVENTS_MAX];
	bool started, finished;
	int64_t heard;
};

struct fixture {
	char *dir;
	struct database_paths paths;
	struct log *log;
	struct told told;
	struct life lives[RUNS_MAX];
	int run_count;
	bool honest; /* no clock is wrong: all is in the order of its times */
	int64_t last_ns;
	struct buf heard;
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

	f->dir = dir_make();
	good(f, database_paths_init(&f->paths, f->dir, true, &f->err));
	good(f, file_log_open(f->paths.log, true, &f->log, &f->err));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_close(f->log);
	told_release(&f->told);
	buf_release(&f->heard);
	database_paths_release(&f->paths);
	dir_remove(f->dir);
	free(f);
	return 0;
}

static void tell_started(struct fixture *f, int run, const char *group)
{
	const struct life *life = &f->lives[run];
	struct run_started started = {
		.run = told_run((uint8_t)run),
		.has_parent = life->parent >= 0,
		.group = slice_text(group),
		.started_ns = life->started_ns,
		.parent_seq = life->parent_seq,
	};
	struct buf message = {0};

	if (life->parent >= 0)
		started.parent = told_run((uint8_t)life->parent);
	run_started_encode(&started, &message);
	told_message(&f->told, LOG_RUNS, (uint8_t)run, buf_slice(&message));
	buf_release(&message);
}

static void tell_block(struct fixture *f, int run, int64_t first, int64_t count)
{
	const struct life *life = &f->lives[run];
	struct build build = {.head = {.run = told_run((uint8_t)run), .first_seq = first}};
	struct buf message = {0};
	int64_t reason = build_name(&build, "tick");

	build.head.base_ns = life->times[first];
	for (int64_t seq = first; seq < first + count; seq++)
		build_gap(&build, seq == first ? 0 : life->times[seq] - life->times[seq - 1], 1,
			reason);
	block_encode(build_head(&build), &message);
	told_message(&f->told, LOG_EVENTS, (uint8_t)run, buf_slice(&message));
	buf_release(&message);
	build_release(&build);
}

static void choose_life(struct fixture *f, int run, struct random *random)
{
	struct life *life = &f->lives[run];
	int64_t time_ns;

	*life = (struct life){.parent = -1, .parent_seq = -1};
	life->started_ns = 1000000 + random_below(random, 300);
	life->in_group = random_below(random, 3) > 0;
	if (run > 0 && random_below(random, 4) > 0) {
		const struct life *parent;

		life->parent = (int)random_below(random, run);
		parent = &f->lives[life->parent];
		life->in_group |= parent->in_group;
		life->parent_seq = random_below(random, parent->count + 1);
		life->started_ns = random_below(random, 10);
		life->started_ns +=
			life->parent_seq ? parent->times[life->parent_seq - 1] : parent->started_ns;
		if (!f->honest)
			life->started_ns += random_below(random, 2000) - 1000;
	}
	life->count = random_below(random, EVENTS_MAX);
	time_ns = life->started_ns;
	for (int64_t seq = 0; seq < life->count; seq++)
		life->times[seq] = time_ns +=
			random_below(random, 4) ? random_below(random, 20) : 0;
}

static void tell_family(struct fixture *f, struct random *random)
{
	f->run_count = 1 + (int)random_below(random, RUNS_MAX - 1);
	for (int run = 0; run < f->run_count; run++) {
		struct life *life = &f->lives[run];
		bool named;

		choose_life(f, run, random);
		named = life->in_group && (life->parent < 0 || !f->lives[life->parent].in_group);
		tell_started(f, run, named ? "wanted" : run % 2 ? "other" : "");
		for (int64_t seq = 0, count; seq < life->count; seq += count) {
			count = 1 + random_below(random, 20);
			if (count > life->count - seq)
				count = life->count - seq;
			tell_block(f, run, seq, count);
		}
		if (random_below(random, 5))
			told_finished(&f->told, (uint8_t)run, life->count);
	}
}

static void publish(struct fixture *f)
{
	good(f, told_append(&f->told, f->log, &f->err));
	told_release(&f->told);
}

static int run_of(const struct fixture *f, const struct run_id *id)
{
	for (int run = 0; run < f->run_count; run++) {
		struct run_id other = told_run((uint8_t)run);

		if (run_id_equal(&other, id))
			return run;
	}
	fail_msg("a run that nobody told of");
	return -1;
}

/* All of the parent that is to be before has been heard. */
static void hear_time(struct fixture *f, int64_t time_ns)
{
	if (f->honest)
		assert_true(time_ns >= f->last_ns);
	f->last_ns = time_ns;
}

static int hear_started(void *context, const struct run_started *started, struct err *err)
{
	struct fixture *f = context;
	int run = run_of(f, &started->run);
	struct life *life = &f->lives[run];

	(void)err;
	assert_true(life->in_group && !life->started);
	life->started = true;
	if (life->parent >= 0 && f->lives[life->parent].in_group) {
		assert_true(f->lives[life->parent].started);
		assert_true(f->lives[life->parent].heard >= life->parent_seq);
	}
	hear_time(f, started->started_ns);
	buf_printf(&f->heard, "%d starts\n", run);
	return 0;
}

static int hear_event(void *context, const struct event *event, struct err *err)
{
	struct fixture *f = context;
	int run = run_of(f, &event->run);
	struct life *life = &f->lives[run];

	(void)err;
	assert_true(life->started && !life->finished);
	assert_int_equal(event->seq, life->heard);
	assert_true(event->time_ns == life->times[life->heard]);
	life->heard++;
	hear_time(f, event->time_ns);
	buf_printf(&f->heard, "%d %" PRId64 "\n", run, event->seq);
	return 0;
}

static int hear_finished(void *context, const struct run_finished *finished, struct err *err)
{
	struct fixture *f = context;
	struct life *life = &f->lives[run_of(f, &finished->run)];

	(void)err;
	assert_int_equal(life->heard, life->count);
	life->finished = true;
	return 0;
}

static int write_event(void *context, const struct event *event, struct err *err)
{
	(void)err;
	buf_printf(context, "%" PRId64 " lost %" PRId64 "\n", event->seq, event->lost);
	return 0;
}

static struct event_sink hearer(struct fixture *f)
{
	for (int run = 0; run < f->run_count; run++) {
		f->lives[run].started = f->lives[run].finished = false;
		f->lives[run].heard = 0;
	}
	f->last_ns = 0;
	buf_clear(&f->heard);
	return (struct event_sink){f, hear_started, NULL, hear_event, hear_finished};
}

static void all_was_heard(const struct fixture *f)
{
	for (int run = 0; run < f->run_count; run++) {
		assert_true(f->lives[run].started == f->lives[run].in_group);
		assert_int_equal(
			f->lives[run].heard, f->lives[run].in_group ? f->lives[run].count : 0);
	}
}

static bool any_in_group(const struct fixture *f)
{
	for (int run = 0; run < f->run_count; run++)
		if (f->lives[run].in_group)
			return true;
	return false;
}

static const struct event_range everything = {.to_seq = INT64_MAX};

static int replay_store(struct fixture *f)
{
	struct event_sink sink = hearer(f);
	struct query *query;
	int rc;

	good(f, materialize_now(&f->paths, f->log, NULL, &f->err));
	good(f, query_open(&f->paths, &query, &f->err));
	rc = query_replay_group(query, "wanted", &everything, &sink, &f->err);
	query_close(query);
	return rc;
}

static int replay_log(struct fixture *f)
{
	struct event_sink sink = hearer(f);

	return log_replay_group(f->log, 0, "wanted", &everything, &sink, &f->err);
}

/* The same from store and log, in whatever order the log has it. */
static void check_family(struct fixture *f, uint64_t seed)
{
	struct random random = {seed};
	struct buf first = {0};

	tell_family(f, &random);
	told_shuffle(&f->told, &random);
	publish(f);
	if (!any_in_group(f)) {
		assert_int_equal(replay_store(f), ERR_NOT_FOUND);
		assert_int_equal(replay_log(f), ERR_NOT_FOUND);
		return;
	}
	good(f, replay_store(f));
	all_was_heard(f);
	first = f->heard;
	f->heard = (struct buf){0};
	good(f, replay_log(f));
	all_was_heard(f);
	assert_string_equal(buf_string(&f->heard), buf_string(&first));
	buf_release(&first);
}

static void check_families(bool honest)
{
	for (uint64_t seed = 1; seed <= 25; seed++) {
		void *state;

		setup(&state);
		((struct fixture *)state)->honest = honest;
		check_family(state, seed);
		teardown(&state);
	}
}

static void true_clocks_give_the_order_of_times(void **state)
{
	(void)state;
	check_families(true);
}

static void a_child_waits_for_its_parent_whatever_the_clocks_say(void **state)
{
	(void)state;
	check_families(false);
}

static void two_that_are_each_others_parents_are_told_all_the_same(void **state)
{
	struct fixture *f = *state;

	f->run_count = 3;
	for (int run = 0; run < 3; run++) {
		struct life *life = &f->lives[run];

		*life = (struct life){.in_group = true, .parent = (run + 1) % 3, .parent_seq = 2};
		life->started_ns = 1000 - run;
		life->count = 3;
		for (int64_t seq = 0; seq < 3; seq++)
			life->times[seq] = life->started_ns + seq;
		tell_started(f, run, "wanted");
		tell_block(f, run, 0, 3);
	}
	f->lives[2].parent_seq = 0;
	for (int run = 0; run < 3; run++)
		f->lives[run].parent = -1; /* nothing is expected of the order */
	publish(f);
	good(f, replay_store(f));
	all_was_heard(f);
	good(f, replay_log(f));
	all_was_heard(f);
}

static void a_parent_that_has_less_than_its_child_says_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	f->run_count = 2;
	for (int run = 0; run < 2; run++) {
		f->lives[run] = (struct life){.in_group = true, .parent = run - 1, .count = 1};
		f->lives[run].started_ns = f->lives[run].times[0] = 1000 - run;
		f->lives[run].parent_seq = run ? 1000 : -1;
		tell_started(f, run, "wanted");
		tell_block(f, run, 0, 1);
	}
	f->lives[1].parent_seq = 1; /* all there is */
	publish(f);
	good(f, replay_store(f));
	all_was_heard(f);
	assert_string_equal(buf_string(&f->heard), "0 starts\n0 0\n1 starts\n1 0\n");
}

static void what_nobody_has_is_told_as_gaps(void **state)
{
	struct fixture *f = *state;
	struct life *life = &f->lives[0];
	struct query *query;
	struct event_sink sink;
	struct run_id run = told_run(0);

	f->run_count = 1;
	*life = (struct life){.in_group = true, .parent = -1, .parent_seq = -1, .count = 9};
	life->started_ns = 1000;
	for (int64_t seq = 0; seq < 9; seq++)
		life->times[seq] = 1000 + seq;
	tell_started(f, 0, "wanted");
	tell_block(f, 0, 2, 3);
	tell_block(f, 0, 7, 1);
	told_finished(&f->told, 0, 9);
	publish(f);
	sink = (struct event_sink){.context = &f->heard, .event = write_event};
	good(f, log_replay_group(f->log, 0, "wanted", &everything, &sink, &f->err));
	assert_string_equal(buf_string(&f->heard), "0 lost 2\n2 lost 1\n3 lost 1\n4 lost 1\n"
						   "5 lost 2\n7 lost 1\n8 lost 1\n");
	buf_clear(&f->heard);
	good(f, materialize_now(&f->paths, f->log, NULL, &f->err));
	good(f, query_open(&f->paths, &query, &f->err));
	good(f, query_replay_group(query, "wanted", &everything, &sink, &f->err));
	buf_byte(&f->heard, '|');
	good(f, query_replay(query, &run, &everything, &sink, &f->err));
	query_close(query);
	assert_string_equal(buf_string(&f->heard), "0 lost 2\n2 lost 1\n3 lost 1\n4 lost 1\n"
						   "5 lost 2\n7 lost 1\n8 lost 1\n|"
						   "0 lost 2\n2 lost 1\n3 lost 1\n4 lost 1\n"
						   "5 lost 2\n7 lost 1\n8 lost 1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(true_clocks_give_the_order_of_times),
		cmocka_unit_test(a_child_waits_for_its_parent_whatever_the_clocks_say),
		TEST(two_that_are_each_others_parents_are_told_all_the_same),
		TEST(what_nobody_has_is_told_as_gaps),
		TEST(a_parent_that_has_less_than_its_child_says_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
