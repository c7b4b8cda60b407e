/* links: schemas ingest materializer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/packed.h"
#include "schemas/item.h"

struct fixture {
	struct buf value, packed, room;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	buf_release(&f->value);
	buf_release(&f->packed);
	buf_release(&f->room);
	free(f);
	return 0;
}

static void expect_back(struct fixture *f)
{
	struct slice back;

	packed_make(buf_slice(&f->value), &f->packed);
	assert_false(f->packed.failed);
	assert_true(packed_open(buf_slice(&f->packed), &f->room, &back));
	assert_true(slice_equal(back, buf_slice(&f->value)));
}

static void fill(struct buf *value, size_t len, unsigned step)
{
	buf_clear(value);
	for (size_t i = 0; i < len; i++)
		buf_byte(value, (uint8_t)(i * step * i >> 7));
}

static void what_was_packed_is_opened_as_it_was(void **state)
{
	static const size_t lengths[] = {
		0, 1, 63, 64, 65, 4096, 100000, MESSAGE_MAX_BYTES, MESSAGE_MAX_BYTES + 1};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		fill(&f->value, lengths[i], 1);
		expect_back(f);
		fill(&f->value, lengths[i], 2654435761u);
		expect_back(f);
	}
}

static void what_repeats_itself_gets_smaller_and_nothing_much_larger(void **state)
{
	struct fixture *f = *state;

	fill(&f->value, 16384, 0);
	expect_back(f);
	assert_true(f->packed.len < 200);
	srandom(1);
	buf_clear(&f->value);
	for (int i = 0; i < 16384; i++)
		buf_byte(&f->value, (uint8_t)(random() >> 8));
	expect_back(f);
	assert_int_equal(f->packed.len, 16384 + 1);
}

static void bytes_that_nobody_packed_are_refused(void **state)
{
	static const char *const wrong[] = {"", "\x01", "\x01\0\0\0", "\x02\0\0\0\0\0",
		"\x01\xff\xff\xff\xff\x10", "\x01\0\0\x10\0\x10"};
	static const size_t lengths[] = {0, 1, 4, 6, 6, 6};
	struct fixture *f = *state;
	struct slice back;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct slice bytes = {(const uint8_t *)wrong[i], lengths[i]};

		assert_false(packed_open(bytes, &f->room, &back));
		assert_false(f->room.failed);
	}
}

static void a_byte_changed_or_cut_off_never_reads_beyond(void **state)
{
	struct fixture *f = *state;
	struct slice back;

	for (int i = 0; i < 300; i++)
		buf_printf(&f->value, "line %d, ", i * i);
	packed_make(buf_slice(&f->value), &f->packed);
	assert_true(f->packed.len < f->value.len);
	for (size_t len = 0; len < f->packed.len; len++) {
		/* On the heap at its size, so that the address sanitizer sees every byte. */
		uint8_t *cut = malloc(len ? len : 1);

		assert_non_null(cut);
		memcpy(cut, f->packed.data, len);
		assert_false(packed_open((struct slice){cut, len}, &f->room, &back));
		free(cut);
	}
	for (size_t i = 0; i < f->packed.len; i++) {
		f->packed.data[i] ^= 0x55;
		packed_open(buf_slice(&f->packed), &f->room, &back);
		f->packed.data[i] ^= 0x55;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_packed_is_opened_as_it_was),
		TEST(what_repeats_itself_gets_smaller_and_nothing_much_larger),
		TEST(bytes_that_nobody_packed_are_refused),
		TEST(a_byte_changed_or_cut_off_never_reads_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
