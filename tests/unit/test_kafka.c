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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

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
	if (f->log)
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

/* librdkafka's numbers of requests. */
enum {
	PRODUCE = 0,
	LIST_OFFSETS = 2,
	METADATA = 3,
	INIT_PRODUCER_ID = 22
};

static void read_in_order(struct fixture *f, int count)
{
	open_reader(f, LOG_FROM_START);
	for (int i = 0; i < count; i++) {
		char text[20];

		snprintf(text, sizeof(text), "block %d", i);
		assert_true(next(f));
		assert_true(slice_equal(f->record.message, slice_text(text)));
	}
}

static void append_blocks(struct fixture *f, int from, int to)
{
	for (int i = from; i < to; i++) {
		char text[20];

		snprintf(text, sizeof(text), "block %d", i);
		append(f, LOG_EVENTS, "run", text);
	}
}

static void answers_that_ask_to_try_again_change_no_order(void **state)
{
	struct fixture *f = *state;
	uint64_t before = 0;

	append_blocks(f, 0, 1);
	flush(f);
	rd_kafka_mock_push_request_errors(f->cluster, PRODUCE, 5,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
		RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR__TRANSPORT,
		RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
	for (int i = 0; i < 10; i++) {
		uint64_t now = log_acknowledged(f->log);

		append_blocks(f, 1 + i * 10, 11 + i * 10);
		assert_true(now >= before && now <= log_appended(f->log));
		before = now;
	}
	flush(f);
	assert_int_equal(log_appended(f->log), 101);
	read_in_order(f, 101);
}

static void what_is_acknowledged_is_the_longest_prefix(void **state)
{
	struct fixture *f = *state;
	int32_t slow = 0;

	/* One append to each topic; the broker of the first answers late. */
	append(f, LOG_RUNS, "run", "x");
	flush(f);
	for (slow = 1; slow <= 3; slow++)
		rd_kafka_mock_broker_set_rtt(f->cluster, slow, 0);
	rd_kafka_mock_partition_set_leader(f->cluster, "t.runs", 0, 1);
	rd_kafka_mock_partition_set_leader(f->cluster, "t.sources", 0, 2);
	append(f, LOG_RUNS, "run", "x");
	append(f, LOG_SOURCES, "digest", "x");
	flush(f);
	rd_kafka_mock_broker_set_rtt(f->cluster, 1, 700);
	append(f, LOG_RUNS, "run", "x");
	append(f, LOG_SOURCES, "digest", "x");
	/* The second is there long before the first, and does not count before it. */
	assert_int_equal(log_flush(f->log, 300, &f->err), ERR_BUSY);
	assert_int_equal(log_acknowledged(f->log), 3);
	assert_string_equal(f->err.message + strlen("2 messages on the way to Kafka: "),
		strstr(f->err.message, "Kafka: ") + strlen("Kafka: "));
	flush(f);
	assert_int_equal(log_acknowledged(f->log), 5);
}

static void brokers_that_are_away_are_waited_for(void **state)
{
	struct fixture *f = *state;

	append_blocks(f, 0, 10);
	flush(f);
	assert_null(log_trouble(f->log));
	for (int32_t id = 1; id <= 3; id++)
		rd_kafka_mock_broker_set_down(f->cluster, id);
	append_blocks(f, 10, 20);
	assert_int_equal(log_flush(f->log, 1000, &f->err), ERR_BUSY);
	assert_non_null(
		strstr(f->err.message, "10 messages on the way to Kafka: broker 127.0.0.1:"));
	assert_non_null(log_trouble(f->log));
	assert_int_equal(log_acknowledged(f->log), 10);
	for (int32_t id = 1; id <= 3; id++)
		rd_kafka_mock_broker_set_up(f->cluster, id);
	flush(f);
	assert_null(log_trouble(f->log));
	read_in_order(f, 20);
}

static void too_much_on_its_way_is_refused_for_now(void **state)
{
	struct fixture *f = *state;
	int taken = 0, result;

	for (int32_t id = 1; id <= 3; id++)
		rd_kafka_mock_broker_set_down(f->cluster, id);
	do
		result =
			log_append(f->log, LOG_EVENTS, slice_text("run"), slice_text("x"), &f->err);
	while (result == 0 && taken++ < 1000000);
	assert_int_equal(result, ERR_BUSY);
	assert_int_equal(log_appended(f->log), taken);
	assert_true(taken > 1000 && taken < 100000);
	for (int32_t id = 1; id <= 3; id++)
		rd_kafka_mock_broker_set_up(f->cluster, id);
	flush(f);
	append(f, LOG_EVENTS, "run", "x");
	flush(f);
}

static void fails_for_good(struct fixture *f, int code, const char *words)
{
	int result = log_flush(f->log, WAIT_MS, &f->err);

	assert_int_equal(result, code);
	if (!strstr(f->err.message, words))
		fail_msg("%s", f->err.message);
	/* And so for ever. */
	assert_int_equal(
		log_append(f->log, LOG_EVENTS, slice_text("run"), slice_text("x"), &f->err), code);
	assert_non_null(strstr(f->err.message, words));
	assert_int_equal(log_flush(f->log, 0, &f->err), code);
}

static void refusals_are_for_good_and_say_what_to_do(void **state)
{
	static const struct {
		rd_kafka_resp_err_t answer;
		int code;
		const char *words;
	} refusals[] = {
		{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ERR_STATE,
			"topic t.events: this user may not write it: have an access rule (ACL)"},
		{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, ERR_STATE,
			"topic t.events: a message is larger than the broker takes: set the "
			"topic's max.message.bytes to 1048588"},
		{RD_KAFKA_RESP_ERR_INVALID_RECORD, ERR_STATE, "topic t.events: "},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		append(f, LOG_EVENTS, "run", "x");
		flush(f);
		rd_kafka_mock_push_request_errors(f->cluster, PRODUCE, 1, refusals[i].answer);
		append(f, LOG_EVENTS, "run", "x");
		fails_for_good(f, refusals[i].code, refusals[i].words);
		log_close(f->log);
		f->log = NULL;
		must(f, kafka_log_open(&f->settings, &f->log, &f->err));
	}
}

static void who_may_not_write_idempotently_is_told(void **state)
{
	struct fixture *f = *state;

	rd_kafka_mock_push_request_errors(
		f->cluster, INIT_PRODUCER_ID, 1, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
	append(f, LOG_EVENTS, "run", "x");
	fails_for_good(f, ERR_STATE, "Failed to acquire idempotence PID");
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void closing_does_not_wait_for_brokers(void **state)
{
	struct fixture *f = *state;
	int64_t start;

	for (int32_t id = 1; id <= 3; id++)
		rd_kafka_mock_broker_set_down(f->cluster, id);
	append_blocks(f, 0, 100);
	open_reader(f, LOG_FROM_START);
	assert_int_equal(log_reader_next(f->reader, 0, &f->record, &f->err), 0);
	start = now_ms();
	log_reader_close(f->reader);
	f->reader = NULL;
	log_close(f->log);
	f->log = NULL;
	assert_true(now_ms() - start < 10000);
}

static void a_reader_waits_for_brokers_and_goes_on(void **state)
{
	struct fixture *f = *state;

	append_blocks(f, 0, 10);
	flush(f);
	for (int32_t id = 1; id <= 3; id++)
		rd_kafka_mock_broker_set_down(f->cluster, id);
	open_reader(f, LOG_FROM_START);
	assert_int_equal(log_reader_next(f->reader, 300, &f->record, &f->err), 0);
	assert_non_null(log_trouble(f->log));
	for (int32_t id = 1; id <= 3; id++)
		rd_kafka_mock_broker_set_up(f->cluster, id);
	for (int i = 0; i < 10; i++)
		assert_true(next(f));
}

/* One of three nodes has come back, and has not learnt of the topics. */
static void a_broker_that_does_not_know_the_topics_yet_is_asked_again(void **state)
{
	struct fixture *f = *state;

	append_blocks(f, 0, 10);
	flush(f);
	rd_kafka_mock_push_request_errors(f->cluster, LIST_OFFSETS, 3,
		RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
		RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	open_reader(f, LOG_FROM_START);
	for (int i = 0; i < 10; i++)
		assert_true(next(f));
}

static void on_alarm(int number)
{
	(void)number;
}

static void a_signal_ends_the_wait(void **state)
{
	const struct sigaction action = {.sa_handler = on_alarm}, plain = {.sa_handler = SIG_DFL};
	/* Again and again, should one come before the wait. */
	const struct itimerval often = {{0, 50000}, {0, 50000}}, never = {0};
	struct fixture *f = *state;

	open_reader(f, LOG_FROM_NOW);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_int_equal(log_reader_next(f->reader, -1, &f->record, &f->err), 0);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &plain, NULL);
}

static void a_position_of_another_cluster_is_refused(void **state)
{
	struct fixture *f = *state;
	struct position position;
	struct log *other;

	append_blocks(f, 0, 1);
	flush(f);
	open_reader(f, LOG_FROM_START);
	assert_true(next(f));
	log_reader_position(f->reader, &position);
	log_reader_close(f->reader);
	f->settings.topic_prefix = "u.";
	must(f, kafka_log_open(&f->settings, &other, &f->err));
	for (int i = 0; i < LOG_TOPICS; i++) {
		static const char *const names[] = {"u.events", "u.runs", "u.sources"};

		rd_kafka_mock_topic_create(f->cluster, names[i], PARTITIONS, 1);
	}
	f->reader = NULL;
	assert_int_equal(log_reader_open_at(other, &position, &f->reader, &f->err), ERR_STATE);
	assert_non_null(strstr(f->err.message, "or the topics have another prefix than u."));
	log_close(other);
	/* And of no cluster at all. */
	position.bytes[0] = 'L';
	assert_int_equal(log_reader_open_at(f->log, &position, &f->reader, &f->err), ERR_FORMAT);
}

static void more_partitions_than_a_position_holds_are_refused(void **state)
{
	struct fixture *f = *state;
	struct position position;

	rd_kafka_mock_topic_create(f->cluster, "many.events", 400, 1);
	log_close(f->log);
	f->log = NULL;
	f->settings.topic_prefix = "many.";
	must(f, kafka_log_open(&f->settings, &f->log, &f->err));
	assert_int_equal(log_end(f->log, &position, &f->err), ERR_LIMIT);
	assert_non_null(strstr(f->err.message, "the topics many.* have 40"));
	assert_int_equal(log_reader_open(f->log, LOG_FROM_START, &f->reader, &f->err), ERR_LIMIT);
}

static void wrong_settings_are_told(void **state)
{
	static const struct {
		const char *name, *value, *message;
	} wrong[] = {
		{"no.such", "1", "no setting no.such: librdkafka 2"},
		{"linger.ms", "soon", "setting linger.ms: Invalid value"},
		{"bootstrap.servers", "x", "setting bootstrap.servers: smiley sets this itself"},
		{"enable.auto.commit", "true",
			"setting enable.auto.commit: smiley needs it to be false"},
		{"ssl.ca.location", "/none", "setting ssl.ca.location: /none: No such file"},
		{"ssl.key.pem", "x", "setting ssl.key.pem: not a value for it"},
	};
	struct fixture *f = *state;

	f->settings.property_count = 1;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct kafka_property property = {wrong[i].name, wrong[i].value};
		struct log *log;

		f->settings.properties = &property;
		if (kafka_log_open(&f->settings, &log, &f->err) == 0) {
			/* What librdkafka looks at when it starts only. */
			assert_true(kafka_property_secret(wrong[i].name));
			log_close(log);
			continue;
		}
		assert_int_equal(f->err.code, ERR_USAGE);
		if (strncmp(f->err.message, wrong[i].message, strlen(wrong[i].message)) != 0)
			fail_msg("%s", f->err.message);
	}
}

#ifndef __SANITIZE_ADDRESS__
/* Pages that this process has mapped. */
static size_t mapped_pages(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	size_t pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%zu", &pages), 1);
	fclose(file);
	return pages;
}

static void no_room_for_threads_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct rlimit usual, tight;
	int rc;

	getrlimit(RLIMIT_AS, &usual);
	tight = usual;
	tight.rlim_cur = mapped_pages() * (size_t)sysconf(_SC_PAGESIZE) + 12 * 1024 * 1024;
	setrlimit(RLIMIT_AS, &tight);
	rc = log_reader_open(f->log, LOG_FROM_START, &f->reader, &f->err);
	setrlimit(RLIMIT_AS, &usual);
	assert_int_equal(rc, ERR_MEMORY);
}
#endif

static void secrets_are_known_by_name(void **state)
{
	static const char *const secrets[] = {"sasl.password", "ssl.key.password",
		"ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret"};
	static const char *const others[] = {"sasl.username", "ssl.key.location", "linger.ms"};

	(void)state;
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		assert_true(kafka_property_secret(secrets[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(kafka_property_secret(others[i]));
}

static void progress_counts_records(void **state)
{
	struct fixture *f = *state;
	uint64_t done, total;

	append_blocks(f, 0, 10);
	flush(f);
	open_reader(f, LOG_FROM_START);
	for (int i = 0; i < 4; i++)
		assert_true(next(f));
	must(f, log_reader_progress(f->reader, &done, &total));
	assert_int_equal(done, 4);
	assert_int_equal(total, 10);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_appended_is_read),
		test(answers_that_ask_to_try_again_change_no_order),
		test(what_is_acknowledged_is_the_longest_prefix),
		test(brokers_that_are_away_are_waited_for),
		test(too_much_on_its_way_is_refused_for_now),
		test(refusals_are_for_good_and_say_what_to_do),
		test(who_may_not_write_idempotently_is_told),
		test(closing_does_not_wait_for_brokers),
		test(a_reader_waits_for_brokers_and_goes_on),
		test(a_broker_that_does_not_know_the_topics_yet_is_asked_again),
		test(a_signal_ends_the_wait),
		test(a_position_of_another_cluster_is_refused),
		test(progress_counts_records),
		test(more_partitions_than_a_position_holds_are_refused),
		test(wrong_settings_are_told),
#ifndef __SANITIZE_ADDRESS__
		test(no_room_for_threads_is_an_error),
#endif
		cmocka_unit_test(secrets_are_known_by_name),
	};

#ifdef __SANITIZE_THREAD__
	/* Debian's librdkafka starts threads by thrd_create(), of which tsan learns nothing: it
	 * crashes in them. */
	printf("1..0 # SKIP librdkafka under tsan\n");
	(void)tests;
	return 0;
#else
	return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
