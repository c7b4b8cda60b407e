/* links: schemas ingest */
/*
 * Records of a file log that are erased: gone for every reader, their space given back, places
 * what they were.
 */
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
#include <unistd.h>

#include "ingest/file_log.h"
#include "tests/lib/help_dir.h"

#define RECORD_BYTES 20000
#define KEYS 4

struct fixture {
	char *dir;
	struct log *log;
	int appended;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = dir_make();
	assert_int_equal(file_log_open(f->dir, true, &f->log, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_close(f->log);
	dir_remove(f->dir);
	free(f);
	return 0;
}

/* Keys "a" to "d" in turn; a message begins with its number. */
static void append(struct fixture *f, int count)
{
	char *message = malloc(RECORD_BYTES);

	for (int i = 0; i < count; i++, f->appended++) {
		char key[2] = {(char)('a' + f->appended % KEYS), '\0'};

		memset(message, 'm', RECORD_BYTES);
		snprintf(message, 32, "%d", f->appended);
		assert_int_equal(log_append(f->log, LOG_EVENTS, slice_text(key),
					 (struct slice){(uint8_t *)message, RECORD_BYTES}, NULL),
			0);
	}
	free(message);
}

static struct position end_of(struct log *log)
{
	struct position end;

	assert_int_equal(log_end(log, &end, NULL), 0);
	return end;
}

/* context: the keys that are doomed. */
static bool is_named(void *context, const struct log_record *record)
{
	assert_true(record->message.len >= 1024);
	return memchr(context, record->key.data[0], strlen(context));
}

static uint64_t erase(struct log *log, const char *keys, const struct position *before)
{
	uint64_t bytes;

	assert_int_equal(log_erase(log, before, is_named, (void *)keys, &bytes, NULL), 0);
	return bytes;
}

/* What a reader has: numbers; damage is a failure. */
static void reads(struct log_reader *reader, const char *keys, int from, int to)
{
	struct log_record record;

	for (int i = from; i < to; i++) {
		if (!strchr(keys, 'a' + i % KEYS))
			continue;
		assert_int_equal(log_reader_next(reader, 0, &record, NULL), 1);
		assert_int_equal(record.skipped, 0);
		assert_int_equal(atoi((const char *)record.message.data), i);
		assert_int_equal(record.message.len, RECORD_BYTES);
	}
	assert_int_equal(log_reader_next(reader, 0, &record, NULL), 0);
}

static void holds(struct log *log, const char *keys, int count)
{
	struct log_reader *reader;
	struct position at, end = end_of(log);

	assert_int_equal(log_reader_open(log, LOG_FROM_START, &reader, NULL), 0);
	reads(reader, keys, 0, count);
	log_reader_position(reader, &at);
	assert_int_equal(position_compare(&at, &end), 0);
	log_reader_close(reader);
}

static void erased_records_are_gone_and_places_stay(void **state)
{
	struct fixture *f = *state;
	struct position end, after;

	append(f, 40);
	end = end_of(f->log);
	assert_true(erase(f->log, "ac", &end) > 20 * (RECORD_BYTES - 3 * 4096));
	holds(f->log, "bd", 40);
	after = end_of(f->log);
	assert_int_equal(position_compare(&end, &after), 0);
	append(f, 4);
	end = end_of(f->log);
	erase(f->log, "abc", &end);
	holds(f->log, "d", 44);
}

static void all_of_a_log_can_be_erased_and_it_goes_on(void **state)
{
	struct fixture *f = *state;
	struct position end, after;
	struct log_reader *reader;
	struct log *other;

	file_log_set_segment_bytes(f->log, 10 * RECORD_BYTES);
	append(f, 44);
	end = end_of(f->log);
	assert_true(erase(f->log, "abcd", &end) > 40 * RECORD_BYTES - 10 * 8192);
	holds(f->log, "", 44);
	assert_int_equal(file_log_open(f->dir, false, &other, NULL), 0);
	holds(other, "", 44);
	log_close(f->log);
	f->log = other;
	append(f, 4);
	after = end_of(f->log);
	assert_int_equal(position_compare(&after, &end), 1);
	assert_int_equal(log_reader_open_at(f->log, &end, &reader, NULL), 0);
	reads(reader, "abcd", 44, 48);
	log_reader_close(reader);
}

static void nothing_behind_the_place_is_erased(void **state)
{
	struct fixture *f = *state;
	struct log_reader *reader;
	struct position half;

	append(f, 20);
	half = end_of(f->log);
	append(f, 20);
	erase(f->log, "abcd", &half);
	assert_int_equal(log_reader_open_at(f->log, &half, &reader, NULL), 0);
	reads(reader, "abcd", 20, 40);
	log_reader_close(reader);
	assert_int_equal(log_reader_open(f->log, LOG_FROM_START, &reader, NULL), 0);
	reads(reader, "abcd", 20, 40);
	log_reader_close(reader);
}

static void a_reader_in_the_midst_of_what_is_erased_goes_on_behind_it(void **state)
{
	struct fixture *f = *state;
	struct log_reader *reader;
	struct log_record record;
	struct position end;

	append(f, 40);
	end = end_of(f->log);
	assert_int_equal(log_reader_open(f->log, LOG_FROM_START, &reader, NULL), 0);
	for (int i = 0; i < 17; i++)
		assert_int_equal(log_reader_next(reader, 0, &record, NULL), 1);
	erase(f->log, "abc", &end);
	/* What it has in its window may come still: whole, or not at all. */
	for (int last = 16; log_reader_next(reader, 0, &record, NULL) == 1;) {
		int number = atoi((const char *)record.message.data);

		assert_true(number > last);
		assert_int_equal(record.skipped, 0);
		last = number;
	}
	log_reader_close(reader);
	holds(f->log, "d", 40);
}

static void erasing_again_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct position end;

	append(f, 40);
	end = end_of(f->log);
	erase(f->log, "ab", &end);
	assert_int_equal(erase(f->log, "ab", &end), 0);
	holds(f->log, "cd", 40);
	assert_true(erase(f->log, "c", &end) > 0);
	holds(f->log, "d", 40);
}

static void damage_is_neither_erased_nor_hidden(void **state)
{
	struct fixture *f = *state;
	struct position end;
	struct log_reader *reader;
	struct log_record record;
	char *path;
	int fd;

	append(f, 8);
	end = end_of(f->log);
	assert_true(asprintf(&path, "%s/00000000000000000001.log", f->dir) > 0);
	fd = open(path, O_RDWR);
	/* In the second record, "b": it is doomed, but nobody can say what it is. */
	assert_int_equal(pwrite(fd, "!", 1, 32 + 20 + 1 + RECORD_BYTES + 5000), 1);
	close(fd);
	free(path);
	erase(f->log, "ab", &end);
	assert_int_equal(log_reader_open(f->log, LOG_FROM_START, &reader, NULL), 0);
	assert_int_equal(log_reader_next(reader, 0, &record, NULL), 1);
	assert_int_equal(record.key.data[0], 'c');
	assert_int_equal(record.skipped, 20 + 1 + RECORD_BYTES);
	log_reader_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			erased_records_are_gone_and_places_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(
			all_of_a_log_can_be_erased_and_it_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nothing_behind_the_place_is_erased, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_reader_in_the_midst_of_what_is_erased_goes_on_behind_it, setup, teardown),
		cmocka_unit_test_setup_teardown(erasing_again_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			damage_is_neither_erased_nor_hidden, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
