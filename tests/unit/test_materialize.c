/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "materializer/applied.h"
#include "materializer/key.h"
#include "materializer/lock.h"
#include "materializer/materialize.h"
#include "materializer/query.h"
#include "tests/lib/help_child.h"
#include "tests/lib/help_database.h"
#include "tests/lib/help_dir.h"

static void append_runs(struct fixture *f, uint8_t first, uint8_t last, int64_t events)
{
	for (uint8_t run = first; run <= last; run++)
		told_all(&f->told, run, events);
	append(f);
}

static void bring_up_to_date(struct fixture *f)
{
	good(f, materialize_now(&f->paths, f->log, NULL, &f->err));
}

static struct digest digest(struct fixture *f)
{
	struct digest digest;
	struct query *query;

	good(f, query_open(&f->paths, &query, &f->err));
	good(f, query_digest(query, &digest, &f->err));
	query_close(query);
	return digest;
}

static int64_t events_of(struct fixture *f, uint8_t run)
{
	struct run_id id = told_run(run);
	struct query *query;
	int64_t events;

	good(f, query_open(&f->paths, &query, &f->err));
	good(f, query_verify(query, &id, &events, &f->err));
	query_close(query);
	return events;
}

static void expect_rebuild_is_the_same(struct fixture *f)
{
	struct digest live = digest(f), again;

	good(f, materialize_rebuild(&f->paths, f->log, NULL, &f->err));
	again = digest(f);
	assert_memory_equal(live.bytes, again.bytes, sizeof(live.bytes));
}

static void a_reopened_fold_goes_on_where_it_was(void **state)
{
	struct fixture *f = *state;
	struct materializer *m;
	size_t records;

	append_runs(f, 1, 1, 30);
	for (int i = 0; i < 6; i++) {
		good(f, materializer_open(&f->paths, f->log, &m, &f->err));
		good(f, materializer_step(m, 1, &records, &f->err));
		assert_int_equal(records, 1);
		assert_int_equal(materializer_quarantined(m), 0);
		materializer_close(m);
	}
	good(f, materializer_open(&f->paths, f->log, &m, &f->err));
	good(f, materializer_step(m, 1, &records, &f->err));
	assert_int_equal(records, 0);
	materializer_close(m);
	assert_int_equal(events_of(f, 1), 30);
	expect_rebuild_is_the_same(f);
}

static void progress_comes_to_its_end(void **state)
{
	struct fixture *f = *state;
	struct materializer *m;
	uint64_t done, total;
	size_t records;

	append_runs(f, 1, 2, 100);
	good(f, materializer_open(&f->paths, f->log, &m, &f->err));
	good(f, materializer_progress(m, &done, &total));
	assert_true(done < total);
	do
		good(f, materializer_step(m, 1u << 20, &records, &f->err));
	while (records);
	good(f, materializer_progress(m, &done, &total));
	assert_true(done == total);
	materializer_close(m);
}

static void a_second_one_is_refused_and_told_who_holds_the_lock(void **state)
{
	struct fixture *f = *state;
	struct materializer *m, *second;
	char pid[32];

	good(f, materializer_open(&f->paths, f->log, &m, &f->err));
	assert_int_equal(materializer_open(&f->paths, f->log, &second, &f->err), ERR_BUSY);
	assert_null(second);
	snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	assert_non_null(strstr(f->err.message, pid));
	assert_int_equal(materialize_rebuild(&f->paths, f->log, NULL, &f->err), ERR_BUSY);
	materializer_close(m);
	good(f, materializer_open(&f->paths, f->log, &second, &f->err));
	materializer_close(second);
}

static void how_far_it_is_can_be_read_without_the_lock(void **state)
{
	struct fixture *f = *state;
	struct materializer *m;
	struct position applied, end;
	size_t records;

	good(f, materializer_applied(&f->paths, &applied, &f->err));
	assert_int_equal(applied.len, 0);
	append_runs(f, 1, 1, 10);
	good(f, log_end(f->log, &end, &f->err));
	good(f, materializer_open(&f->paths, f->log, &m, &f->err));
	good(f, materializer_applied(&f->paths, &applied, &f->err));
	assert_true(position_compare(&applied, &end) < 0);
	good(f, materializer_step(m, 1u << 20, &records, &f->err));
	good(f, materializer_applied(&f->paths, &applied, &f->err));
	assert_int_equal(position_compare(&applied, &end), 0);
	materializer_close(m);
	good(f, materializer_applied(&f->paths, &applied, &f->err));
	assert_int_equal(position_compare(&applied, &end), 0);
}

static void a_torn_slot_leaves_the_one_before(void **state)
{
	struct fixture *f = *state;
	struct applied applied;
	struct position position = {.len = 3, .bytes = {1, 2, 3}}, got;
	struct buf content = {0};

	good(f, applied_open(&applied, f->paths.applied, &f->err));
	good(f, applied_write(&applied, &position, &f->err));
	position.bytes[0] = 9;
	good(f, applied_write(&applied, &position, &f->err));
	applied_close(&applied);
	good(f, applied_read(f->paths.applied, &got, &f->err));
	assert_int_equal(got.bytes[0], 9);
	file_read(f->paths.applied, &content);
	content.data[8] ^= 1; /* the newer, second write's slot is the first */
	file_write(f->paths.applied, buf_slice(&content));
	good(f, applied_read(f->paths.applied, &got, &f->err));
	assert_int_equal(got.len, 3);
	assert_int_equal(got.bytes[0], 1);
	file_write(f->paths.applied, slice_text("no such thing"));
	good(f, applied_read(f->paths.applied, &got, &f->err));
	assert_int_equal(got.len, 0);
	buf_release(&content);
}

static void who_finds_the_lock_taken_waits_for_the_holder(void **state)
{
	struct fixture *f = *state;
	char fifo[4096];
	pid_t holder;
	char byte;
	int fd, ready;

	append_runs(f, 1, 1, 10);
	snprintf(fifo, sizeof(fifo), "%s/ready", f->dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	holder = child_start("hold", f->dir, fifo);
	ready = open(fifo, O_RDONLY);
	assert_int_equal(read(ready, &byte, 1), 1);
	good(f, materialize_now(&f->paths, f->log, &(struct materialize_options){.wait_ms = 20000},
			&f->err));
	assert_int_equal(f->err.code, ERR_NONE);
	assert_int_equal(lock_take(f->paths.lock, &fd, &f->err), ERR_BUSY);
	assert_int_equal(events_of(f, 1), 10);
	/* The holder does nothing more: it is told, within the time given. */
	append_runs(f, 2, 2, 10);
	assert_int_equal(materialize_now(&f->paths, f->log,
				 &(struct materialize_options){.wait_ms = 30}, &f->err),
		ERR_BUSY);
	assert_non_null(strstr(f->err.message, "not up to date within 30 ms"));
	child_kill_after(holder, 0);
	bring_up_to_date(f);
	assert_int_equal(events_of(f, 2), 10);
	close(ready);
}

static void a_store_that_is_current_needs_no_lock(void **state)
{
	struct fixture *f = *state;
	int fd;

	append_runs(f, 1, 1, 10);
	bring_up_to_date(f);
	good(f, lock_take(f->paths.lock, &fd, &f->err));
	bring_up_to_date(f);
	lock_release(fd);
	good(f, store_remove(f->paths.store, &f->err));
	bring_up_to_date(f);
	assert_int_equal(events_of(f, 1), 10);
}

static void many_at_once_lose_nothing(void **state)
{
	struct fixture *f = *state;
	pid_t children[6];

	for (int i = 0; i < 6; i++) {
		char run[] = {(char)('1' + i), '\0'};

		children[i] = child_start("append", f->dir, run);
	}
	for (int i = 0; i < 6; i++)
		assert_int_equal(child_wait(children[i]), 0);
	for (uint8_t run = 1; run <= 6; run++)
		assert_int_equal(events_of(f, run), 200);
	expect_rebuild_is_the_same(f);
}

static void start_and_kill(struct fixture *f, const char *role, unsigned us)
{
	int status = child_kill_after(child_start(role, f->dir, NULL), us);

	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
}

static void a_killed_fold_leaves_a_store_that_goes_on(void **state)
{
	struct fixture *f = *state;
	struct random random = {.state = 3};

	for (uint8_t round = 0; round < 20; round++) {
		append_runs(f, (uint8_t)(1 + 3 * round), (uint8_t)(3 + 3 * round), 200);
		if (round % 4 == 3) {
			told_deleted(&f->told, round);
			append(f);
		}
		start_and_kill(f, "fold", (unsigned)random_below(&random, 90000));
	}
	bring_up_to_date(f);
	expect_rebuild_is_the_same(f);
}

static void a_killed_rebuild_leaves_the_store_whole(void **state)
{
	struct fixture *f = *state;
	struct random random = {.state = 5};
	struct digest before, after;

	append_runs(f, 1, 20, 300);
	bring_up_to_date(f);
	before = digest(f);
	for (int round = 0; round < 15; round++) {
		start_and_kill(f, "rebuild", (unsigned)random_below(&random, 200000));
		bring_up_to_date(f);
		after = digest(f);
		assert_memory_equal(before.bytes, after.bytes, sizeof(before.bytes));
	}
	good(f, materialize_rebuild(&f->paths, f->log, NULL, &f->err));
	after = digest(f);
	assert_memory_equal(before.bytes, after.bytes, sizeof(before.bytes));
}

/* As a disk that is full: RocksDB's files may not grow. */
static void a_failed_write_is_an_error_and_no_loss(void **state)
{
	struct fixture *f = *state;

	append_runs(f, 1, 40, 1000);
	assert_int_equal(child_wait(child_start("limited", f->dir, NULL)), 0);
	bring_up_to_date(f);
	assert_int_equal(events_of(f, 40), 1000);
	expect_rebuild_is_the_same(f);
}

static void a_reader_outlives_a_rebuild(void **state)
{
	struct fixture *f = *state;
	struct run_id run = told_run(2);
	struct query *query;
	int64_t events;

	append_runs(f, 1, 1, 20);
	bring_up_to_date(f);
	good(f, query_open(&f->paths, &query, &f->err));
	good(f, materialize_rebuild(&f->paths, f->log, NULL, &f->err));
	append_runs(f, 2, 2, 20);
	bring_up_to_date(f);
	good(f, query_refresh(query, &f->err));
	good(f, query_verify(query, &run, &events, &f->err));
	assert_int_equal(events, 20);
	query_close(query);
}

static void another_log_is_refused_until_a_rebuild(void **state)
{
	struct fixture *f = *state;
	struct materializer *m;

	append_runs(f, 1, 2, 50);
	bring_up_to_date(f);
	log_close(f->log);
	good(f, store_remove(f->paths.log, &f->err));
	good(f, file_log_open(f->paths.log, true, &f->log, &f->err));
	append_runs(f, 3, 3, 10);
	assert_true(materializer_open(&f->paths, f->log, &m, &f->err) < 0);
	assert_null(m);
	assert_non_null(strstr(f->err.message, "smiley rebuild"));
	assert_true(materialize_now(&f->paths, f->log, NULL, &f->err) < 0);
	good(f, materialize_rebuild(&f->paths, f->log, NULL, &f->err));
	bring_up_to_date(f);
	assert_int_equal(events_of(f, 3), 10);
}

static void another_versions_store_is_refused_until_a_rebuild(void **state)
{
	struct fixture *f = *state;
	struct key_parts none = {0};
	struct buf key = {0};
	struct store *store;
	struct query *query;
	struct materializer *m;

	append_runs(f, 1, 1, 10);
	bring_up_to_date(f);
	good(f, store_open(f->paths.store, &store, &f->err));
	store_put(store, STORE_META, key_encode(KEY_VERSION, &none, &key), slice_text("?"));
	good(f, store_commit(store, &f->err));
	store_close(store);
	buf_release(&key);
	assert_int_equal(materializer_open(&f->paths, f->log, &m, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "smiley rebuild"));
	assert_int_equal(query_open(&f->paths, &query, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "smiley rebuild"));
	good(f, materialize_rebuild(&f->paths, f->log, NULL, &f->err));
	assert_int_equal(events_of(f, 1), 10);
}

/* Cuts the store's largest file of a kind to the given part of it. */
static void cut_largest(struct fixture *f, const char *ending, off_t numerator, off_t denominator)
{
	DIR *listing = opendir(f->paths.store);
	char *largest = NULL;
	struct dirent *entry;
	struct stat status;
	off_t most = 0;

	while ((entry = readdir(listing))) {
		if (!strstr(entry->d_name, ending) ||
			fstatat(dirfd(listing), entry->d_name, &status, 0) < 0 ||
			status.st_size <= most)
			continue;
		most = status.st_size;
		free(largest);
		assert_true(asprintf(&largest, "%s/%s", f->paths.store, entry->d_name) > 0);
	}
	closedir(listing);
	assert_non_null(largest);
	assert_int_equal(truncate(largest, most * numerator / denominator), 0);
	free(largest);
}

static void a_write_ahead_log_that_lost_its_end_is_told_with_the_remedy(void **state)
{
	struct fixture *f = *state;
	struct query *query;

	for (off_t cut = 0; cut < 2; cut++) {
		append_runs(f, (uint8_t)(1 + cut), (uint8_t)(1 + cut), 30);
		bring_up_to_date(f);
		cut_largest(f, ".log", cut, 2);
		assert_int_equal(query_open(&f->paths, &query, &f->err), ERR_FORMAT);
		assert_non_null(strstr(f->err.message, "smiley rebuild"));
		good(f, materialize_rebuild(&f->paths, f->log, NULL, &f->err));
		assert_int_equal(events_of(f, (uint8_t)(1 + cut)), 30);
	}
}

static void a_table_that_was_cut_short_is_told_with_the_remedy(void **state)
{
	struct fixture *f = *state;
	struct query *query;
	int rc;

	append_runs(f, 1, 1, 300);
	good(f, materialize_rebuild(&f->paths, f->log, NULL, &f->err));
	good(f, query_open(&f->paths, &query, &f->err));
	good(f, query_check(query, &f->err));
	query_close(query);
	cut_largest(f, ".sst", 1, 2);
	rc = query_open(&f->paths, &query, &f->err);
	rc = rc ? rc : query_check(query, &f->err);
	query_close(query);
	assert_int_equal(rc, ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "smiley rebuild"));
}

static void no_database_is_told_with_what_to_do(void **state)
{
	struct fixture *f = *state;
	struct database_paths paths;
	struct stat status;
	char *dir;

	if (asprintf(&dir, "%s/none.db", f->dir) < 0)
		abort();
	assert_int_equal(database_paths_init(&paths, dir, false, &f->err), ERR_NOT_FOUND);
	assert_non_null(strstr(f->err.message, "--database"));
	good(f, database_paths_init(&paths, dir, true, &f->err));
	assert_int_equal(stat(dir, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_int_equal(stat(paths.spool, &status), 0);
	assert_int_equal(paths.root[0], '/');
	database_paths_release(&paths);
	free(dir);
}

/* The children's parts: each returns an exit status. */
static int hold(struct fixture *f, const char *fifo)
{
	struct materializer *m;
	size_t records;
	int ready;

	if (materializer_open(&f->paths, f->log, &m, &f->err) < 0 ||
		materializer_step(m, 1u << 20, &records, &f->err) < 0)
		return 1;
	ready = open(fifo, O_WRONLY);
	if (write(ready, "x", 1) != 1)
		return 1;
	pause();
	return 0;
}

static int append_and_wait(struct fixture *f, const char *run)
{
	told_all(&f->told, (uint8_t)(run[0] - '0'), 200);
	append(f);
	return materialize_now(&f->paths, f->log, &(struct materialize_options){.wait_ms = 20000},
		       &f->err) < 0;
}

static int fold(struct fixture *f, const char *unused)
{
	struct materializer *m;
	size_t records = 1;
	int rc = materializer_open(&f->paths, f->log, &m, &f->err);

	(void)unused;
	while (rc == 0 && records)
		rc = materializer_step(m, 2000, &records, &f->err);
	if (rc == 0)
		materializer_close(m);
	return rc < 0;
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static int limited(struct fixture *f, const char *unused)
{
	struct materializer *m;
	size_t records = 1;
	int rc = materializer_open(&f->paths, f->log, &m, &f->err);

	(void)unused;
	limit_files(200 * 1024);
	while (rc == 0 && records)
		rc = materializer_step(m, 20000, &records, &f->err);
	if (rc == 0)
		return 3;
	rc = materializer_step(m, 20000, &records, &f->err);
	if (rc == 0)
		return 4;
	limit_files(RLIM_INFINITY);
	materializer_close(m);
	rc = materializer_open(&f->paths, f->log, &m, &f->err);
	if (rc < 0)
		return 5;
	materializer_close(m);
	return strstr(f->err.message, "fold the log") ? 0 : 6;
}

static int rebuild(struct fixture *f, const char *unused)
{
	(void)unused;
	return materialize_rebuild(&f->paths, f->log, NULL, &f->err) < 0;
}

static int be_child(const char *role, const char *dir, const char *argument)
{
	static const struct part {
		const char *role;
		int (*run)(struct fixture *f, const char *argument);
	} parts[] = {{"hold", hold}, {"append", append_and_wait}, {"fold", fold},
		{"limited", limited}, {"rebuild", rebuild}};
	struct fixture f = {0};

	if (database_paths_init(&f.paths, dir, true, &f.err) < 0 ||
		file_log_open(f.paths.log, true, &f.log, &f.err) < 0)
		return 1;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(parts[i].role, role) == 0) {
			int status = parts[i].run(&f, argument);

			if (status)
				fprintf(stderr, "# %s: %s\n", role, f.err.message);
			log_close(f.log);
			told_release(&f.told);
			database_paths_release(&f.paths);
			return status;
		}
	}
	return 2;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, database_setup, database_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reopened_fold_goes_on_where_it_was),
		TEST(progress_comes_to_its_end),
		TEST(a_second_one_is_refused_and_told_who_holds_the_lock),
		TEST(how_far_it_is_can_be_read_without_the_lock),
		TEST(a_torn_slot_leaves_the_one_before),
		TEST(who_finds_the_lock_taken_waits_for_the_holder),
		TEST(a_store_that_is_current_needs_no_lock),
		TEST(many_at_once_lose_nothing),
		TEST(a_killed_fold_leaves_a_store_that_goes_on),
		TEST(a_killed_rebuild_leaves_the_store_whole),
		TEST(a_failed_write_is_an_error_and_no_loss),
		TEST(a_reader_outlives_a_rebuild),
		TEST(another_log_is_refused_until_a_rebuild),
		TEST(another_versions_store_is_refused_until_a_rebuild),
		TEST(a_write_ahead_log_that_lost_its_end_is_told_with_the_remedy),
		TEST(a_table_that_was_cut_short_is_told_with_the_remedy),
		TEST(no_database_is_told_with_what_to_do),
	};

	if (argc >= 3)
		return be_child(argv[1], argv[2], argc > 3 ? argv[3] : NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
