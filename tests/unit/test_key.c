/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "materializer/key.h"

static struct key_parts sample(void)
{
	struct key_parts parts = {.number = 258, .path = slice_text("/a/b.py")};

	memset(parts.run.bytes, 0x11, sizeof(parts.run.bytes));
	memset(parts.sha256, 0x22, sizeof(parts.sha256));
	memset(parts.hash, 0x33, sizeof(parts.hash));
	return parts;
}

static void every_kind_decodes_to_what_it_was_made_of(void **state)
{
	struct key_parts parts = sample(), back;
	struct buf key = {0}, again = {0};

	(void)state;
	for (int kind = 0; kind < KEY_KINDS; kind++) {
		struct slice bytes = key_encode((enum key_kind)kind, &parts, &key);

		assert_true(bytes.len > 0);
		assert_true(key_decode((enum key_kind)kind, bytes, &back));
		assert_true(slice_equal(bytes, key_encode((enum key_kind)kind, &back, &again)));
	}
	buf_release(&key);
	buf_release(&again);
}

static void a_key_cut_short_or_too_long_is_none(void **state)
{
	struct key_parts parts = sample(), back;
	struct buf key = {0};

	(void)state;
	for (int kind = 0; kind < KEY_KINDS; kind++) {
		struct slice bytes = key_encode((enum key_kind)kind, &parts, &key);

		for (size_t len = 0; len < bytes.len; len++)
			assert_false(key_decode(
				(enum key_kind)kind, (struct slice){bytes.data, len}, &back));
		buf_byte(&key, 0);
		assert_false(key_decode((enum key_kind)kind, buf_slice(&key), &back));
	}
	buf_release(&key);
}

/* So that no key is taken for another's. */
static void kinds_of_one_family_differ(void **state)
{
	struct key_parts parts = sample(), back;
	struct buf key = {0};

	(void)state;
	for (int a = 0; a < KEY_KINDS; a++) {
		for (int b = 0; b < KEY_KINDS; b++) {
			if (a == b || key_family((enum key_kind)a) != key_family((enum key_kind)b))
				continue;
			key_encode((enum key_kind)a, &parts, &key);
			assert_false(key_decode((enum key_kind)b, buf_slice(&key), &back));
		}
	}
	buf_release(&key);
}

static void bytes_sort_as_numbers_do(void **state)
{
	static const int64_t numbers[] = {
		INT64_MIN, -1000, -1, 0, 1, 255, 256, 65536, INT64_MAX - 1, INT64_MAX};
	struct key_parts parts = sample();
	struct buf before = {0}, key = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		parts.number = numbers[i];
		key_encode(KEY_BLOCK, &parts, &key);
		assert_true(i == 0 || slice_compare(buf_slice(&before), buf_slice(&key)) < 0);
		buf_clear(&before);
		buf_append(&before, key.data, key.len);
	}
	buf_release(&before);
	buf_release(&key);
}

static void a_path_is_not_the_prefix_of_a_longer_one(void **state)
{
	struct key_parts parts = sample();
	struct buf prefix = {0}, key = {0};

	(void)state;
	parts.path = slice_text("/a");
	key_prefix(KEY_RUN_FILE, &parts, 2, &prefix);
	parts.path = slice_text("/a/b");
	key_encode(KEY_RUN_FILE, &parts, &key);
	assert_int_not_equal(memcmp(key.data, prefix.data, prefix.len), 0);
	buf_release(&prefix);
	buf_release(&key);
}

static void the_end_of_a_prefix_is_behind_all_its_keys(void **state)
{
	struct buf end = {0};

	(void)state;
	key_prefix_end(slice_text("ab"), &end);
	assert_string_equal(buf_string(&end), "ac");
	key_prefix_end(slice_text("a\xff\xff"), &end);
	assert_string_equal(buf_string(&end), "b");
	key_prefix_end(slice_text("\xff\xff"), &end);
	assert_int_equal(end.len, 0);
	key_prefix_end((struct slice){0}, &end);
	assert_int_equal(end.len, 0);
	buf_release(&end);
}

/* A store lives longer than a program: these bytes may not change without STORE_VERSION. */
static void the_bytes_are_what_they_were(void **state)
{
	static const uint8_t block[] = {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
		0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x80, 0, 0, 0, 0, 0, 1, 2};
	struct key_parts parts = sample();
	struct buf key = {0};

	(void)state;
	key_encode(KEY_BLOCK, &parts, &key);
	assert_int_equal(key.len, sizeof(block));
	assert_memory_equal(key.data, block, sizeof(block));
	key_encode(KEY_RUN_FILE, &parts, &key);
	assert_int_equal(key.len, 1 + 16 + 4 + 7 + 32);
	assert_int_equal(key.data[0], 'r');
	assert_memory_equal(key.data + 17, "\0\0\0\x07/a/b.py\x22", 12);
	buf_release(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_decodes_to_what_it_was_made_of),
		cmocka_unit_test(a_key_cut_short_or_too_long_is_none),
		cmocka_unit_test(kinds_of_one_family_differ),
		cmocka_unit_test(bytes_sort_as_numbers_do),
		cmocka_unit_test(a_path_is_not_the_prefix_of_a_longer_one),
		cmocka_unit_test(the_end_of_a_prefix_is_behind_all_its_keys),
		cmocka_unit_test(the_bytes_are_what_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
