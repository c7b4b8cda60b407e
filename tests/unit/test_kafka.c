/* links: ingest schemas */
/*
 * The log on Kafka topics, against librdkafka's own mock of a cluster.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ingest/kafka.h"

#define WAIT_MS 20000
#define PARTITIONS 4

struct fixture {
	rd_kafka_t *rk;
	rd_kafka_mock_cluster_t *cluster;
	struct kafka_settings settings;
	struct log *log;
	struct log_reader *reader;
	struct log_record record;
	struct err err;
};

static void must(struct fixture *f, int result)
{
	if (result < 0)
		fail_msg("%d: %s", result, f->err.message);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char words[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	rd_kafka_conf_set(conf, "log_level", "0", words, sizeof(words));
	f->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof(words));
	f->cluster = rd_kafka_mock_cluster_new(f->rk, 3);
	rd_kafka_mock_topic_create(f->cluster, "t.events", PARTITIONS, 1);
	rd_kafka_mock_topic_create(f->cluster, "t.runs", 1, 1);
	rd_kafka_mock_topic_create(f->cluster, "t.sources", 1, 1);
	f->settings.brokers = rd_kafka_mock_cluster_bootstraps(f->cluster);
	f->settings.topic_prefix = "t.";
	must(f, kafka_log_open(&f->settings, &f->log, &f->err));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_reader_close(f->reader);
	log_close(f->log);
	rd_kafka_mock_cluster_destroy(f->cluster);
	rd_kafka_destroy(f->rk);
	free(f);
	return 0;
}

static void append(struct fixture *f, enum log_topic topic, const char *key, const char *text)
{
	must(f, log_append(f->log, topic, slice_text(key), slice_text(text), &f->err));
}

static void flush(struct fixture *f)
{
	must(f, log_flush(f->log, WAIT_MS, &f->err));
	assert_int_equal(log_acknowledged(f->log), log_appended(f->log));
}

static void open_reader(struct fixture *f, enum log_start start)
{
	log_reader_close(f->reader);
	f->reader = NULL;
	must(f, log_reader_open(f->log, start, &f->reader, &f->err));
}

static bool next(struct fixture *f)
{
	int result = log_reader_next(f->reader, WAIT_MS, &f->record, &f->err);

	must(f, result);
	return result > 0;
}

static void what_is_appended_is_read(void **state)
{
	struct fixture *f = *state;
	struct position position, end;
	int events = 0, others = 0;

	append(f, LOG_RUNS, "run", "started");
	append(f, LOG_SOURCES, "digest", "text");
	for (int i = 0; i < 20; i++) {
		char text[20];

		snprintf(text, sizeof(text), "block %d", i);
		append(f, LOG_EVENTS, "run", text);
	}
	flush(f);
	open_reader(f, LOG_FROM_START);
	for (int i = 0; i < 22; i++) {
		assert_true(next(f));
		if (f->record.topic == LOG_EVENTS) {
			char text[20];

			snprintf(text, sizeof(text), "block %d", events++);
			assert_true(slice_equal(f->record.message, slice_text(text)));
			assert_true(slice_equal(f->record.key, slice_text("run")));
		} else {
			others++;
		}
	}
	assert_int_equal(events, 20);
	assert_int_equal(others, 2);
	must(f, log_end(f->log, &end, &f->err));
	log_reader_position(f->reader, &position);
	assert_int_equal(position_compare(&position, &end), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_appended_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
