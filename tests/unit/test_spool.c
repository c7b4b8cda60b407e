/* links: schemas ingest */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ingest/spool.h"
#include "ingest/spool_internal.h"
#include "schemas/process.h"
#include "schemas/spool_file.h"
#include "tests/lib/help_dir.h"
#include "tests/lib/help_spool.h"

struct fixture {
	char *dir;
	struct run_started run;
	struct buf path;
	struct maker maker;
	struct spool spool;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = dir_make();
	f->maker.fd = f->spool.fd = -1;
	run_id_new(&f->run.run);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->maker.fd >= 0)
		maker_close(&f->maker);
	spool_close(&f->spool);
	buf_release(&f->path);
	dir_remove(f->dir);
	free(f);
	return 0;
}

static void create(struct fixture *f)
{
	const struct spool_settings settings = {.options = slice_text("a=1\n"), .limit_bytes = 77};

	if (spool_create(f->dir, &f->run, &settings, &f->path, &f->err) < 0)
		fail_msg("%s", f->err.message);
}

/* A spool with both ends open. */
static void open_both(struct fixture *f)
{
	create(f);
	maker_open(&f->maker, buf_string(&f->path));
	if (spool_open(&f->spool, buf_string(&f->path), &f->err) < 0)
		fail_msg("%s", f->err.message);
}

static void a_new_spool_holds_what_the_tracer_and_a_later_shipper_need(void **state)
{
	struct fixture *f = *state;
	struct run_started started;
	struct slice body;
	struct stat status;

	f->run.cwd = slice_text("/here");
	create(f);
	assert_int_equal(stat(buf_string(&f->path), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(status.st_size, SPOOL_HEADER_BYTES);
	assert_int_equal(spool_open(&f->spool, buf_string(&f->path), &f->err), 0);
	assert_memory_equal(f->spool.header->options, "a=1\n", f->spool.header->options_bytes);
	assert_int_equal(f->spool.header->limit_bytes, 77);
	assert_int_equal(f->spool.header->state, SPOOL_CREATED);
	assert_int_equal(message_parse((struct slice){f->spool.header->started,
					       f->spool.header->started_bytes},
				 &body, &f->err),
		SCHEMA_RUN_STARTED);
	assert_int_equal(run_started_decode(body, &started, &f->err), 0);
	assert_true(run_id_equal(&started.run, &f->run.run));
	assert_true(slice_equal(started.cwd, slice_text("/here")));
}

static void arguments_that_do_not_fit_are_cut(void **state)
{
	struct fixture *f = *state;
	struct buf items = {0}, large = {0};
	struct run_started started;
	struct slice body, text;

	for (int i = 0; i < 100000; i++)
		buf_text(&large, "\xc3\xa4");
	for (int i = 0; i < 1000; i++)
		text_list_add(&items, &f->run.argv.count, buf_slice(&large));
	f->run.argv.items = buf_slice(&items);
	create(f);
	assert_int_equal(spool_open(&f->spool, buf_string(&f->path), &f->err), 0);
	assert_int_equal(message_parse((struct slice){f->spool.header->started,
					       f->spool.header->started_bytes},
				 &body, &f->err),
		SCHEMA_RUN_STARTED);
	assert_int_equal(run_started_decode(body, &started, &f->err), 0);
	assert_in_range(started.argv.count, 100, 300);
	assert_true(text_list_next(&started.argv, &text));
	assert_in_range(text.len, 100, 300);
	buf_release(&items);
	buf_release(&large);
}

static void options_that_do_not_fit_are_an_error(void **state)
{
	struct fixture *f = *state;
	char *large = calloc(1, SPOOL_OPTIONS_BYTES + 1);
	struct spool_settings settings = {
		.options = {(const uint8_t *)large, SPOOL_OPTIONS_BYTES + 1}};

	assert_int_equal(spool_create(f->dir, &f->run, &settings, &f->path, &f->err), ERR_LIMIT);
	assert_string_equal(f->err.message, "the tracer's options are over 20480 bytes");
	assert_int_equal(f->path.len, 0);
	free(large);
}

static int count_spool(void *context, const char *path, struct err *err)
{
	(void)path;
	(void)err;
	++*(int *)context;
	return 0;
}

static int scanned(struct fixture *f)
{
	int count = 0;

	assert_int_equal(spool_scan(f->dir, count_spool, &count, &f->err), 0);
	return count;
}

static void only_spools_whose_owner_is_gone_are_found(void **state)
{
	struct fixture *f = *state;
	struct spool spool;
	pid_t pid;

	create(f);
	assert_int_equal(scanned(f), 0); /* its maker lives and is about to open it */
	assert_int_equal(spool_open(&f->spool, buf_string(&f->path), &f->err), 0);
	assert_int_equal(scanned(f), 0);
	assert_int_equal(spool_open(&spool, buf_string(&f->path), &f->err), ERR_BUSY);
	atomic_store(&f->spool.header->shipper_start, f->spool.header->shipper_start + 1);
	assert_int_equal(scanned(f), 0); /* the lock */
	spool_close(&f->spool);
	assert_int_equal(scanned(f), 1); /* the pid is another process's by now */
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(spool_open(&f->spool, buf_string(&f->path), &f->err), 0);
	atomic_store(&f->spool.header->shipper_pid, (int32_t)pid);
	spool_close(&f->spool);
	assert_int_equal(scanned(f), 1);
	assert_int_equal(unlink(buf_string(&f->path)), 0);
	assert_int_equal(scanned(f), 0);
	assert_int_equal(spool_open(&spool, buf_string(&f->path), &f->err), ERR_NOT_FOUND);
}

static void what_a_killed_maker_left_is_removed_once_it_is_old(void **state)
{
	struct fixture *f = *state;
	struct timespec long_ago[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	buf_printf(&f->path, "%s/x.spool.new", f->dir);
	file_write(buf_string(&f->path), slice_text("half"));
	assert_int_equal(scanned(f), 0);
	assert_int_equal(access(buf_string(&f->path), F_OK), 0);
	assert_int_equal(utimensat(AT_FDCWD, buf_string(&f->path), long_ago, 0), 0);
	assert_int_equal(scanned(f), 0);
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
}

static void a_missing_directory_is_no_spools(void **state)
{
	int count = 0;

	(void)state;
	assert_int_equal(spool_scan("/nonexistent/spool", count_spool, &count, NULL), 0);
	assert_int_equal(count, 0);
}

static int note_living(void *context, const struct spool_run *run, struct err *err)
{
	(void)err;
	*(struct run_id *)context = run->run;
	return run->started == process_start((int32_t)getpid()) ? 0 : ERR_STATE;
}

static void a_run_goes_on_while_its_tracer_lives(void **state)
{
	struct fixture *f = *state;
	struct run_id found = {{0}};

	create(f);
	assert_int_equal(spool_living(f->dir, note_living, &found, &f->err), 0);
	assert_false(run_id_equal(&found, &f->run.run));
	maker_open(&f->maker, buf_string(&f->path));
	atomic_store(&f->maker.header->tracer_start, process_start((int32_t)getpid()));
	assert_int_equal(spool_living(f->dir, note_living, &found, &f->err), 0);
	assert_true(run_id_equal(&found, &f->run.run));
	assert_int_equal(spool_living("/nonexistent/spool", note_living, &found, NULL), 0);
}

/* The wish that the tracer sees. */
static bool is_paused(const char *path)
{
	struct spool spool = {.fd = -1};
	bool paused;

	assert_int_equal(spool_open(&spool, path, NULL), 0);
	paused = spool.header->paused;
	spool_close(&spool);
	return paused;
}

static void a_pause_is_for_a_run_and_its_descendants(void **state)
{
	struct fixture *f = *state;
	struct run_started run = {0};
	struct spool_file child = {.started = &run, .root = &f->run.run};
	struct spool_file other = {.started = &run};
	struct buf child_path = {0}, grandchild_path = {0}, other_path = {0};
	struct run_id child_run;

	create(f);
	run_id_new(&run.run);
	child_run = run.run;
	assert_int_equal(spool_file_make(f->dir, &child, &child_path, &f->err), 0);
	run.has_parent = true;
	run.parent = child_run;
	run_id_new(&run.run);
	assert_int_equal(spool_file_make(f->dir, &child, &grandchild_path, &f->err), 0);
	run.has_parent = false;
	run_id_new(&run.run);
	assert_int_equal(spool_file_make(f->dir, &other, &other_path, &f->err), 0);
	for (int paused = 1; paused >= 0; paused--) {
		assert_int_equal(spool_pause(f->dir, &f->run.run, paused, &f->err), 0);
		assert_int_equal(is_paused(buf_string(&f->path)), paused);
		assert_int_equal(is_paused(buf_string(&child_path)), paused);
		assert_int_equal(is_paused(buf_string(&grandchild_path)), paused);
		assert_false(is_paused(buf_string(&other_path)));
	}
	assert_int_equal(spool_pause(f->dir, &child_run, true, &f->err), 0);
	assert_false(is_paused(buf_string(&f->path)));
	assert_true(is_paused(buf_string(&child_path)));
	assert_true(is_paused(buf_string(&grandchild_path)));
	assert_int_equal(spool_pause("/nonexistent/spool", &f->run.run, true, NULL), 0);
	buf_release(&child_path);
	buf_release(&grandchild_path);
	buf_release(&other_path);
}

static bool peek(struct fixture *f, struct spool_record *record)
{
	int result = spool_peek(&f->spool, record, &f->err);

	if (result < 0)
		fail_msg("%s", f->err.message);
	return result > 0;
}

static void records_are_seen_as_the_tracer_commits_them(void **state)
{
	struct fixture *f = *state;
	struct spool_record record;

	open_both(f);
	assert_false(peek(f, &record));
	maker_python(&f->maker, "3.11.2");
	assert_true(peek(f, &record));
	assert_int_equal(record.kind, RECORD_PYTHON);
	assert_true(slice_equal(record.payload, slice_text("3.11.2")));
	assert_true(record.final);
	spool_skip(&f->spool, &record);
	assert_false(peek(f, &record));

	maker_begin(&f->maker, 5, 99, 100);
	assert_true(peek(f, &record));
	assert_int_equal(record.events, 0);
	assert_false(record.final);
	maker_commit(&f->maker, slice_text("abcd"), 2, 1);
	assert_true(peek(f, &record));
	assert_int_equal(record.kind, RECORD_BLOCK);
	assert_true(slice_equal(record.payload, slice_text("abcd")));
	assert_int_equal(record.items, 2);
	assert_int_equal(record.events, 1);
	assert_int_equal(record.first_seq, 5);
	assert_int_equal(record.base_ns, 99);
	maker_end(&f->maker);
	assert_true(peek(f, &record));
	assert_true(record.final);
	spool_skip(&f->spool, &record);
	assert_false(peek(f, &record));
}

static void chunks_follow_one_another_and_give_their_space_back(void **state)
{
	struct fixture *f = *state;
	static const uint8_t text[100000];
	struct spool_record record;
	struct stat status;

	open_both(f);
	for (int i = 0; i < 60; i++)
		maker_source(&f->maker, "/a.py", (struct slice){text, sizeof(text)});
	assert_int_equal(f->maker.chunk_at, SPOOL_HEADER_BYTES + 29 * CHUNK_BYTES);
	for (int i = 0; i < 60; i++) {
		assert_true(peek(f, &record));
		assert_int_equal(record.payload.len, 4 + 5 + sizeof(text));
		spool_skip(&f->spool, &record);
	}
	assert_false(peek(f, &record));
	assert_int_equal(
		atomic_load(&f->spool.header->shipped_offset), f->maker.chunk_at + f->maker.used);
	assert_int_equal(stat(buf_string(&f->path), &status), 0);
	assert_int_equal(status.st_size, SPOOL_HEADER_BYTES + 30 * CHUNK_BYTES);
	/* The header, the chunk that the tracer is in, those that it may have again. */
	assert_in_range(status.st_blocks * 512, CHUNK_BYTES,
		SPOOL_HEADER_BYTES + (2 + SPOOL_FREE_CHUNKS) * CHUNK_BYTES);
	for (int i = 0; i < SPOOL_FREE_CHUNKS; i++)
		assert_int_equal(
			f->spool.header->free_chunks[i], SPOOL_HEADER_BYTES + i * CHUNK_BYTES);
	assert_int_equal(f->spool.header->shipped_bytes, 29 * CHUNK_BYTES + f->maker.used);
}

static void another_reader_goes_on_where_the_first_stopped(void **state)
{
	struct fixture *f = *state;
	static const uint8_t text[100000];
	struct spool_record record;
	int seen = 0;

	open_both(f);
	for (char name = 'a'; name < 'a' + 20; name++)
		maker_source(&f->maker, (char[]){name, '\0'}, (struct slice){text, sizeof(text)});
	for (; seen < 20; seen++) {
		assert_true(peek(f, &record));
		assert_int_equal(record.payload.data[4], 'a' + seen);
		spool_skip(&f->spool, &record);
		spool_close(&f->spool);
		assert_int_equal(spool_open(&f->spool, buf_string(&f->path), &f->err), 0);
	}
	assert_false(peek(f, &record));
	/* Killed between noting the chunk and noting the place in it. */
	atomic_store(&f->spool.header->shipped_offset, SPOOL_HEADER_BYTES);
	spool_close(&f->spool);
	assert_int_equal(spool_open(&f->spool, buf_string(&f->path), &f->err), 0);
	assert_true(peek(f, &record));
	assert_int_equal(record.payload.data[4], 'a' + 18);
}

static void is_damaged(struct fixture *f, const char *why)
{
	struct spool_record record;
	int result;

	spool_close(&f->spool);
	assert_int_equal(spool_open(&f->spool, buf_string(&f->path), &f->err), 0);
	while ((result = spool_peek(&f->spool, &record, &f->err)) > 0)
		spool_skip(&f->spool, &record);
	assert_int_equal(result, ERR_FORMAT);
	assert_string_equal(f->err.message, why);
}

static void damage_is_an_error_that_says_where(void **state)
{
	struct fixture *f = *state;

	open_both(f);
	maker_begin(&f->maker, 0, 0, 100);
	maker_commit(&f->maker, slice_text("abcd"), 2, 2);
	atomic_store(&f->maker.record->filled, CHUNK_BYTES);
	is_damaged(f, "spool is damaged: chunk at 65536: a record is longer than it");
	atomic_store(&f->maker.record->filled, 4 + 3 * FILLED_ITEM + 2 * FILLED_EVENT);
	is_damaged(f, "spool is damaged: chunk at 65536: a block of more items than bytes");
	atomic_store(&f->maker.record->filled, 4 + 2 * FILLED_ITEM + 2 * FILLED_EVENT);
	f->maker.record->first_seq = -1;
	is_damaged(f, "spool is damaged: chunk at 65536: a sequence number out of range");
	f->maker.record->kind = 9;
	is_damaged(f, "spool is damaged: chunk at 65536: a record of a kind unknown");
	f->maker.record->kind = RECORD_BLOCK;
	f->maker.record->first_seq = 0;
	maker_end(&f->maker);
	atomic_store(&f->maker.chunk->next_chunk, SPOOL_HEADER_BYTES);
	is_damaged(f, "spool is damaged: chunk at 65536: it is its own successor");
	atomic_store(&f->maker.chunk->committed, CHUNK_BYTES + 1);
	is_damaged(f, "spool is damaged: chunk at 65536: more is committed than it holds");
	f->maker.chunk->size = 2 * CHUNK_BYTES;
	is_damaged(f, "spool is damaged: chunk at 65536: it is longer than the file");
	f->maker.chunk->magic = 0;
	is_damaged(f, "spool is damaged: chunk at 65536: no chunk is there");
	f->maker.chunk->size = CHUNK_BYTES; /* for who unmaps it */
	spool_close(&f->spool);
	assert_int_equal(truncate(buf_string(&f->path), SPOOL_HEADER_BYTES), 0);
	is_damaged(f, "spool is damaged: chunk at 65536: the file ends before it");
	f->maker.chunk = NULL; /* its pages are gone */
}

static void what_is_no_spool_is_not_opened(void **state)
{
	struct fixture *f = *state;
	uint8_t *zeros = calloc(1, SPOOL_HEADER_BYTES);
	struct spool spool;

	buf_printf(&f->path, "%s/x.spool", f->dir);
	file_write(buf_string(&f->path), slice_text("short"));
	assert_int_equal(spool_open(&spool, buf_string(&f->path), &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "x.spool is cut short"));
	file_write(buf_string(&f->path), (struct slice){zeros, SPOOL_HEADER_BYTES});
	assert_int_equal(spool_open(&spool, buf_string(&f->path), &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "x.spool is not a spool"));
	free(zeros);
}

static void a_process_is_told_by_its_pid_and_start(void **state)
{
	int32_t own = (int32_t)getpid();
	uint64_t start = process_start(own);
	pid_t pid;

	(void)state;
	assert_true(start > 0);
	assert_true(process_alive(own, start, UINT64_MAX));
	assert_true(process_alive(own, 0, UINT64_MAX));
	assert_false(process_alive(own, start + 1, UINT64_MAX));
	assert_false(process_alive(0, 0, UINT64_MAX));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_false(process_alive((int32_t)pid, 0, UINT64_MAX)); /* a zombie */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(process_start((int32_t)pid), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_new_spool_holds_what_the_tracer_and_a_later_shipper_need),
		test(arguments_that_do_not_fit_are_cut),
		test(options_that_do_not_fit_are_an_error),
		test(only_spools_whose_owner_is_gone_are_found),
		test(what_a_killed_maker_left_is_removed_once_it_is_old),
		test(a_missing_directory_is_no_spools),
		test(a_run_goes_on_while_its_tracer_lives),
		test(a_pause_is_for_a_run_and_its_descendants),
		test(records_are_seen_as_the_tracer_commits_them),
		test(chunks_follow_one_another_and_give_their_space_back),
		test(another_reader_goes_on_where_the_first_stopped),
		test(damage_is_an_error_that_says_where),
		test(what_is_no_spool_is_not_opened),
		test(a_process_is_told_by_its_pid_and_start),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
