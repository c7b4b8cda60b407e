#include "ingest/kafka_internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "schemas/now.h"

#define FLUSH_STEP_MS 50
#define SYNC_MS 30000

static void acknowledge(struct kafka_producer *self, uint64_t number)
{
	uint64_t at = number % KAFKA_WINDOW;

	self->acked[at / 8] |= (uint8_t)(1u << at % 8);
	for (at = self->acknowledged % KAFKA_WINDOW; self->acked[at / 8] & 1u << at % 8;
		at = self->acknowledged % KAFKA_WINDOW) {
		self->acked[at / 8] &= (uint8_t) ~(1u << at % 8);
		self->acknowledged++;
	}
}

static void fail(struct kafka_producer *self, rd_kafka_resp_err_t code, const char *topic)
{
	if (self->failure.code)
		return;
	kafka_failure(self->client, code, topic, "write", &self->failure);
	self->failure.code = self->failure.code == ERR_BUSY ? ERR_STATE : self->failure.code;
}

/* The broker's answer; served while polling. Append N (from 1) travels as its opaque. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
	struct kafka_client *client = opaque;
	struct kafka_producer *self = client->owner;

	(void)rk;
	if (message->err) {
		/* What waits behind a fatal error comes back as purged. */
		fail(self,
			rd_kafka_fatal_error(client->rk, NULL, 0) ? RD_KAFKA_RESP_ERR__FATAL
								  : message->err,
			rd_kafka_topic_name(message->rkt));
		return;
	}
	acknowledge(self, (uint64_t)(uintptr_t)message->_private - 1);
	trouble_clear(client->trouble);
}

/* Where other clients place the key, among the partitions that there were at first: a run whose
 * topic gets more of them stays in one, in order. Called by librdkafka's threads too. */
static int32_t place_key(const rd_kafka_topic_t *topic, const void *key, size_t len, int32_t count,
	void *topic_opaque, void *message_opaque)
{
	_Atomic int32_t *first = topic_opaque;
	int32_t none = 0;

	atomic_compare_exchange_strong(first, &none, count);
	if (atomic_load(first) < count)
		count = atomic_load(first);
	return rd_kafka_msg_partitioner_murmur2_random(
		topic, key, len, count, topic_opaque, message_opaque);
}

static rd_kafka_topic_t *open_topic(
	struct kafka_client *client, const char *name, _Atomic int32_t *partitions)
{
	rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(client->rk);
	rd_kafka_topic_t *topic;

	rd_kafka_topic_conf_set_opaque(conf, (void *)partitions);
	rd_kafka_topic_conf_set_partitioner_cb(conf, place_key);
	topic = rd_kafka_topic_new(client->rk, name, conf);
	if (!topic)
		rd_kafka_topic_conf_destroy(conf);
	return topic;
}

static int open_producer(struct kafka_log *log, struct err *err)
{
	struct kafka_producer *self = &log->producer;
	rd_kafka_conf_t *conf;
	int result = kafka_conf(&log->settings, KAFKA_PRODUCER, &conf, err);

	if (result < 0)
		return result;
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	result = kafka_client_open(
		&log->settings, KAFKA_PRODUCER, conf, log->trouble, self, &self->client, err);
	for (int i = 0; result == 0 && i < LOG_TOPICS; i++) {
		const char *name = kafka_log_topic(log, (enum log_topic)i);

		self->topics[i] = open_topic(self->client, name, &self->partitions[i]);
		if (!self->topics[i])
			result = err_set(err, ERR_USAGE, "topic %s: %s", name,
				rd_kafka_err2str(rd_kafka_last_error()));
	}
	if (result < 0) {
		kafka_producer_close(self);
		self->failure.code = result;
		snprintf(self->failure.message, sizeof(self->failure.message), "%s",
			err ? err->message : "no producer");
	}
	return result;
}

/* Takes in what came; the failure for good, if there is one. */
static int serve(struct kafka_producer *self, int timeout_ms, struct err *err)
{
	if (self->client) {
		rd_kafka_poll(self->client->rk, timeout_ms);
		if (!self->failure.code && rd_kafka_fatal_error(self->client->rk, NULL, 0))
			fail(self, RD_KAFKA_RESP_ERR__FATAL, NULL);
		if (!self->failure.code)
			kafka_login_failure(self->client, &self->failure);
	}
	if (self->failure.code)
		return err_set(err, self->failure.code, "%s", self->failure.message);
	return 0;
}

static int busy(struct kafka_log *log, struct err *err)
{
	char text[KAFKA_TROUBLE_BYTES];
	struct kafka_producer *self = &log->producer;
	unsigned long long left = self->appended - self->acknowledged;

	if (!trouble_get(log->trouble, text))
		snprintf(text, sizeof(text), "%s has not answered yet", log->settings.brokers);
	return err_set(err, ERR_BUSY, "%llu message%s on the way to Kafka: %s", left,
		left == 1 ? "" : "s", text);
}

/* The message is copied; schema, unless 0, goes into its header. */
static rd_kafka_resp_err_t produce(struct kafka_producer *self, enum log_topic topic,
	struct slice key, struct slice message, uint32_t schema)
{
	void *number = (void *)(uintptr_t)(self->appended + 1);
	char digits[16];
	int len;

	if (!schema)
		return rd_kafka_produce(self->topics[topic], RD_KAFKA_PARTITION_UA,
			       RD_KAFKA_MSG_F_COPY, (void *)message.data, message.len, key.data,
			       key.len, number)
			       ? rd_kafka_last_error()
			       : RD_KAFKA_RESP_ERR_NO_ERROR;
	len = snprintf(digits, sizeof(digits), "%lu", (unsigned long)schema);
	return rd_kafka_producev(self->client->rk, RD_KAFKA_V_RKT(self->topics[topic]),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_VALUE((void *)message.data, message.len),
		RD_KAFKA_V_KEY(key.data, key.len),
		RD_KAFKA_V_HEADER(KAFKA_SCHEMA_HEADER, digits, len), RD_KAFKA_V_OPAQUE(number),
		RD_KAFKA_V_END);
}

int kafka_producer_append(struct log *log, enum log_topic topic, struct slice key,
	struct slice message, struct err *err)
{
	struct kafka_log *whole = (struct kafka_log *)log;
	struct kafka_producer *self = &whole->producer;
	int result = self->client || self->failure.code ? 0 : open_producer(whole, err);
	rd_kafka_resp_err_t code;
	uint32_t schema;

	if (result == 0)
		result = serve(self, 0, err);
	if (result == 0)
		result = kafka_schema_ready(whole, err);
	if (result == 0)
		result = kafka_schema_outward(whole, message, &message, &schema, err);
	if (result < 0)
		return result;
	if (self->appended - self->acknowledged >= KAFKA_WINDOW)
		return busy(whole, err);
	code = produce(self, topic, key, message, schema);
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
		self->appended++;
		return 0;
	}
	if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		return busy(whole, err);
	fail(self, code, kafka_log_topic(whole, topic));
	return serve(self, 0, err);
}

uint64_t kafka_producer_acknowledged(struct log *log)
{
	struct kafka_producer *self = &((struct kafka_log *)log)->producer;

	serve(self, 0, NULL);
	return self->acknowledged;
}

int kafka_producer_flush(struct log *log, int timeout_ms, struct err *err)
{
	struct kafka_log *whole = (struct kafka_log *)log;
	struct kafka_producer *self = &whole->producer;
	int64_t deadline = monotonic_ms() + timeout_ms;

	for (;;) {
		int64_t left = deadline - monotonic_ms();
		int result = serve(self, 0, err);

		if (result < 0 || self->acknowledged == self->appended)
			return result;
		if (left <= 0)
			return busy(whole, err);
		/* Does not wait for linger.ms, as polling would. */
		rd_kafka_flush(self->client->rk, left < FLUSH_STEP_MS ? (int)left : FLUSH_STEP_MS);
	}
}

int kafka_producer_sync(struct log *log, struct err *err)
{
	return kafka_producer_flush(log, SYNC_MS, err);
}

void kafka_producer_close(struct kafka_producer *self)
{
	if (!self->client)
		return;
	rd_kafka_purge(self->client->rk,
		RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
	/* Whatever comes back now is nobody's any more. */
	rd_kafka_poll(self->client->rk, 0);
	for (int i = 0; i < LOG_TOPICS; i++)
		if (self->topics[i])
			rd_kafka_topic_destroy(self->topics[i]);
	memset(self->topics, 0, sizeof(self->topics));
	kafka_client_close(self->client);
	self->client = NULL;
}
