#include "ingest/kafka_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "schemas/now.h"

#define OPEN_MS 3500
#define LOOK_MS 10000
#define SETTLE_STEP_MS 250

static int wake_on(struct kafka_reader *self, struct err *err)
{
	static const uint64_t one = 1;
	rd_kafka_queue_t *main_queue;

	self->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (self->wake_fd < 0)
		return err_set_errno(err, errno, "make an eventfd");
	self->queue = rd_kafka_queue_get_consumer(self->client->rk);
	main_queue = rd_kafka_queue_get_main(self->client->rk);
	rd_kafka_queue_io_event_enable(self->queue, self->wake_fd, &one, sizeof(one));
	rd_kafka_queue_io_event_enable(main_queue, self->wake_fd, &one, sizeof(one));
	rd_kafka_queue_destroy(main_queue);
	return 0;
}

static int open_topics(struct kafka_reader *self, struct err *err)
{
	for (int i = 0; i < LOG_TOPICS; i++) {
		const char *name = kafka_log_topic(self->log, (enum log_topic)i);
		rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(self->client->rk);

		/* So that a message tells its topic. */
		rd_kafka_topic_conf_set_opaque(conf, (void *)(intptr_t)(i + 1));
		self->topics[i] = rd_kafka_topic_new(self->client->rk, name, conf);
		if (!self->topics[i]) {
			rd_kafka_topic_conf_destroy(conf);
			return err_set(err, ERR_USAGE, "topic %s: %s", name,
				rd_kafka_err2str(rd_kafka_last_error()));
		}
	}
	return 0;
}

static int open_client(struct kafka_reader *self, struct err *err)
{
	const struct kafka_settings *settings = &self->log->settings;
	const char *every = kafka_settings_get(settings, "topic.metadata.refresh.interval.ms");
	rd_kafka_conf_t *conf;
	int result = kafka_conf(settings, KAFKA_CONSUMER, &conf, err);

	if (result < 0)
		return result;
	self->every_ms = every ? atoll(every) : LOOK_MS;
	if (self->every_ms <= 0) /* the user wants none */
		self->every_ms = INT64_MAX / 2;
	if (settings->group_id)
		rd_kafka_conf_set_rebalance_cb(conf, kafka_reader_rebalance);
	result = kafka_client_open(
		settings, KAFKA_CONSUMER, conf, self->log->trouble, self, &self->client, err);
	if (result == 0)
		result = open_topics(self, err);
	if (result == 0)
		result = wake_on(self, err);
	return result;
}

/* Waits a little for a broker, so that what is wrong is told at once; without one the reader
 * goes on trying. */
static int first_contact(struct kafka_reader *self, struct err *err)
{
	int64_t deadline = monotonic_ms() + OPEN_MS;
	int result;

	do {
		int64_t left = deadline - monotonic_ms();

		result = kafka_reader_connect(self, left > 1 ? (int)left : 1, err);
		if (result == ERR_BUSY && self->stalled)
			usleep(SETTLE_STEP_MS * 1000);
	} while (result == ERR_BUSY && self->stalled && monotonic_ms() < deadline);
	if (result != ERR_BUSY)
		return result;
	self->look_ms = 0;
	trouble_tell(self->log->trouble, err->message);
	return 0;
}

static int open_reader(struct log *log, const struct position *position, enum kafka_start start,
	int64_t start_ms, struct log_reader **reader, struct err *err)
{
	struct kafka_reader *self = calloc(1, sizeof(*self));
	struct err own = {0};
	int result;

	if (!self)
		return err_set(err, ERR_MEMORY, "out of memory");
	self->base.class = &kafka_log_class;
	self->log = (struct kafka_log *)log;
	self->wake_fd = -1;
	self->start = start;
	self->start_ms = start_ms;
	result = kafka_position_get(position, &self->identity, self->tables, err);
	if (result == 0)
		result = open_client(self, err);
	if (result == 0) {
		result = first_contact(self, &own);
		if (result < 0 && err)
			*err = own;
	}
	if (result < 0) {
		kafka_reader_close(&self->base);
		return result;
	}
	*reader = &self->base;
	return 0;
}

int kafka_reader_open(
	struct log *log, enum log_start start, struct log_reader **reader, struct err *err)
{
	const struct position none = {0};

	return open_reader(log, &none, start == LOG_FROM_NOW ? KAFKA_AT_END : KAFKA_AT_POSITIONS, 0,
		reader, err);
}

int kafka_reader_open_at(struct log *log, const struct position *position,
	struct log_reader **reader, struct err *err)
{
	return open_reader(log, position, KAFKA_AT_POSITIONS, 0, reader, err);
}

int kafka_reader_open_at_time(
	struct log *log, int64_t time_ns, struct log_reader **reader, struct err *err)
{
	const struct position none = {0};

	if (log->class != &kafka_log_class)
		return err_set(err, ERR_USAGE, "only a log on Kafka can be read from a time on");
	/* Up, so that nothing before the time is shown. */
	return open_reader(log, &none, KAFKA_AT_TIME, time_ns / 1000000 + (time_ns % 1000000 > 0),
		reader, err);
}

static void leave_group(struct kafka_reader *self)
{
	int64_t deadline = monotonic_ms() + OPEN_MS;
	rd_kafka_error_t *refused = rd_kafka_consumer_close_queue(self->client->rk, self->queue);

	if (refused) {
		rd_kafka_error_destroy(refused);
		return;
	}
	while (!rd_kafka_consumer_closed(self->client->rk) && monotonic_ms() < deadline) {
		rd_kafka_message_t *message = rd_kafka_consume_queue(self->queue, 50);

		if (message)
			rd_kafka_message_destroy(message);
	}
}

void kafka_reader_close(struct log_reader *reader)
{
	struct kafka_reader *self = (struct kafka_reader *)reader;

	while (self->batch_at < self->batch_len)
		rd_kafka_message_destroy(self->batch[self->batch_at++]);
	if (self->queue && self->log->settings.group_id && self->connected)
		leave_group(self);
	if (self->queue) {
		rd_kafka_queue_io_event_enable(self->queue, -1, NULL, 0);
		rd_kafka_queue_destroy(self->queue);
	}
	for (int i = 0; i < LOG_TOPICS; i++) {
		if (self->topics[i])
			rd_kafka_topic_destroy(self->topics[i]);
		kafka_table_release(&self->tables[i]);
	}
	if (self->client) {
		rd_kafka_queue_t *main_queue = rd_kafka_queue_get_main(self->client->rk);

		rd_kafka_queue_io_event_enable(main_queue, -1, NULL, 0);
		rd_kafka_queue_destroy(main_queue);
	}
	kafka_client_close(self->client);
	buf_release(&self->patched);
	if (self->wake_fd >= 0)
		close(self->wake_fd);
	free(self);
}
