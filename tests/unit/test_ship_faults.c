/* links: schemas ingest */
/*
 * The shipper when programs, shippers and logs fail.
 */
#include "tests/lib/ship.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ingest/log_internal.h"

static void a_killed_program_is_whole_up_to_its_last_event(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct block_head head;
	struct buf want = {0};
	size_t bytes;
	int64_t items;

	build_random_at(&build, 8, 100);
	head = *build_head(&build);
	begin(f);
	maker_begin(&f->maker, 0, head.base_ns, head.items.len);
	commit_events(f, &head, 10);
	assert_int_equal(step(f), 2);
	commit_events(f, &head, 20);
	/* Killed before event 21, which is written, was counted. */
	measure(f, &head, 21, &bytes, &items);
	memcpy(f->maker.record + 1, head.items.data, bytes);
	maker_die(&f->maker);
	assert_int_equal(step(f), 0);
	finish(f);
	head.event_count = 20;
	measure(f, build_head(&build), 20, &head.items.len, &head.item_count);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, &head, &want);
	buf_text(&want, "finished events 20 status 3 signal 0: \n");
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void a_log_that_fails_is_shipped_to_later(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, limit;
	struct build build = {0};
	struct buf want = {0};
	int failure;

	begin(f);
	build_random_at(&build, 9, 300);
	assert_int_equal(step(f), 1);
	maker_block(&f->maker, build_head(&build));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	failure = shipper_step(f->shipper, &f->moved, &f->err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(failure, ERR_IO);
	assert_int_equal(f->moved, 0);
	assert_int_equal(step(f), 1);
	finish(f);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	buf_printf(
		&want, "finished events %lld status 3 signal 0: \n", (long long)build.event_count);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

/* A log that refuses one append, and else passes on. */
struct refusing {
	struct log base;
	struct log *log;
	int appends;
	int refuse; /* which; 0: none */
};

static int refusing_append(struct log *log, enum log_topic topic, struct slice key,
	struct slice message, struct err *err)
{
	struct refusing *self = (struct refusing *)log;

	if (++self->appends == self->refuse)
		return err_set(err, ERR_IO, "refused");
	return log_append(self->log, topic, key, message, err);
}

static int refusing_sync(struct log *log, struct err *err)
{
	return log_sync(((struct refusing *)log)->log, err);
}

static const struct log_class refusing_class = {
	.append = refusing_append,
	.sync = refusing_sync,
};

static void any_append_may_fail_and_be_tried_again(void **state)
{
	struct fixture *f = *state;
	const struct shipper_end end = {.exit_status = 3};
	struct refusing refusing = {.base.class = &refusing_class, .log = f->log, .refuse = 1};
	struct build one = {0}, large = {0};
	struct buf want = {0};

	build_random_at(&one, 14, 100);
	large.head.first_seq = one.event_count;
	build_large(&large, 7, 300000);
	do {
		begin(f);
		leave(f);
		refusing.appends = 0;
		must(f, shipper_open(buf_string(&f->path), &refusing.base, &f->shipper, &f->err));
		maker_source(&f->maker, "/app.py", slice_text("x = 1\n"));
		maker_block(&f->maker, build_head(&one));
		maker_failure(&f->maker, "ValueError", "no");
		maker_block(&f->maker, build_head(&large));
		if (shipper_finish(f->shipper, &end, &f->err) < 0) {
			assert_string_equal(f->err.message, "refused");
			if (refusing.refuse % 2) {
				leave(f);
				must(f, shipper_open(buf_string(&f->path), &refusing.base,
						&f->shipper, &f->err));
			}
			must(f, shipper_finish(f->shipper, &end, &f->err));
		}
		buf_clear(&want);
		buf_text(&want, "started python 3.11.2 pid own\nsource /app.py: 6 bytes\n");
		dump_block(f, build_head(&one), &want);
		dump_block(f, build_head(&large), &want);
		buf_printf(&want,
			"finished events %lld status 3 signal 0 ValueError: no /app.py:7\n",
			(long long)(one.event_count + large.event_count));
		tells(f, buf_string(&want));
	} while (++refusing.refuse <= refusing.appends + 1);
	assert_true(refusing.refuse > 7);
	build_release(&one);
	build_release(&large);
	buf_release(&want);
}

static void a_damaged_spool_is_shipped_as_far_as_it_is_good(void **state)
{
	struct fixture *f = *state;
	const struct shipper_end end = {.exit_status = -1, .signal = 9};
	struct build build = {0};
	struct buf want = {0}, bad = {0};

	begin(f);
	build_random_at(&build, 10, 100);
	maker_block(&f->maker, build_head(&build));
	maker_begin(&f->maker, build.event_count, 0, 100);
	f->maker.record->kind = 77;
	assert_int_equal(shipper_finish(f->shipper, &end, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message,
		".spool: spool is damaged: chunk at 65536: a record of a kind unknown"));
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	buf_printf(
		&want, "finished events %lld status -1 signal 9: \n", (long long)build.event_count);
	tells(f, buf_string(&want));
	buf_printf(&bad, "%s.bad", buf_string(&f->path));
	assert_int_equal(access(buf_string(&bad), F_OK), 0);
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
	build_release(&build);
	buf_release(&want);
	buf_release(&bad);
}

static size_t collect(struct fixture *f)
{
	size_t runs;

	must(f, shipper_collect(f->dir, f->log, in_time, &runs, &f->err));
	return runs;
}

static void a_leftover_of_a_dead_process_is_finished_as_lost(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};

	begin(f);
	build_random_at(&build, 11, 100);
	maker_block(&f->maker, build_head(&build));
	maker_failure(&f->maker, "ValueError", "no");
	assert_int_equal(collect(f), 0); /* it has a shipper */
	leave(f);
	maker_die(&f->maker);
	assert_int_equal(collect(f), 1);
	assert_int_equal(collect(f), 0);
	buf_text(&want, "started python 3.11.2 pid other\n");
	dump_block(f, build_head(&build), &want);
	buf_printf(&want, "finished events %lld status -1 signal 0 lost ValueError: no /app.py:7\n",
		(long long)build.event_count);
	tells(f, buf_string(&want));
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
	build_release(&build);
	buf_release(&want);
}

static void a_leftover_of_a_living_process_is_shipped_so_far_and_left(void **state)
{
	struct fixture *f = *state;
	struct build one = {0}, two = {0};
	struct buf want = {0};

	begin(f);
	leave(f);
	build_random_at(&one, 12, 100);
	two.head.first_seq = one.event_count;
	build_random_at(&two, 13, 100);
	maker_block(&f->maker, build_head(&one));
	assert_int_equal(collect(f), 1);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&one), &want);
	tells(f, buf_string(&want));
	assert_int_equal(collect(f), 0);
	maker_block(&f->maker, build_head(&two));
	maker_die(&f->maker);
	assert_int_equal(collect(f), 1);
	dump_block(f, build_head(&two), &want);
	buf_printf(&want, "finished events %lld status -1 signal 0 lost: \n",
		(long long)(one.event_count + two.event_count));
	tells(f, buf_string(&want));
	build_release(&one);
	build_release(&two);
	buf_release(&want);
}

static void a_leftover_that_no_tracer_opened_is_given_time(void **state)
{
	struct fixture *f = *state;

	f->run.started_ns = (int64_t)time(NULL) * 1000000000;
	create(f);
	ship_again(f);
	leave(f);
	assert_int_equal(collect(f), 0);
	assert_int_equal(access(buf_string(&f->path), F_OK), 0);
	assert_int_equal(unlink(buf_string(&f->path)), 0);
	f->run.started_ns -= SHIPPER_START_MS * 1000000ll;
	create(f);
	ship_again(f);
	leave(f);
	assert_int_equal(collect(f), 1);
	tells(f, "started python ? pid other\nfinished events 0 status -1 signal 0 lost: \n");
}

static void a_program_killed_before_its_tracer_spoke_is_not_waited_for(void **state)
{
	struct fixture *f = *state;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	f->run.started_ns = (int64_t)time(NULL) * 1000000000;
	create(f);
	ship_again(f);
	shipper_expect(f->shipper, child);
	assert_int_equal(waitpid(child, NULL, 0), child);
	leave(f);
	assert_int_equal(collect(f), 1);
	tells(f, "started python ? pid other\nfinished events 0 status -1 signal 0 lost: \n");
}

static void a_shipper_killed_at_the_very_end_is_not_told_twice(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_int_equal(step(f), 1);
	maker_die(&f->maker);
	atomic_store(&f->maker.header->started_shipped, 2); /* RunFinished is in the log */
	leave(f);
	assert_int_equal(collect(f), 1);
	tells(f, "started python 3.11.2 pid own\n");
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
}

static void what_was_dropped_at_the_end_is_told_once(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf told = {0};

	build_random_at(&build, 8, 100);
	for (int announced = 0; announced < 2; announced++) {
		const struct block_head *head = build_head(&build);
		char want[64];

		begin(f);
		maker_block(&f->maker, head);
		atomic_store(&f->maker.header->gap_seq, head->event_count - announced);
		atomic_store(&f->maker.header->gap_events, 7);
		maker_die(&f->maker);
		step(f);
		finish(f);
		tell(f, &told);
		assert_int_equal(strstr(buf_string(&told), "gap line=0 lost=7") == NULL, announced);
		snprintf(want, sizeof(want), "finished events %lld ",
			(long long)head->event_count + !announced);
		assert_non_null(strstr(buf_string(&told), want));
	}
	build_release(&build);
	buf_release(&told);
}

static void damaged_leftovers_do_not_stop_the_others(void **state)
{
	struct fixture *f = *state;
	struct buf junk = {0};
	size_t runs;

	buf_printf(&junk, "%s/000.spool", f->dir);
	file_write(buf_string(&junk), slice_text("junk"));
	begin(f);
	leave(f);
	maker_die(&f->maker);
	buf_clear(&junk);
	buf_printf(&junk, "%s/zzz.spool", f->dir);
	file_write(buf_string(&junk), slice_text("junk"));
	assert_int_equal(shipper_collect(f->dir, f->log, in_time, &runs, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, ".spool is cut short; set aside as "));
	assert_int_equal(runs, 1);
	tells(f, "started python 3.11.2 pid other\nfinished events 0 status -1 signal 0 lost: \n");
	assert_int_equal(collect(f), 0);
	buf_text(&junk, ".bad");
	assert_int_equal(access(buf_string(&junk), F_OK), 0);
	buf_release(&junk);
}

/* What the shipper has noted is at its beginning. */
static void of_a_spool_cut_in_its_header_the_run_ends_as_lost(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};
	size_t runs;

	build_random_at(&build, 10, 100);
	begin(f);
	maker_block(&f->maker, build_head(&build));
	assert_int_equal(step(f), 2);
	leave(f);
	maker_die(&f->maker);
	assert_int_equal(truncate(buf_string(&f->path), 30000), 0);
	f->maker.chunk = NULL; /* its pages are gone */
	assert_int_equal(shipper_collect(f->dir, f->log, in_time, &runs, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "spool is damaged: chunk at 65536: "));
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	buf_printf(&want, "finished events %lld status -1 signal 0 lost: \n",
		(long long)build.event_count);
	tells(f, buf_string(&want));
	assert_int_equal(collect(f), 0);
	build_release(&build);
	buf_release(&want);
}

/* A tracer in another process that is killed at any moment; its shipper, too. */
static void write_for_ever(const char *path, int ready)
{
	struct maker maker;
	struct build build = {0};

	maker_open(&maker, path);
	maker_python(&maker, "3.11.2");
	build_large(&build, 50, 10);
	for (int64_t seq = 0;; seq += build.event_count) {
		struct block_cursor *cursor = block_cursor_new();
		const struct event *event;
		int64_t events = 0;

		build.head.first_seq = seq;
		if (block_cursor_open_items(cursor, build_head(&build), NULL) < 0)
			_exit(1);
		maker_begin(&maker, seq, 0, build.items.len);
		while (block_cursor_next(cursor, &event, NULL) > 0)
			maker_commit(&maker,
				(struct slice){build.items.data, block_cursor_offset(cursor)},
				block_cursor_items(cursor), ++events);
		maker_end(&maker);
		block_cursor_free(cursor);
		if (seq == 0 && write(ready, "", 1) != 1)
			_exit(1);
	}
}

static void kill_9_of_program_and_shipper_leaves_no_hole(void **state)
{
	struct fixture *f = *state;
	struct buf got = {0};

	for (int round = 0; round < 6; round++) {
		int ready[2];
		pid_t writer, shipper;
		char byte;

		create(f);
		assert_int_equal(pipe(ready), 0);
		writer = fork();
		if (writer == 0)
			write_for_ever(buf_string(&f->path), ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		shipper = fork();
		if (shipper == 0) {
			/* As the owner that begins anew: the maker's mark is of the parent. */
			must(f, shipper_open(buf_string(&f->path), f->log, &f->shipper, &f->err));
			for (int steps = 0;; steps++) {
				step(f);
				if (steps == round * 3 && write(ready[1], "", 1) != 1)
					_exit(1);
			}
		}
		assert_int_equal(read(ready[0], &byte, 1), 1);
		kill(shipper, SIGKILL);
		assert_int_equal(waitpid(shipper, NULL, 0), shipper);
		kill(writer, SIGKILL);
		assert_int_equal(waitpid(writer, NULL, 0), writer);
		assert_int_equal(collect(f), 1);
		tell(f, &got); /* asserts that sequence numbers have no hole */
		assert_non_null(strstr(buf_string(&got), " lost: \n"));
		close(ready[0]);
		close(ready[1]);
	}
	buf_release(&got);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_killed_program_is_whole_up_to_its_last_event),
		test(a_log_that_fails_is_shipped_to_later),
		test(any_append_may_fail_and_be_tried_again),
		test(a_damaged_spool_is_shipped_as_far_as_it_is_good),
		test(a_leftover_of_a_dead_process_is_finished_as_lost),
		test(a_leftover_of_a_living_process_is_shipped_so_far_and_left),
		test(a_leftover_that_no_tracer_opened_is_given_time),
		test(a_program_killed_before_its_tracer_spoke_is_not_waited_for),
		test(a_shipper_killed_at_the_very_end_is_not_told_twice),
		test(what_was_dropped_at_the_end_is_told_once),
		test(damaged_leftovers_do_not_stop_the_others),
		test(of_a_spool_cut_in_its_header_the_run_ends_as_lost),
		test(kill_9_of_program_and_shipper_leaves_no_hole),
	};

	return cmocka_run_group_tests_name("ship_faults", tests, NULL, NULL);
}
