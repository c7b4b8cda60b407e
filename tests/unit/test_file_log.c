/* links: schemas ingest */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <endian.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xxhash.h>

#include "ingest/file_log.h"
#include "schemas/item.h"
#include "tests/lib/help_dir.h"

#define FIRST_SEGMENT "00000000000000000001.log"
#define HEADER 32
#define RECORD_HEADER 20

struct fixture {
	char *dir;
	char *first; /* path of the first segment */
	struct log *log;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = dir_make();
	if (asprintf(&f->first, "%s/%s", f->dir, FIRST_SEGMENT) < 0)
		abort();
	if (file_log_open(f->dir, true, &f->log, &f->err) < 0)
		fail_msg("%s", f->err.message);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_close(f->log);
	dir_remove(f->dir);
	free(f->first);
	free(f);
	return 0;
}

static void append(struct log *log, const char *key, const char *text)
{
	struct err err = {0};

	if (log_append(log, LOG_EVENTS, slice_text(key), slice_text(text), &err) < 0)
		fail_msg("append: %s", err.message);
}

static struct log_reader *reader_from(struct log *log, enum log_start start)
{
	struct log_reader *reader;
	struct err err;

	if (log_reader_open(log, start, &reader, &err) < 0)
		fail_msg("open reader: %s", err.message);
	return reader;
}

static struct log_reader *reader_at(struct log *log, const struct position *position)
{
	struct log_reader *reader;
	struct err err;

	if (log_reader_open_at(log, position, &reader, &err) < 0)
		fail_msg("open reader: %s", err.message);
	return reader;
}

/* Reads what is there: the messages, each with a space behind it; damage as "[BYTES]". */
static void read_texts(struct log_reader *reader, struct buf *texts)
{
	struct log_record record;
	struct err err = {0};
	int result;

	buf_clear(texts);
	while ((result = log_reader_next(reader, 0, &record, &err)) > 0) {
		if (record.skipped)
			buf_printf(texts, "[%lld]", (long long)record.skipped);
		buf_append(texts, record.message.data, record.message.len);
		buf_byte(texts, ' ');
	}
	if (result < 0)
		fail_msg("read: %s", err.message);
}

static void holds(struct log *log, const char *want)
{
	struct log_reader *reader = reader_from(log, LOG_FROM_START);
	struct buf texts = {0};

	read_texts(reader, &texts);
	assert_string_equal(buf_string(&texts), want);
	buf_release(&texts);
	log_reader_close(reader);
}

static off_t size_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

static void records_come_back_as_they_went_in(void **state)
{
	struct fixture *f = *state;
	struct log_reader *reader = reader_from(f->log, LOG_FROM_START);
	uint8_t *large = malloc(MESSAGE_MAX_BYTES);
	struct log_record record;

	for (size_t i = 0; i < MESSAGE_MAX_BYTES; i++)
		large[i] = (uint8_t)(i * 7);
	assert_int_equal(
		log_append(f->log, LOG_RUNS, slice_text("key"), slice_text("one"), NULL), 0);
	assert_int_equal(log_append(f->log, LOG_SOURCES, (struct slice){0},
				 (struct slice){large, MESSAGE_MAX_BYTES}, NULL),
		0);
	assert_int_equal(
		log_append(f->log, LOG_EVENTS, slice_text("k"), (struct slice){0}, NULL), 0);

	assert_int_equal(log_reader_next(reader, 0, &record, NULL), 1);
	assert_int_equal(record.topic, LOG_RUNS);
	assert_true(slice_equal(record.key, slice_text("key")));
	assert_true(slice_equal(record.message, slice_text("one")));
	assert_int_equal(log_reader_next(reader, 0, &record, NULL), 1);
	assert_int_equal(record.topic, LOG_SOURCES);
	assert_int_equal(record.key.len, 0);
	assert_true(slice_equal(record.message, (struct slice){large, MESSAGE_MAX_BYTES}));
	assert_int_equal(log_reader_next(reader, 0, &record, NULL), 1);
	assert_int_equal(record.message.len, 0);
	assert_int_equal(log_reader_next(reader, 0, &record, NULL), 0);
	log_reader_close(reader);
	free(large);
}

static void a_message_over_the_limit_is_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t *large = calloc(1, MESSAGE_MAX_BYTES + 1);

	assert_int_equal(log_append(f->log, LOG_RUNS, slice_text("key"),
				 (struct slice){large, MESSAGE_MAX_BYTES + 1}, &f->err),
		ERR_LIMIT);
	assert_string_equal(
		f->err.message, "a message of 1024001 bytes is over the limit of 1024000");
	assert_int_equal(log_append(f->log, LOG_RUNS, (struct slice){large, LOG_KEY_MAX_BYTES + 1},
				 slice_text("x"), &f->err),
		ERR_LIMIT);
	holds(f->log, "");
	free(large);
}

static void an_absent_log_is_not_made_unless_asked(void **state)
{
	struct fixture *f = *state;
	struct log *log;

	assert_int_equal(file_log_open("/nonexistent/log", false, &log, &f->err), ERR_NOT_FOUND);
	assert_string_equal(f->err.message, "there is no log /nonexistent/log");
	assert_int_equal(file_log_open("/nonexistent/log", true, &log, &f->err), ERR_IO);
}

static void a_reader_goes_on_at_a_stored_position(void **state)
{
	struct fixture *f = *state;
	struct log_reader *reader = reader_from(f->log, LOG_FROM_START);
	struct position start, middle, end, behind;
	struct log_record record;
	struct buf texts = {0};

	log_reader_position(reader, &start);
	assert_int_equal(start.len, 0);
	append(f->log, "k", "a");
	append(f->log, "k", "b");
	assert_int_equal(log_reader_next(reader, 0, &record, NULL), 1);
	log_reader_position(reader, &middle);
	assert_int_equal(log_end(f->log, &end, NULL), 0);
	read_texts(reader, &texts);
	log_reader_position(reader, &behind);
	log_reader_close(reader);
	assert_int_equal(position_compare(&start, &middle), -1);
	assert_int_equal(position_compare(&end, &middle), 1);
	assert_int_equal(position_compare(&end, &behind), 0);

	reader = reader_at(f->log, &middle);
	read_texts(reader, &texts);
	assert_string_equal(buf_string(&texts), "b ");
	append(f->log, "k", "c");
	read_texts(reader, &texts);
	assert_string_equal(buf_string(&texts), "c ");
	log_reader_close(reader);
	reader = reader_at(f->log, &start);
	read_texts(reader, &texts);
	assert_string_equal(buf_string(&texts), "a b c ");
	log_reader_close(reader);
	buf_release(&texts);
}

static void a_position_that_is_none_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct position position;
	struct log_reader *reader;

	append(f->log, "k", "a");
	assert_int_equal(log_end(f->log, &position, NULL), 0);
	position.bytes[15]++;
	assert_int_equal(log_reader_open_at(f->log, &position, &reader, &f->err), ERR_STATE);
	assert_non_null(strstr(f->err.message, "is beyond its end: the log was cut or made anew"));
	position.bytes[7] = 9;
	assert_int_equal(log_reader_open_at(f->log, &position, &reader, &f->err), ERR_STATE);
	position.len = 15;
	assert_int_equal(log_reader_open_at(f->log, &position, &reader, &f->err), ERR_FORMAT);
	assert_string_equal(f->err.message, "not a position of a file log");
}

static void a_reader_from_now_sees_only_what_comes(void **state)
{
	struct fixture *f = *state;
	struct log_reader *empty = reader_from(f->log, LOG_FROM_NOW);
	struct log_reader *later;
	struct buf texts = {0};

	append(f->log, "k", "a");
	later = reader_from(f->log, LOG_FROM_NOW);
	append(f->log, "k", "b");
	read_texts(empty, &texts);
	assert_string_equal(buf_string(&texts), "a b ");
	read_texts(later, &texts);
	assert_string_equal(buf_string(&texts), "b ");
	log_reader_close(empty);
	log_reader_close(later);
	buf_release(&texts);
}

static void a_full_segment_is_followed_by_a_new_one(void **state)
{
	struct fixture *f = *state;
	struct log_reader *live = reader_from(f->log, LOG_FROM_START);
	struct buf want = {0}, got = {0}, all = {0};
	struct position position, end;
	uint64_t done, total;
	char *third;

	file_log_set_segment_bytes(f->log, 200);
	for (int i = 0; i < 100; i++) {
		char text[16];

		snprintf(text, sizeof(text), "%d", i);
		append(f->log, "key", text);
		buf_printf(&want, "%d ", i);
		if (i % 7 == 0) {
			read_texts(live, &got);
			buf_append(&all, got.data, got.len);
		}
	}
	read_texts(live, &got);
	buf_append(&all, got.data, got.len);
	assert_string_equal(buf_string(&all), buf_string(&want));
	holds(f->log, buf_string(&want));
	if (asprintf(&third, "%s/00000000000000000003.log", f->dir) < 0)
		abort();
	assert_in_range(size_of(third), 100, 200);
	log_reader_position(live, &position);
	assert_int_equal(log_end(f->log, &end, NULL), 0);
	assert_int_equal(position_compare(&position, &end), 0);
	assert_int_equal(log_reader_progress(live, &done, &total), 0);
	assert_int_equal(done, total);
	assert_int_equal(log_sync(f->log, &f->err), 0);
	log_reader_close(live);
	buf_release(&want);
	buf_release(&got);
	buf_release(&all);
	free(third);
}

static void a_missing_segment_is_stepped_over(void **state)
{
	struct fixture *f = *state;
	char *second;

	file_log_set_segment_bytes(f->log, HEADER + 2 * (RECORD_HEADER + 2));
	for (const char *text = "abcdef"; *text; text++)
		append(f->log, "k", (char[]){*text, '\0'});
	if (asprintf(&second, "%s/00000000000000000002.log", f->dir) < 0)
		abort();
	assert_int_equal(unlink(second), 0);
	holds(f->log, "a b e f ");
	free(second);
}

/* Another process's view: a log handle that has not seen the file before. */
static struct log *second_handle(struct fixture *f)
{
	struct log *log;

	if (file_log_open(f->dir, false, &log, &f->err) < 0)
		fail_msg("%s", f->err.message);
	return log;
}

static void a_torn_end_is_cut_and_no_good_record_with_it(void **state)
{
	struct fixture *f = *state;
	struct buf whole = {0};
	size_t before, after;

	append(f->log, "k", "one");
	before = (size_t)size_of(f->first);
	append(f->log, "k", "two");
	after = (size_t)size_of(f->first);
	file_read(f->first, &whole);
	for (size_t len = before; len <= after; len++) {
		struct position end, position;
		struct log *other = second_handle(f);
		struct log_reader *reader = reader_from(other, LOG_FROM_START);
		struct buf texts = {0};

		file_write(f->first, (struct slice){whole.data, len});
		read_texts(reader, &texts);
		assert_string_equal(buf_string(&texts), len == after ? "one two " : "one ");
		log_reader_position(reader, &position);
		assert_int_equal(log_end(other, &end, NULL), 0);
		assert_int_equal(position_compare(&position, &end), 0);
		append(other, "k", "three");
		read_texts(reader, &texts);
		assert_string_equal(buf_string(&texts), "three ");
		holds(other, len == after ? "one two three " : "one three ");
		log_reader_close(reader);
		log_close(other);
		buf_release(&texts);
	}
	buf_release(&whole);
}

static void a_torn_end_that_another_writer_left_is_cut(void **state)
{
	struct fixture *f = *state;
	struct log *other = second_handle(f);
	struct buf content = {0};

	append(f->log, "k", "one");
	append(other, "k", "two");
	file_read(f->first, &content);
	/* Half a record of another writer, then zeros as a power failure leaves them. */
	buf_append(&content, content.data + content.len - 24, 10);
	for (int i = 0; i < 5000; i++)
		buf_byte(&content, 0);
	file_write(f->first, buf_slice(&content));
	append(f->log, "k", "three");
	append(other, "k", "four");
	holds(f->log, "one two three four ");
	log_close(other);
	buf_release(&content);
}

static void damage_in_the_middle_is_passed_over(void **state)
{
	struct fixture *f = *state;
	struct buf whole = {0}, damaged = {0};
	size_t from, to;

	append(f->log, "k", "one");
	from = (size_t)size_of(f->first);
	append(f->log, "k", "two");
	to = (size_t)size_of(f->first);
	append(f->log, "k", "three");
	append(f->log, "k", "four");
	file_read(f->first, &whole);
	for (size_t at = from; at < to; at++) {
		for (int bit = 0; bit < 8; bit++) {
			struct log *other = second_handle(f);

			buf_clear(&damaged);
			buf_append(&damaged, whole.data, whole.len);
			damaged.data[at] ^= (uint8_t)(1 << bit);
			file_write(f->first, buf_slice(&damaged));
			holds(other, "one [24]three four ");
			/* The writer's walk is led astray by a wrong length: it must not cut. */
			append(other, "k", "five");
			holds(other, "one [24]three four five ");
			log_close(other);
		}
	}
	buf_release(&whole);
	buf_release(&damaged);
}

static void damage_at_the_end_of_a_full_segment_is_passed_over(void **state)
{
	struct fixture *f = *state;
	struct buf content = {0};

	file_log_set_segment_bytes(f->log, HEADER + 2 * (RECORD_HEADER + 2));
	for (const char *text = "abcd"; *text; text++)
		append(f->log, "k", (char[]){*text, '\0'});
	file_read(f->first, &content);
	content.data[content.len - 1] ^= 1;
	file_write(f->first, buf_slice(&content));
	holds(f->log, "a [22]c d ");
	content.data[0] ^= 1; /* the segment's own header */
	file_write(f->first, buf_slice(&content));
	holds(f->log, "a [22]c d ");
	buf_release(&content);
}

static void a_record_inside_a_message_is_not_taken_for_one(void **state)
{
	struct fixture *f = *state;
	struct buf content = {0};
	struct slice copy;

	append(f->log, "k", "one");
	file_read(f->first, &content);
	copy = (struct slice){content.data + HEADER, content.len - HEADER};
	assert_int_equal(log_append(f->log, LOG_EVENTS, slice_text("k"), copy, NULL), 0);
	append(f->log, "k", "two");
	file_read(f->first, &content);
	content.data[HEADER + 24] ^= 1; /* the checksum of the record that holds the copy */
	file_write(f->first, buf_slice(&content));
	holds(f->log, "one [45]two ");
	buf_release(&content);
}

static void half_a_record_at_the_end_is_waited_for(void **state)
{
	struct fixture *f = *state;
	struct log_reader *reader = reader_from(f->log, LOG_FROM_START);
	struct buf whole = {0}, texts = {0};

	append(f->log, "k", "one");
	file_read(f->first, &whole);
	for (size_t len = 0; len < whole.len; len++) {
		file_write(f->first, (struct slice){whole.data, len});
		read_texts(reader, &texts);
		assert_string_equal(buf_string(&texts), "");
	}
	file_write(f->first, buf_slice(&whole));
	read_texts(reader, &texts);
	assert_string_equal(buf_string(&texts), "one ");
	log_reader_close(reader);
	buf_release(&whole);
	buf_release(&texts);
}

static void a_segment_of_a_newer_version_is_refused(void **state)
{
	struct fixture *f = *state;
	/* Segment 1 in version 2, with its right checksum. */
	uint8_t header[HEADER] = "smileyL1\2\0\0\0\40\0\0\0\1";
	uint64_t checksum = htole64(XXH3_64bits(header, 24));
	struct log_reader *reader = reader_from(f->log, LOG_FROM_START);
	struct log_record record;

	memcpy(header + 24, &checksum, sizeof(checksum));
	file_write(f->first, (struct slice){header, sizeof(header)});
	assert_int_equal(log_reader_next(reader, 0, &record, &f->err), ERR_FORMAT);
	assert_string_equal(
		f->err.message, "segment 1 has format version 2; this smiley reads version 1");
	assert_int_equal(log_append(f->log, LOG_RUNS, slice_text("k"), slice_text("x"), &f->err),
		ERR_FORMAT);
	log_reader_close(reader);
}

static void a_segment_whose_maker_died_is_begun_anew(void **state)
{
	struct fixture *f = *state;

	file_write(f->first, (struct slice){(const uint8_t *)"smil", 4});
	holds(f->log, "");
	append(f->log, "k", "one");
	holds(f->log, "one ");
}

static void a_full_disk_is_an_error_that_may_be_tried_again(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, limit;
	char text[1000];
	int failure;

	memset(text, 'x', sizeof(text));
	append(f->log, "k", "one");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)size_of(f->first) + 500;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	failure = log_append(f->log, LOG_EVENTS, slice_text("k"),
		(struct slice){(const uint8_t *)text, sizeof(text)}, &f->err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(failure, ERR_IO);
	assert_non_null(strstr(f->err.message, "append to log"));
	assert_int_equal(size_of(f->first), limit.rlim_cur - 500);
	append(f->log, "k", "two");
	holds(f->log, "one two ");
}

/* Runs work() in a child process once a byte comes through the pipe. */
static pid_t child_on_signal(int *go, void (*work)(const char *dir), const char *dir)
{
	int ends[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[1]);
		if (read(ends[0], &byte, 1) == 1)
			work(dir);
		_exit(0);
	}
	close(ends[0]);
	*go = ends[1];
	return pid;
}

static void append_in_child(const char *dir)
{
	struct log *log;

	if (file_log_open(dir, true, &log, NULL) < 0 ||
		log_append(log, LOG_EVENTS, slice_text("k"), slice_text("from another"), NULL) < 0)
		_exit(1);
	log_close(log);
}

static void ended_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_waiting_reader_sees_the_first_append_of_another_process(void **state)
{
	struct fixture *f = *state;
	struct log_reader *reader = reader_from(f->log, LOG_FROM_START);
	struct log_record record;

	for (int i = 0; i < 2; i++) { /* the first segment appears; then it grows */
		int go;
		pid_t pid = child_on_signal(&go, append_in_child, f->dir);

		assert_int_equal(log_reader_next(reader, 1, &record, NULL), 0);
		assert_int_equal(write(go, "", 1), 1);
		assert_int_equal(log_reader_next(reader, 60000, &record, NULL), 1);
		assert_true(slice_equal(record.message, slice_text("from another")));
		ended_well(pid);
		close(go);
	}
	log_reader_close(reader);
}

#define WRITERS 4
#define WRITES 300

static void append_many(const char *dir)
{
	struct log *log;
	char key[16], text[128];

	if (file_log_open(dir, true, &log, NULL) < 0)
		_exit(1);
	file_log_set_segment_bytes(log, 8192);
	snprintf(key, sizeof(key), "%d.", (int)getpid());
	for (int i = 0; i < WRITES; i++) {
		snprintf(text, sizeof(text), "%d.%*s", i, i % 100, "");
		if (log_append(log, LOG_EVENTS, slice_text(key), slice_text(text), NULL) < 0)
			_exit(2);
	}
	log_close(log);
}

static void writers_in_many_processes_lose_nothing(void **state)
{
	struct fixture *f = *state;
	struct log_reader *reader = reader_from(f->log, LOG_FROM_START);
	struct log_record record;
	pid_t pids[WRITERS];
	int go[WRITERS], next[WRITERS] = {0};

	for (int i = 0; i < WRITERS; i++)
		pids[i] = child_on_signal(&go[i], append_many, f->dir);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(write(go[i], "", 1), 1);
	for (int seen = 0; seen < WRITERS * WRITES; seen++) {
		int pid, writer = 0;

		assert_int_equal(log_reader_next(reader, 60000, &record, &f->err), 1);
		assert_int_equal(record.skipped, 0);
		pid = atoi((const char *)record.key.data);
		while (writer < WRITERS && pids[writer] != pid)
			writer++;
		assert_in_range(writer, 0, WRITERS - 1);
		assert_int_equal(atoi((const char *)record.message.data), next[writer]++);
	}
	for (int i = 0; i < WRITERS; i++) {
		ended_well(pids[i]);
		close(go[i]);
	}
	log_reader_close(reader);
}

static int ack; /* the killed writer's end of a pipe */

static void append_for_ever(const char *dir)
{
	static char text[3000];
	struct log *log;

	if (file_log_open(dir, true, &log, NULL) < 0)
		_exit(1);
	file_log_set_segment_bytes(log, 100000);
	for (;;) {
		if (log_append(log, LOG_EVENTS, slice_text("k"),
			    (struct slice){(const uint8_t *)text, sizeof(text)}, NULL) < 0 ||
			write(ack, "", 1) != 1)
			_exit(2);
	}
}

static void what_was_appended_survives_kill_9_of_the_writer(void **state)
{
	struct fixture *f = *state;
	struct log_record record;
	char bytes[4096];
	int acknowledged = 0, read_back = 0;

	for (int round = 0; round < 10; round++) {
		int go, acks[2];
		pid_t pid;

		assert_int_equal(pipe(acks), 0);
		ack = acks[1];
		pid = child_on_signal(&go, append_for_ever, f->dir);
		close(acks[1]);
		assert_int_equal(write(go, "", 1), 1);
		for (int seen = 0; seen < 5 + round * 7;) {
			ssize_t got = read(acks[0], bytes, 1);

			assert_int_equal(got, 1);
			seen++;
			acknowledged++;
		}
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		for (ssize_t got; (got = read(acks[0], bytes, sizeof(bytes))) > 0;)
			acknowledged += (int)got;
		close(acks[0]);
		close(go);
	}
	append(f->log, "k", "last");
	struct log_reader *reader = reader_from(f->log, LOG_FROM_START);
	while (log_reader_next(reader, 0, &record, NULL) > 0) {
		assert_int_equal(record.skipped, 0);
		read_back++;
	}
	/* Each writer may have died between its last append and saying so. */
	assert_in_range(read_back, acknowledged + 1, acknowledged + 11);
	log_reader_close(reader);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(records_come_back_as_they_went_in),
		test(a_message_over_the_limit_is_refused),
		test(an_absent_log_is_not_made_unless_asked),
		test(a_reader_goes_on_at_a_stored_position),
		test(a_position_that_is_none_is_an_error),
		test(a_reader_from_now_sees_only_what_comes),
		test(a_full_segment_is_followed_by_a_new_one),
		test(a_missing_segment_is_stepped_over),
		test(a_torn_end_is_cut_and_no_good_record_with_it),
		test(a_torn_end_that_another_writer_left_is_cut),
		test(damage_in_the_middle_is_passed_over),
		test(damage_at_the_end_of_a_full_segment_is_passed_over),
		test(a_record_inside_a_message_is_not_taken_for_one),
		test(half_a_record_at_the_end_is_waited_for),
		test(a_segment_of_a_newer_version_is_refused),
		test(a_segment_whose_maker_died_is_begun_anew),
		test(a_full_disk_is_an_error_that_may_be_tried_again),
		test(a_waiting_reader_sees_the_first_append_of_another_process),
		test(writers_in_many_processes_lose_nothing),
		test(what_was_appended_survives_kill_9_of_the_writer),
	};

	return cmocka_run_group_tests_name("file_log", tests, NULL, NULL);
}
