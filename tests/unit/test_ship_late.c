/* links: schemas ingest */
/*
 * The shipper on a log that acknowledges later than it appends, as Kafka's does.
 */
#include "tests/lib/ship.h"

#include <poll.h>

#include "ingest/log_internal.h"

#define SLOW_MS 20

/* Passes on to a file log at once; says so when the test wants. */
struct late {
	struct log base;
	struct log *log;
	uint64_t acknowledged;
	uint64_t window; /* appends on their way, at most */
	bool eager;      /* flushing acknowledges */
	bool slow;       /* takes SLOW_MS, and each second time acknowledges one more */
	int flushes;
	bool broken;            /* for good */
	struct fixture *writer; /* NULL: none; writes another large block with each append ... */
	int64_t writes;         /* so many times */
	int runs_topic;         /* records of LOG_RUNS */
};

/* The tracer is faster than the log. */
static void write_more(struct late *late)
{
	struct build build = {0};

	late->writes--;
	build.head.first_seq = late->writer->maker.next_seq;
	build_large(&build, 5, 40000);
	maker_block(&late->writer->maker, build_head(&build));
	build_release(&build);
}

static int late_append(struct log *log, enum log_topic topic, struct slice key,
	struct slice message, struct err *err)
{
	struct late *self = (struct late *)log;

	if (self->broken)
		return err_set(err, ERR_STATE, "broken");
	if (log_appended(log) - self->acknowledged >= self->window)
		return err_set(err, ERR_BUSY, "late");
	self->runs_topic += topic == LOG_RUNS;
	if (self->writer && self->writes > 0)
		write_more(self);
	return log_append(self->log, topic, key, message, err);
}

static uint64_t late_acknowledged(struct log *log)
{
	return ((struct late *)log)->acknowledged;
}

static int late_flush(struct log *log, int timeout_ms, struct err *err)
{
	struct late *self = (struct late *)log;

	(void)timeout_ms;
	if (self->broken)
		return err_set(err, ERR_STATE, "broken");
	if (self->slow && self->acknowledged < log_appended(log)) {
		poll(NULL, 0, SLOW_MS);
		self->acknowledged += self->flushes++ % 2;
	}
	if (self->eager)
		self->acknowledged = log_appended(log);
	if (self->acknowledged < log_appended(log))
		return err_set(err, ERR_BUSY, "late");
	return 0;
}

static int late_sync(struct log *log, struct err *err)
{
	return log_sync(((struct late *)log)->log, err);
}

static const struct log_class late_class = {
	.append = late_append,
	.acknowledged = late_acknowledged,
	.flush = late_flush,
	.sync = late_sync,
};

static struct late late_on(struct fixture *f)
{
	return (struct late){.base.class = &late_class, .log = f->log, .window = 100};
}

static void acknowledge_all(struct late *late)
{
	late->acknowledged = log_appended(&late->base);
}

static void begin_late(struct fixture *f, struct late *late)
{
	begin(f);
	leave(f);
	must(f, shipper_open(buf_string(&f->path), &late->base, &f->shipper, &f->err));
}

static void want_run(struct fixture *f, struct build *build, bool lost, struct buf *want)
{
	buf_clear(want);
	buf_text(want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(build), want);
	buf_printf(want, "finished events %lld status %d signal 0%s: \n",
		(long long)build->event_count, lost ? -1 : 3, lost ? " lost" : "");
}

static void the_start_of_a_run_is_safe_before_anything_else_goes(void **state)
{
	struct fixture *f = *state;
	struct late late = late_on(f);
	struct build build = {0};

	begin_late(f, &late);
	build_random_at(&build, 1, 50);
	maker_block(&f->maker, build_head(&build));
	assert_int_equal(step(f), 1);
	assert_int_equal(step(f), 0);
	assert_int_equal(log_appended(&late.base), 1);
	acknowledge_all(&late);
	assert_int_equal(step(f), 1);
	build_release(&build);
}

static void what_is_not_acknowledged_is_not_noted(void **state)
{
	struct fixture *f = *state;
	struct late late = late_on(f);
	struct build build = {0};
	struct spool_header *header;

	begin_late(f, &late);
	header = f->maker.header;
	build_random_at(&build, 2, 50);
	maker_block(&f->maker, build_head(&build));
	step(f);
	assert_int_equal(atomic_load(&header->started_shipped), 0);
	acknowledge_all(&late);
	step(f);
	assert_int_equal(atomic_load(&header->started_shipped), 1);
	assert_int_equal(atomic_load(&header->shipped_seq), 0);
	assert_int_equal(shipper_events(f->shipper), build.event_count);
	acknowledge_all(&late);
	step(f);
	assert_int_equal(atomic_load(&header->shipped_seq), build.event_count);
	assert_int_equal(atomic_load(&header->shipped_offset), f->maker.chunk_at + f->maker.used);
	build_release(&build);
}

static void what_is_not_noted_is_shipped_again(void **state)
{
	struct fixture *f = *state;
	struct late late = late_on(f);
	struct build one = {0}, two = {0};
	struct buf want = {0};

	begin_late(f, &late);
	build_random_at(&one, 3, 50);
	two.head.first_seq = one.event_count;
	build_random_at(&two, 4, 50);
	maker_block(&f->maker, build_head(&one));
	step(f);
	acknowledge_all(&late);
	step(f);
	acknowledge_all(&late);
	maker_block(&f->maker, build_head(&two));
	assert_int_equal(step(f), 1);
	leave(f); /* of the second block nobody knows whether it arrived */
	must(f, shipper_open(buf_string(&f->path), &late.base, &f->shipper, &f->err));
	assert_int_equal(step(f), 1);
	late.eager = true;
	finish(f);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&one), &want);
	dump_block(f, build_head(&two), &want);
	buf_printf(&want, "finished events %lld status 3 signal 0: \n",
		(long long)(one.event_count + two.event_count));
	tells(f, buf_string(&want));
	build_release(&one);
	build_release(&two);
	buf_release(&want);
}

static void the_end_of_a_run_comes_after_all_is_safe(void **state)
{
	const struct shipper_end end = {.exit_status = 3};
	struct fixture *f = *state;
	struct late late = late_on(f);
	struct build build = {0};
	struct buf want = {0};

	begin_late(f, &late);
	build_random_at(&build, 5, 50);
	maker_block(&f->maker, build_head(&build));
	/* Start, block, end: each is waited for. */
	for (uint64_t appended = 1; appended <= 3; appended++) {
		for (int i = 0; i < 2; i++)
			assert_int_equal(
				shipper_finish_within(f->shipper, &end, 0, &f->err), ERR_BUSY);
		assert_string_equal(f->err.message, "late");
		assert_int_equal(log_appended(&late.base), appended);
		acknowledge_all(&late);
	}
	must(f, shipper_finish_within(f->shipper, &end, 0, &f->err));
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
	want_run(f, &build, false, &want);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void a_log_that_takes_no_more_is_no_failure(void **state)
{
	struct fixture *f = *state;
	struct late late = late_on(f);
	struct build build = {0};
	struct buf want = {0};

	late.window = 1;
	begin_late(f, &late);
	build_large(&build, 7, 300000); /* three messages */
	maker_block(&f->maker, build_head(&build));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(step(f), 1);
		assert_int_equal(step(f), 0);
		acknowledge_all(&late);
	}
	late.eager = true;
	finish(f);
	want_run(f, &build, false, &want);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void chunks_are_given_back_when_they_are_safe(void **state)
{
	struct fixture *f = *state;
	struct late late = late_on(f);
	struct spool_header *header;
	struct build build = {0};
	uint64_t taken;

	begin_late(f, &late);
	header = f->maker.header;
	build_large(&build, 5, 40000);
	step(f);
	acknowledge_all(&late);
	for (int i = 0; i < 4; i++) { /* each more than half a chunk */
		build.head.first_seq = i * build.event_count;
		maker_block(&f->maker, build_head(&build));
		assert_int_equal(step(f), 1);
	}
	taken = atomic_load(&header->shipped_bytes);
	assert_true(taken < CHUNK_BYTES);
	assert_int_equal(atomic_load(&header->free_chunks[0]), 0);
	acknowledge_all(&late);
	step(f);
	assert_true(atomic_load(&header->shipped_bytes) > taken);
	assert_int_not_equal(atomic_load(&header->free_chunks[0]), 0);
	build_release(&build);
}

static void a_broken_log_leaves_the_rest_for_the_next(void **state)
{
	const struct shipper_end end = {.exit_status = 3};
	struct fixture *f = *state;
	struct late late = late_on(f), other = late_on(f);
	struct build build = {0};
	struct buf want = {0};
	size_t runs;

	begin_late(f, &late);
	build_random_at(&build, 6, 50);
	maker_block(&f->maker, build_head(&build));
	step(f);
	acknowledge_all(&late);
	step(f);
	late.broken = true;
	assert_int_equal(shipper_finish(f->shipper, &end, &f->err), ERR_STATE);
	assert_string_equal(f->err.message, "broken");
	leave(f);
	maker_die(&f->maker);
	other.eager = true;
	must(f, shipper_collect(f->dir, &other.base, in_time, &runs, &f->err));
	assert_int_equal(runs, 1);
	want_run(f, &build, true, &want);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void collecting_waits_for_a_slow_log_if_it_shall(void **state)
{
	struct shipper_wait wait = {.timeout_ms = 2 * SLOW_MS};
	struct fixture *f = *state;
	struct late late = late_on(f);
	struct build build[6];
	size_t runs;

	begin_late(f, &late);
	leave(f);
	late.slow = true;
	late.window = 1;
	for (unsigned i = 0; i < 6; i++) {
		build[i] = (struct build){0};
		build[i].head.first_seq =
			i ? build[i - 1].head.first_seq + build[i - 1].event_count : 0;
		build_random_at(&build[i], 40 + i, 50);
		maker_block(&f->maker, build_head(&build[i]));
	}
	maker_die(&f->maker);
	assert_int_equal(shipper_collect(f->dir, &late.base, wait, &runs, &f->err), ERR_BUSY);
	assert_string_equal(f->err.message, "late");
	late.acknowledged = log_appended(&late.base);
	wait.renewed = true;
	must(f, shipper_collect(f->dir, &late.base, wait, &runs, &f->err));
	assert_int_equal(runs, 1);
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
	for (unsigned i = 0; i < 6; i++)
		build_release(&build[i]);
}

static void collecting_does_not_follow_a_living_writer(void **state)
{
	struct fixture *f = *state;
	struct late late = late_on(f);
	struct build build = {0};
	size_t runs;

	begin_late(f, &late);
	leave(f);
	late.eager = true;
	build_large(&build, 5, 40000);
	maker_block(&f->maker, build_head(&build));
	late.writer = f;
	late.writes = 60;
	must(f, shipper_collect(
			f->dir, &late.base, (struct shipper_wait){10000, true}, &runs, &f->err));
	assert_int_equal(runs, 1);
	assert_in_range(late.writes, 40, 59);
	build_release(&build);
}

static void shippers_share_a_log(void **state)
{
	const struct shipper_end end = {.exit_status = 3};
	struct fixture *f = *state, other = *f;
	struct late late = late_on(f);
	struct build build = {0};
	struct buf want = {0};

	other.path = (struct buf){0};
	other.maker = (struct maker){.fd = -1};
	build_random_at(&build, 7, 50);
	begin_late(f, &late);
	begin_late(&other, &late);
	maker_block(&f->maker, build_head(&build));
	maker_block(&other.maker, build_head(&build));
	assert_int_equal(step(f), 1);
	assert_int_equal(step(&other), 1);
	late.acknowledged = 1;
	assert_int_equal(step(&other), 0);
	assert_int_equal(step(f), 1);
	late.acknowledged = 3;
	assert_int_equal(step(&other), 1);
	/* The other one's block is the last: this one's are safe before it. */
	assert_int_equal(shipper_finish_within(f->shipper, &end, 0, &f->err), ERR_BUSY);
	late.acknowledged = 5;
	must(f, shipper_finish_within(f->shipper, &end, 0, &f->err));
	late.eager = true;
	finish(&other);
	want_run(f, &build, false, &want);
	tells(f, buf_string(&want));
	want_run(&other, &build, false, &want);
	tells(&other, buf_string(&want));
	maker_close(&other.maker);
	leave(&other);
	buf_release(&other.path);
	build_release(&build);
	buf_release(&want);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_start_of_a_run_is_safe_before_anything_else_goes),
		test(what_is_not_acknowledged_is_not_noted),
		test(what_is_not_noted_is_shipped_again),
		test(the_end_of_a_run_comes_after_all_is_safe),
		test(a_log_that_takes_no_more_is_no_failure),
		test(chunks_are_given_back_when_they_are_safe),
		test(a_broken_log_leaves_the_rest_for_the_next),
		test(collecting_waits_for_a_slow_log_if_it_shall),
		test(collecting_does_not_follow_a_living_writer),
		test(shippers_share_a_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
