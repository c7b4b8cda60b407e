/* links: schemas ingest */
/*
 * Lets the n-th system call of the file log fail, and some more behind it, for every n until
 * there are no more: what was said to be appended is there once, what was refused is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ingest/file_log.h"
#include "tests/lib/help_dir.h"

#define APPENDS 6

static int calls;         /* since it was last set to 0 */
static int failing_call;  /* the first that fails; 0: none */
static int failing_calls; /* how many */
static int failure;       /* errno */
static bool short_writes; /* a write that fails writes half first */

/* In place of the C library's: the linker takes a program's own first. */
static bool is_hit(void)
{
	calls++;
	if (failing_call == 0 || calls < failing_call || calls >= failing_call + failing_calls)
		return false;
	errno = failure;
	return true;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	if (is_hit()) {
		if (!short_writes)
			return -1;
		len /= 2;
	}
	return syscall(SYS_pwrite64, fd, data, len, offset);
}

ssize_t pread(int fd, void *data, size_t len, off_t offset)
{
	if (is_hit())
		return -1;
	return syscall(SYS_pread64, fd, data, len, offset);
}

int ftruncate(int fd, off_t len)
{
	if (is_hit())
		return -1;
	return (int)syscall(SYS_ftruncate, fd, len);
}

int flock(int fd, int operation)
{
	if (operation != LOCK_UN && is_hit())
		return -1;
	return (int)syscall(SYS_flock, fd, operation);
}

int fdatasync(int fd)
{
	if (is_hit())
		return -1;
	return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	if (is_hit())
		return -1;
	return (int)syscall(SYS_fsync, fd);
}

int openat(int fd, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	if (is_hit())
		return -1;
	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return (int)syscall(SYS_openat, fd, path, flags, mode);
}

static void append_all(struct log *log, const char *prefix, struct buf *said)
{
	for (int i = 0; i < APPENDS; i++) {
		struct err err = {0};
		char text[32];

		snprintf(text, sizeof(text), "%s%d", prefix, i);
		if (log_append(log, LOG_EVENTS, slice_text("k"), slice_text(text), &err) == 0)
			buf_printf(said, "%s ", text);
		else if (err.code != ERR_IO || err.message[0] == '\0')
			fail_msg("call %d: %d %s", failing_call, err.code, err.message);
	}
}

/* 0, or the reader's error; it may be asked again then. */
static int read_all(struct log_reader *reader, struct buf *texts)
{
	struct log_record record;
	struct err err = {0};
	int result;

	while ((result = log_reader_next(reader, 0, &record, &err)) > 0) {
		assert_int_equal(record.skipped, 0);
		buf_append(texts, record.message.data, record.message.len);
		buf_byte(texts, ' ');
	}
	assert_true(result == 0 || err.message[0]);
	return result;
}

/* Two handles append in turns while a reader follows, through several segments. */
static void work(const char *dir, struct buf *said, struct buf *seen)
{
	struct log *one, *two;
	struct log_reader *reader;
	struct position end;

	if (file_log_open(dir, true, &one, NULL) < 0 || file_log_open(dir, true, &two, NULL) < 0)
		abort();
	file_log_set_segment_bytes(one, 120);
	file_log_set_segment_bytes(two, 120);
	if (log_reader_open(one, LOG_FROM_START, &reader, NULL) < 0)
		abort();
	append_all(one, "a", said);
	append_all(two, "b", said);
	read_all(reader, seen);
	append_all(one, "c", said);
	log_sync(one, NULL);
	log_end(two, &end, NULL);
	read_all(reader, seen);
	failing_call = 0;
	assert_int_equal(read_all(reader, seen), 0);
	log_reader_close(reader);
	log_close(one);
	log_close(two);
}

static bool fails_well(int call)
{
	char *dir = dir_make();
	struct buf said = {0}, seen = {0}, found = {0};
	struct log_reader *reader;
	struct log *log;
	bool hit;

	failing_call = call;
	calls = 0;
	work(dir, &said, &seen);
	hit = calls >= call;
	failing_call = 0;
	assert_string_equal(buf_string(&seen), buf_string(&said));
	assert_int_equal(file_log_open(dir, false, &log, NULL), 0);
	append_all(log, "d", &said);
	assert_int_equal(log_reader_open(log, LOG_FROM_START, &reader, NULL), 0);
	assert_int_equal(read_all(reader, &found), 0);
	assert_string_equal(buf_string(&found), buf_string(&said));
	log_reader_close(reader);
	log_close(log);
	buf_release(&said);
	buf_release(&seen);
	buf_release(&found);
	dir_remove(dir);
	return hit;
}

static void at_every_call(void)
{
	int call = 1;

	while (fails_well(call))
		call++;
	assert_true(call > 50); /* they are ours that are called */
}

static void any_call_may_fail(void **state)
{
	(void)state;
	failure = EIO;
	failing_calls = 1;
	at_every_call();
}

static void any_two_calls_may_fail_after_a_short_write(void **state)
{
	(void)state;
	failure = ENOSPC;
	short_writes = true;
	failing_calls = 2;
	at_every_call();
}

static void all_calls_may_fail_from_some_point_on(void **state)
{
	(void)state;
	failure = ENOSPC;
	failing_calls = 1000000;
	at_every_call();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_call_may_fail),
		cmocka_unit_test(any_two_calls_may_fail_after_a_short_write),
		cmocka_unit_test(all_calls_may_fail_from_some_point_on),
	};

	return cmocka_run_group_tests_name("file_log_faults", tests, NULL, NULL);
}
