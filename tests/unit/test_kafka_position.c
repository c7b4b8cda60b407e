/* links: ingest schemas */
/*
 * Positions of topics: what is written is read; whatever the bytes, nothing else is; order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/file_log_internal.h"
#include "ingest/kafka_internal.h"

static struct kafka_partition *put(struct kafka_table *tables, int topic, int32_t id, int64_t next)
{
	struct kafka_partition *own = kafka_table_add(&tables[topic], id);

	own->next = next;
	own->print = (uint16_t)(next * 7 + id);
	return own;
}

static void release(struct kafka_table *tables)
{
	for (int i = 0; i < LOG_TOPICS; i++)
		kafka_table_release(&tables[i]);
}

/* One partition of each topic, at these offsets. */
static struct position at(int64_t events, int64_t runs, int64_t sources)
{
	struct kafka_table tables[LOG_TOPICS] = {0};
	struct position position;

	put(tables, LOG_EVENTS, 0, events);
	put(tables, LOG_RUNS, 0, runs);
	put(tables, LOG_SOURCES, 0, sources);
	kafka_position_put(&position, 77, tables);
	release(tables);
	return position;
}

static void same_tables(const struct kafka_table *a, const struct kafka_table *b)
{
	for (int i = 0; i < LOG_TOPICS; i++) {
		assert_int_equal(a[i].count, b[i].count);
		for (size_t j = 0; j < a[i].count; j++) {
			assert_int_equal(a[i].partitions[j].id, b[i].partitions[j].id);
			assert_int_equal(a[i].partitions[j].next, b[i].partitions[j].next);
			assert_int_equal(a[i].partitions[j].print, b[i].partitions[j].print);
		}
	}
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 300; round++) {
		struct kafka_table tables[LOG_TOPICS] = {0}, read[LOG_TOPICS] = {0};
		struct position position;
		uint64_t identity;

		for (int i = 0; i < 1 + rand() % KAFKA_PARTITIONS_MAX; i++)
			put(tables, rand() % LOG_TOPICS, rand() % (round % 2 ? 100 : 1 << 14),
				(int64_t)rand() << rand() % 18);
		kafka_position_put(&position, 5 + (uint64_t)round, tables);
		assert_int_equal(kafka_position_get(&position, &identity, read, NULL), 0);
		assert_int_equal(identity, 5 + round);
		same_tables(tables, read);
		release(tables);
		release(read);
	}
}

static void the_largest_fits(void **state)
{
	struct kafka_table tables[LOG_TOPICS] = {0}, read[LOG_TOPICS] = {0};
	struct position position;
	uint64_t identity;

	(void)state;
	for (int i = 0; i < KAFKA_PARTITIONS_MAX; i++)
		put(tables, i % LOG_TOPICS, (i + 1) * 45, (1ll << 49) - 1);
	kafka_position_put(&position, UINT64_MAX, tables);
	assert_true(position.len <= POSITION_MAX_BYTES);
	assert_int_equal(kafka_position_get(&position, &identity, read, NULL), 0);
	same_tables(tables, read);
	release(tables);
	release(read);
}

static void what_is_not_known_or_not_told_yet_is_left_out(void **state)
{
	struct kafka_table tables[LOG_TOPICS] = {0}, read[LOG_TOPICS] = {0};
	struct position position;
	uint64_t identity;

	(void)state;
	put(tables, LOG_EVENTS, 3, RD_KAFKA_OFFSET_BEGINNING);
	kafka_position_put(&position, 1, tables);
	assert_int_equal(position.len, 0);
	/* Seven records are lost, which nobody knows yet: a restart must find that again. */
	put(tables, LOG_EVENTS, 4, 10)->lost = 7;
	kafka_position_put(&position, 1, tables);
	assert_int_equal(kafka_position_get(&position, &identity, read, NULL), 0);
	assert_int_equal(read[LOG_EVENTS].count, 1);
	assert_int_equal(read[LOG_EVENTS].partitions[0].next, 3);
	release(tables);
	release(read);
}

static void bytes_that_are_no_position_are_refused(void **state)
{
	struct kafka_table tables[LOG_TOPICS] = {0};
	struct position good = at(300, 2, 1), bad;
	struct err err = {0};
	uint64_t identity;

	(void)state;
	for (size_t len = 1; len < good.len; len++) {
		bad = good;
		bad.len = len;
		assert_int_equal(kafka_position_get(&bad, &identity, tables, &err), ERR_FORMAT);
		assert_string_equal(err.message, "not a position of Kafka topics");
		assert_int_equal(tables[0].count, 0);
	}
	bad = good;
	bad.bytes[bad.len++] = 0; /* more than it says */
	assert_int_equal(kafka_position_get(&bad, &identity, tables, NULL), ERR_FORMAT);
	bad = good;
	bad.bytes[1] = 2; /* a newer version's */
	assert_int_equal(kafka_position_get(&bad, &identity, tables, NULL), ERR_FORMAT);
	/* Random changes: refused, or a position that is written as it was read. */
	srand(2);
	for (int round = 0; round < 20000; round++) {
		struct position again;

		bad = good;
		for (int i = 0; i < 1 + round % 4; i++)
			bad.bytes[(size_t)rand() % bad.len] = (uint8_t)rand();
		if (kafka_position_get(&bad, &identity, tables, NULL) < 0)
			continue;
		kafka_position_put(&again, identity, tables);
		assert_true(again.len == 0 ||
			    (again.len == bad.len && memcmp(again.bytes, bad.bytes, bad.len) == 0));
		release(tables);
	}
}

static void order_is_partial(void **state)
{
	const struct position none = {0};
	struct position a = at(5, 5, 5), b = at(5, 6, 5), c = at(6, 5, 5), zero = at(0, 0, 0);
	struct kafka_table tables[LOG_TOPICS] = {0};
	struct position more, other;

	(void)state;
	assert_int_equal(position_compare(&a, &a), 0);
	assert_int_equal(position_compare(&b, &a), 1);
	assert_int_equal(position_compare(&a, &b), -1);
	assert_int_equal(position_compare(&b, &c), -1);
	assert_int_equal(position_compare(&c, &b), -1);
	/* A partition that is not named is at its start. */
	put(tables, LOG_EVENTS, 0, 5);
	put(tables, LOG_EVENTS, 1, 9);
	put(tables, LOG_RUNS, 0, 5);
	put(tables, LOG_SOURCES, 0, 5);
	kafka_position_put(&more, 77, tables);
	assert_int_equal(position_compare(&more, &a), 1);
	assert_int_equal(position_compare(&a, &more), -1);
	kafka_position_put(&other, 78, tables);
	assert_int_equal(position_compare(&other, &a), -1);
	assert_int_equal(position_compare(&a, &other), -1);
	release(tables);
	assert_int_equal(position_compare(&zero, &none), 0);
	assert_int_equal(position_compare(&none, &zero), 0);
	assert_int_equal(position_compare(&a, &none), 1);
	assert_int_equal(position_compare(&none, &a), -1);
}

static void places_of_the_two_kinds_of_logs_are_apart(void **state)
{
	struct kafka_table tables[LOG_TOPICS] = {0};
	struct position file, more, topics = at(5, 5, 5);
	uint64_t identity, segment, offset;

	(void)state;
	file_position_put(&file, 3, 4096);
	file_position_put(&more, 3, 5000);
	assert_int_equal(position_compare(&more, &file), 1);
	assert_int_equal(position_compare(&file, &more), -1);
	assert_int_equal(position_compare(&file, &file), 0);
	assert_int_equal(position_compare(&file, &topics), -1);
	assert_int_equal(position_compare(&topics, &file), -1);
	assert_int_equal(kafka_position_get(&file, &identity, tables, NULL), ERR_FORMAT);
	topics.len = 16;
	assert_int_equal(file_position_get(&topics, &segment, &offset, NULL), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_largest_fits),
		cmocka_unit_test(what_is_not_known_or_not_told_yet_is_left_out),
		cmocka_unit_test(bytes_that_are_no_position_are_refused),
		cmocka_unit_test(order_is_partial),
		cmocka_unit_test(places_of_the_two_kinds_of_logs_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
