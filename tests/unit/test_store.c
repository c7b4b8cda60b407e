/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "materializer/store.h"
#include "tests/lib/help_child.h"
#include "tests/lib/help_dir.h"

struct fixture {
	char *dir;
	char *path; /* of the store */
	struct store *store;
	struct err err;
	struct buf value;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = dir_make();
	if (asprintf(&f->path, "%s/store", f->dir) < 0)
		abort();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	buf_release(&f->value);
	dir_remove(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void good(const struct fixture *f, int rc)
{
	if (rc < 0)
		fail_msg("%s", f->err.message);
}

static void open_new(struct fixture *f)
{
	good(f, store_create(f->path, &f->err));
	good(f, store_open(f->path, &f->store, &f->err));
}

static void put(struct fixture *f, enum store_family family, const char *key, const char *value)
{
	store_put(f->store, family, slice_text(key), slice_text(value));
}

static void expect(struct fixture *f, struct store *store, enum store_family family,
	const char *key, const char *value)
{
	int rc = store_get(store, family, slice_text(key), &f->value, &f->err);

	good(f, rc);
	assert_int_equal(rc, value != NULL);
	if (value)
		assert_string_equal(buf_string(&f->value), value);
}

static void a_batch_is_seen_once_it_is_committed(void **state)
{
	struct fixture *f = *state;

	open_new(f);
	assert_true(store_batch_empty(f->store));
	put(f, STORE_BLOCKS, "a", "1");
	put(f, STORE_META, "a", "2");
	assert_false(store_batch_empty(f->store));
	expect(f, f->store, STORE_BLOCKS, "a", NULL);
	good(f, store_commit(f->store, &f->err));
	assert_true(store_batch_empty(f->store));
	expect(f, f->store, STORE_BLOCKS, "a", "1");
	expect(f, f->store, STORE_META, "a", "2");
	expect(f, f->store, STORE_RUNS, "a", NULL);
	put(f, STORE_BLOCKS, "b", "3");
	store_batch_clear(f->store);
	good(f, store_commit(f->store, &f->err));
	expect(f, f->store, STORE_BLOCKS, "b", NULL);
}

static void a_block_that_got_no_memory_is_not_committed(void **state)
{
	struct fixture *f = *state;
	struct slice large = {(const uint8_t *)"", SIZE_MAX};

	open_new(f);
	put(f, STORE_BLOCKS, "a", "1");
	store_put(f->store, STORE_BLOCKS, slice_text("b"), large);
	put(f, STORE_BLOCKS, "c", "3");
	assert_int_equal(store_commit(f->store, &f->err), ERR_MEMORY);
	assert_true(store_batch_empty(f->store));
	expect(f, f->store, STORE_BLOCKS, "a", NULL);
	put(f, STORE_BLOCKS, "a", "2");
	good(f, store_commit(f->store, &f->err));
	expect(f, f->store, STORE_BLOCKS, "a", "2");
}

static void every_family_holds_keys_over_a_reopen(void **state)
{
	struct fixture *f = *state;

	open_new(f);
	for (int i = 0; i < STORE_FAMILIES; i++)
		put(f, (enum store_family)i, "key", store_family_name((enum store_family)i));
	good(f, store_commit(f->store, &f->err));
	store_close(f->store);
	good(f, store_open(f->path, &f->store, &f->err));
	for (int i = 0; i < STORE_FAMILIES; i++)
		expect(f, f->store, (enum store_family)i, "key",
			store_family_name((enum store_family)i));
}

/* Commits, and dies by its own hand. */
static int be_writer(const char *path)
{
	struct store *store;

	if (store_open(path, &store, NULL) < 0)
		return 1;
	for (int i = 0; i < 100; i++) {
		store_put(store, STORE_BLOCKS, slice_text("key"), slice_text("committed"));
		if (store_commit(store, NULL) < 0)
			return 1;
	}
	raise(SIGKILL);
	return 1;
}

static void what_is_committed_survives_the_writers_death(void **state)
{
	struct fixture *f = *state;

	good(f, store_create(f->path, &f->err));
	assert_true(WIFSIGNALED(child_wait(child_start("writer", f->path, NULL))));
	good(f, store_open(f->path, &f->store, &f->err));
	expect(f, f->store, STORE_BLOCKS, "key", "committed");
}

static void a_store_is_not_made_over_another(void **state)
{
	struct fixture *f = *state;

	open_new(f);
	put(f, STORE_RUNS, "key", "kept");
	good(f, store_commit(f->store, &f->err));
	store_close(f->store);
	assert_int_equal(store_create(f->path, &f->err), ERR_IO);
	good(f, store_open(f->path, &f->store, &f->err));
	expect(f, f->store, STORE_RUNS, "key", "kept");
}

static void no_store_is_told_from_a_damaged_one(void **state)
{
	struct fixture *f = *state;
	char *current;

	assert_int_equal(store_open(f->path, &f->store, &f->err), ERR_NOT_FOUND);
	assert_int_equal(store_open_reader(f->path, &f->store, &f->err), ERR_NOT_FOUND);
	good(f, store_create(f->path, &f->err));
	if (asprintf(&current, "%s/CURRENT", f->path) < 0)
		abort();
	unlink(current);
	free(current);
	assert_int_equal(store_open(f->path, &f->store, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "no CURRENT"));
	assert_non_null(strstr(f->err.message, "smiley rebuild"));
	assert_int_equal(store_open_reader(f->path, &f->store, &f->err), ERR_FORMAT);
}

static void a_manifest_that_is_not_there_is_damage(void **state)
{
	struct fixture *f = *state;
	char *current;
	FILE *file;

	open_new(f);
	store_close(f->store);
	f->store = NULL;
	if (asprintf(&current, "%s/CURRENT", f->path) < 0)
		fail();
	file = fopen(current, "w");
	assert_non_null(file);
	fputs("MANIFEST-010007\n", file);
	assert_int_equal(fclose(file), 0);
	free(current);
	assert_int_equal(store_open_reader(f->path, &f->store, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "`smiley rebuild`"));
}

static void a_second_writer_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *second;

	open_new(f);
	assert_int_equal(store_open(f->path, &second, &f->err), ERR_BUSY);
	assert_null(second);
}

static void a_reader_sees_what_was_committed_when_it_caught_up(void **state)
{
	struct fixture *f = *state;
	struct store *reader;

	open_new(f);
	put(f, STORE_RUNS, "a", "1");
	good(f, store_commit(f->store, &f->err));
	good(f, store_open_reader(f->path, &reader, &f->err));
	expect(f, reader, STORE_RUNS, "a", "1");
	put(f, STORE_RUNS, "b", "2");
	good(f, store_commit(f->store, &f->err));
	expect(f, reader, STORE_RUNS, "b", NULL);
	good(f, store_catch_up(reader, &f->err));
	expect(f, reader, STORE_RUNS, "b", "2");
	store_close(reader);
}

/* Writes enough to be moved out of the write-ahead log. */
static void fill(struct fixture *f, const char *prefix)
{
	static uint8_t noise[64 * 1024];
	uint64_t random = 88172645463325252u;
	char key[32];

	for (int i = 0; i < 100; i++) {
		for (size_t at = 0; at + 8 <= sizeof(noise); at += 8) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			memcpy(noise + at, &random, 8);
		}
		snprintf(key, sizeof(key), "%s%03d", prefix, i);
		store_put(f->store, STORE_BLOCKS, slice_text(key),
			(struct slice){noise, sizeof(noise)});
		good(f, store_commit(f->store, &f->err));
	}
	good(f, store_settle(f->store, &f->err));
}

/* RocksDB of this version shows a lagging reader old values by get. */
static void a_reader_sees_overwritten_and_deleted_keys_as_they_are(void **state)
{
	struct fixture *f = *state;
	struct store *reader;

	open_new(f);
	put(f, STORE_META, "key", "old");
	put(f, STORE_META, "gone", "there");
	fill(f, "a");
	good(f, store_open_reader(f->path, &reader, &f->err));
	expect(f, reader, STORE_META, "key", "old");
	put(f, STORE_META, "key", "new");
	store_delete(f->store, STORE_META, slice_text("gone"));
	fill(f, "b");
	good(f, store_catch_up(reader, &f->err));
	expect(f, reader, STORE_META, "key", "new");
	expect(f, reader, STORE_META, "gone", NULL);
	store_close(reader);
}

static void a_bulk_is_there_once_it_is_settled(void **state)
{
	struct fixture *f = *state;

	open_new(f);
	store_bulk(f->store);
	put(f, STORE_META, "key", "meta");
	put(f, STORE_RUNS, "key", "run");
	good(f, store_commit(f->store, &f->err));
	expect(f, f->store, STORE_RUNS, "key", "run");
	good(f, store_settle(f->store, &f->err));
	store_close(f->store);
	good(f, store_open(f->path, &f->store, &f->err));
	expect(f, f->store, STORE_META, "key", "meta");
	expect(f, f->store, STORE_RUNS, "key", "run");
}

static void a_reader_follows_over_the_writers_restarts(void **state)
{
	struct fixture *f = *state;
	struct store *reader;
	char key[8];

	open_new(f);
	good(f, store_open_reader(f->path, &reader, &f->err));
	for (int i = 0; i < 12; i++) {
		snprintf(key, sizeof(key), "%02d", i);
		put(f, STORE_RUNS, key, "x");
		good(f, store_commit(f->store, &f->err));
		good(f, store_settle(f->store, &f->err));
		store_close(f->store);
		good(f, store_open(f->path, &f->store, &f->err));
		good(f, store_catch_up(reader, &f->err));
		expect(f, reader, STORE_RUNS, key, "x");
	}
	store_close(reader);
}

static void an_open_reader_has_left_nothing_behind(void **state)
{
	struct fixture *f = *state;
	struct store *reader;
	struct dirent *entry;
	DIR *listing;

	good(f, store_create(f->path, &f->err));
	setenv("TMPDIR", f->dir, 1);
	good(f, store_open_reader(f->path, &reader, &f->err));
	unsetenv("TMPDIR");
	listing = opendir(f->dir);
	while ((entry = readdir(listing)))
		assert_null(strstr(entry->d_name, "smiley-"));
	closedir(listing);
	good(f, store_catch_up(reader, &f->err));
	store_close(reader);
}

static int count(struct fixture *f, const char *prefix)
{
	struct store_iter *iter = store_iter_new(f->store, STORE_INDEX, slice_text(prefix));
	int found = 0, rc;

	for (rc = store_iter_first(iter, &f->err); rc == 1; rc = store_iter_next(iter, &f->err))
		found++;
	good(f, rc);
	store_iter_free(iter);
	return found;
}

static void iterators_and_deletions_keep_to_their_prefix(void **state)
{
	static const char *const keys[] = {"a", "a1", "a2", "a2x", "a3", "b", "\xff", "\xff\xff"};
	struct fixture *f = *state;

	open_new(f);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		put(f, STORE_INDEX, keys[i], "");
	good(f, store_commit(f->store, &f->err));
	assert_int_equal(count(f, "a"), 5);
	assert_int_equal(count(f, "a2"), 2);
	assert_int_equal(count(f, "\xff"), 2);
	assert_int_equal(count(f, ""), 8);
	store_delete_prefix(f->store, STORE_INDEX, slice_text("a2"));
	good(f, store_commit(f->store, &f->err));
	store_compact_prefix(f->store, STORE_INDEX, slice_text("a2"));
	assert_int_equal(count(f, "a"), 3);
	assert_int_equal(count(f, ""), 6);
}

static void an_iterator_seeks_forth_and_back(void **state)
{
	struct fixture *f = *state;
	struct store_iter *iter;

	open_new(f);
	put(f, STORE_INDEX, "k1", "one");
	put(f, STORE_INDEX, "k3", "three");
	put(f, STORE_INDEX, "l", "beyond");
	good(f, store_commit(f->store, &f->err));
	iter = store_iter_new(f->store, STORE_INDEX, slice_text("k"));
	assert_int_equal(store_iter_seek(iter, slice_text("k2"), &f->err), 1);
	assert_true(slice_equal(store_iter_value(iter), slice_text("three")));
	assert_int_equal(store_iter_seek_back(iter, slice_text("k2"), &f->err), 1);
	assert_true(slice_equal(store_iter_value(iter), slice_text("one")));
	assert_int_equal(store_iter_seek_back(iter, slice_text("k0"), &f->err), 0);
	assert_int_equal(store_iter_last(iter, &f->err), 1);
	assert_true(slice_equal(store_iter_key(iter), slice_text("k3")));
	assert_int_equal(store_iter_next(iter, &f->err), 0);
	store_iter_free(iter);
}

/* Flips a byte in the middle of each table file. */
static void damage(const struct fixture *f)
{
	DIR *listing = opendir(f->path);
	struct dirent *entry;
	struct buf content = {0};
	char *path;

	while ((entry = readdir(listing))) {
		if (!strstr(entry->d_name, ".sst"))
			continue;
		if (asprintf(&path, "%s/%s", f->path, entry->d_name) < 0)
			abort();
		file_read(path, &content);
		content.data[content.len / 2] ^= 0x40;
		file_write(path, buf_slice(&content));
		free(path);
	}
	closedir(listing);
	buf_release(&content);
}

static void damage_is_met_by_an_error_that_names_the_remedy(void **state)
{
	struct fixture *f = *state;
	struct store_iter *iter;
	int rc;

	open_new(f);
	fill(f, "a");
	store_close(f->store);
	damage(f);
	rc = store_open(f->path, &f->store, &f->err);
	if (rc == 0) {
		iter = store_iter_new(f->store, STORE_BLOCKS, (struct slice){0});
		for (rc = store_iter_first(iter, &f->err); rc == 1;)
			rc = store_iter_next(iter, &f->err);
		store_iter_free(iter);
	}
	assert_int_equal(rc, ERR_FORMAT);
	assert_non_null(strstr(f->err.message, "smiley rebuild"));
}

static void a_removed_store_is_gone_and_may_be_removed_again(void **state)
{
	struct fixture *f = *state;

	good(f, store_create(f->path, &f->err));
	good(f, store_remove(f->path, &f->err));
	assert_int_not_equal(access(f->path, F_OK), 0);
	good(f, store_remove(f->path, &f->err));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_batch_is_seen_once_it_is_committed),
		TEST(a_block_that_got_no_memory_is_not_committed),
		TEST(every_family_holds_keys_over_a_reopen),
		TEST(what_is_committed_survives_the_writers_death),
		TEST(a_store_is_not_made_over_another),
		TEST(no_store_is_told_from_a_damaged_one),
		TEST(a_manifest_that_is_not_there_is_damage),
		TEST(a_second_writer_is_refused),
		TEST(a_reader_sees_what_was_committed_when_it_caught_up),
		TEST(a_reader_sees_overwritten_and_deleted_keys_as_they_are),
		TEST(a_bulk_is_there_once_it_is_settled),
		TEST(a_reader_follows_over_the_writers_restarts),
		TEST(an_open_reader_has_left_nothing_behind),
		TEST(iterators_and_deletions_keep_to_their_prefix),
		TEST(an_iterator_seeks_forth_and_back),
		TEST(damage_is_met_by_an_error_that_names_the_remedy),
		TEST(a_removed_store_is_gone_and_may_be_removed_again),
	};

	if (argc == 3 && strcmp(argv[1], "writer") == 0)
		return be_writer(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
