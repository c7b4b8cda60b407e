#include "ingest/kafka_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schemas/now.h"

#define PATIENCE_MIN_MS 500
#define PATIENCE_MAX_MS 4000
#define LOOK_AROUND_MS 250 /* should a wake-up be missed */

static int fail(struct kafka_reader *self, struct err *err)
{
	return err_set(err, self->failure.code, "%s", self->failure.message);
}

/* For good, whatever its code. */
static int fail_for_good(struct kafka_reader *self, struct err *err)
{
	if (self->failure.code == ERR_BUSY)
		self->failure.code = ERR_STATE;
	return fail(self, err);
}

static rd_kafka_message_t *batch_first(struct kafka_reader *self)
{
	return self->batch_at < self->batch_len ? self->batch[self->batch_at] : NULL;
}

static void drop_first(struct kafka_reader *self)
{
	rd_kafka_message_destroy(self->batch[self->batch_at++]);
}

static void set_place(struct kafka_reader *self, const struct kafka_partition *partition,
	int64_t offset, struct log_record *record)
{
	char digits[24];
	size_t at = sizeof(digits), len = partition->place_len;
	uint64_t left = (uint64_t)offset;

	do
		digits[--at] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	memcpy(self->place, partition->place, len);
	memcpy(self->place + len, digits + at, sizeof(digits) - at);
	record->place = (struct slice){(const uint8_t *)self->place, len + sizeof(digits) - at};
}

static int made_anew(struct kafka_reader *self, const rd_kafka_message_t *message)
{
	return err_set(&self->failure, ERR_STATE,
		"topic %s was made anew: its record %lld of partition %d is not the one that was "
		"read",
		rd_kafka_topic_name(message->rkt), (long long)message->offset, message->partition);
}

/* Tries where the end of the damaged batch may be: twice as far each time, then in the middle. */
static void probe(struct kafka_reader *self, struct kafka_partition *partition)
{
	int64_t low = partition->low, high = partition->high;

	if (high < INT64_MAX)
		kafka_probe(partition, low + (high - low) / 2);
	else
		kafka_probe(partition, low + (low - partition->broken_at) - 1);
	partition->broken = low != high;
	kafka_reader_stall(self, partition);
}

/* There is something good at `next`, or the end. True: it is not known yet whether the damaged batch
 * ends there or before. */
static bool is_beyond(struct kafka_reader *self, struct kafka_partition *partition)
{
	if (partition->broken && partition->next > partition->low) {
		partition->high = partition->next;
		probe(self, partition);
		return true;
	}
	partition->broken = false;
	return false;
}

/* 1: told. 0: it is none to tell. */
static int take_record(struct kafka_reader *self, int topic, struct kafka_partition *partition,
	const rd_kafka_message_t *message, struct log_record *record)
{
	int64_t time_ms = rd_kafka_message_timestamp(message, NULL);
	uint16_t print = kafka_print(message->offset, time_ms, message->key_len, message->len);
	bool check = partition->check;

	if (partition->stalled) /* it is fetched again when that is looked into */
		return 0;
	partition->check = false;
	if (check && message->offset == partition->next - 1 && print != partition->print)
		return made_anew(self, message);
	if (message->offset < partition->next)
		return 0;
	if (is_beyond(self, partition))
		return 0;
	*record = (struct log_record){
		.topic = (enum log_topic)topic,
		.key = {message->key, message->key_len},
		.message = {message->payload, message->len},
		.lost = partition->lost,
		.damaged = partition->damaged,
		.time_ns = time_ms > 0 ? time_ms * 1000000 : 0,
	};
	if (!kafka_schema_inward(message, &self->patched, &record->message))
		return err_set(&self->failure, ERR_MEMORY, "out of memory");
	set_place(self, partition, message->offset, record);
	partition->next = message->offset + 1;
	partition->print = print;
	partition->lost = partition->damaged = 0;
	return 1;
}

/* The partition is read to its end: offsets before it that hold no record are behind us. What
 * was lost is told now if nothing comes behind it. */
static int take_end(struct kafka_reader *self, int topic, struct kafka_partition *partition,
	int64_t end, struct log_record *record)
{
	int64_t lost;

	if (partition->stalled)
		return 0;
	if (end < partition->next) {
		kafka_reader_stall(self, partition);
		return 0;
	}
	if (is_beyond(self, partition))
		return 0;
	lost = partition->lost;
	partition->check = false;
	if (end > partition->next) {
		partition->next = end;
		partition->print = 0;
	}
	if (lost == 0)
		return 0;
	*record = (struct log_record){
		.topic = (enum log_topic)topic, .lost = lost, .damaged = partition->damaged};
	set_place(self, partition, end, record);
	partition->lost = partition->damaged = 0;
	return 1;
}

/* A batch of records whose bytes are not those that were written. librdkafka would ask for it again
 * and again, and does not say where the next one begins: who asks for any record of it gets this
 * error, with the batch's first offset. */
static void pass_damage(
	struct kafka_reader *self, struct kafka_partition *partition, int64_t offset)
{
	if (partition->stalled)
		return;
	if (partition->broken && offset > partition->low) {
		partition->high = offset; /* another one, behind it */
	} else {
		if (!partition->broken && offset > partition->next)
			partition->next = offset;
		if (!partition->broken || offset != partition->broken_at)
			partition->high = INT64_MAX;
		partition->broken = true;
		partition->broken_at = offset;
		partition->low = partition->next + 1;
	}
	probe(self, partition);
}

static int take_error(struct kafka_reader *self, struct kafka_partition *partition,
	const rd_kafka_message_t *message)
{
	char text[KAFKA_TROUBLE_BYTES];
	bool grouped = self->log->settings.group_id != NULL;

	switch (message->err) {
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
		if (partition)
			kafka_reader_stall(self, partition);
		return 0;
	case RD_KAFKA_RESP_ERR__BAD_MSG:
	case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
	case RD_KAFKA_RESP_ERR_INVALID_MSG:
		if (partition)
			pass_damage(self, partition, message->offset);
		return 0;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		return kafka_failure(self->client, message->err,
			message->rkt ? rd_kafka_topic_name(message->rkt)
				     : kafka_log_topic(self->log, LOG_EVENTS),
			"read", &self->failure);
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
		if (!grouped) /* assigned positions need no group */
			return 0;
		return err_set(&self->failure, ERR_STATE,
			"group %s: this user may not read as its member: have an access rule (ACL) "
			"added",
			self->log->settings.group_id);
	case RD_KAFKA_RESP_ERR__FATAL:
		return kafka_failure(self->client, message->err, NULL, "read", &self->failure);
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		snprintf(text, sizeof(text),
			"topic %s is gone: make it with: smiley topics --create",
			message->rkt ? rd_kafka_topic_name(message->rkt)
				     : kafka_log_topic(self->log, LOG_EVENTS));
		trouble_tell(self->log->trouble, text);
		kafka_reader_stall_all(self);
		return 0;
	default:
		kafka_tidy(rd_kafka_message_errstr(message), text);
		trouble_tell(self->log->trouble, text);
		return 0;
	}
}

/* The first of the batch: 1: told, and kept for the caller. 0: it was none to tell. */
static int take(struct kafka_reader *self, struct log_record *record)
{
	rd_kafka_message_t *message = batch_first(self);
	int topic = message->rkt ? (int)(intptr_t)rd_kafka_topic_opaque(message->rkt) - 1 : -1;
	struct kafka_partition *partition = NULL;
	int result = 0;

	if (topic >= 0)
		partition = kafka_table_find(&self->tables[topic], message->partition);
	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		if (partition)
			result = take_end(self, topic, partition, message->offset, record);
	} else if (message->err) {
		result = take_error(self, partition, message);
	} else if (partition) {
		result = take_record(self, topic, partition, message, record);
	}
	if (result > 0)
		self->telling = true;
	else
		drop_first(self);
	return result;
}

/* 1: a record. 0: none in the batch. */
static int take_batch(struct kafka_reader *self, struct log_record *record)
{
	int result = self->failure.code;

	while (result == 0 && batch_first(self))
		result = take(self, record);
	return result;
}

static bool fetch_batch(struct kafka_reader *self)
{
	ssize_t got = rd_kafka_consume_batch_queue(self->queue, 0, self->batch, KAFKA_BATCH);

	self->batch_at = 0;
	self->batch_len = got > 0 ? (size_t)got : 0;
	if (got > 0)
		trouble_clear(self->log->trouble);
	return got > 0;
}

/* Looks for a broker, or for partitions that came since. Where none answers the wait grows, for
 * a slow one's sake. */
static int look(struct kafka_reader *self)
{
	struct err passing = {0};
	int result;

	if (self->patience_ms < PATIENCE_MIN_MS)
		self->patience_ms = PATIENCE_MIN_MS;
	result = kafka_reader_connect(self, self->patience_ms, &passing);
	if (result == ERR_BUSY) {
		if (!self->connected)
			trouble_tell(self->log->trouble, passing.message);
		if (self->patience_ms < PATIENCE_MAX_MS)
			self->patience_ms *= 2;
		self->look_ms = monotonic_ms() + self->patience_ms;
		return 0;
	}
	self->patience_ms = 0;
	if (result < 0)
		self->failure = passing;
	return result;
}

/* What is to be done from time to time. */
static int maintain(struct kafka_reader *self)
{
	int result = 0;

	rd_kafka_poll(self->client->rk, 0);
	if (self->client->topic_gone && self->connected)
		kafka_reader_stall_all(self);
	self->client->topic_gone = false;
	if (monotonic_ms() >= self->look_ms)
		result = look(self);
	if (result == 0)
		result = kafka_reader_unstall(self, &self->failure);
	if (result == 0)
		result = kafka_login_failure(self->client, &self->failure);
	return result;
}

/* False: a signal came. */
static bool wait_for_some(struct kafka_reader *self, int64_t left_ms)
{
	struct pollfd waiting = {.fd = self->wake_fd, .events = POLLIN};
	uint64_t count;
	int ready;

	if (left_ms < 0 || left_ms > LOOK_AROUND_MS)
		left_ms = LOOK_AROUND_MS;
	ready = poll(&waiting, 1, (int)left_ms);
	if (ready > 0 && read(self->wake_fd, &count, sizeof(count)) < 0)
		return true;
	return ready >= 0 || errno != EINTR;
}

int kafka_reader_next(
	struct log_reader *reader, int timeout_ms, struct log_record *record, struct err *err)
{
	struct kafka_reader *self = (struct kafka_reader *)reader;
	int64_t deadline = timeout_ms > 0 ? monotonic_ms() + timeout_ms : 0;

	if (self->telling)
		drop_first(self);
	self->telling = false;
	for (;;) {
		int result = take_batch(self, record);
		int64_t left = timeout_ms;

		if (result == 0)
			result = maintain(self);
		else if (result > 0)
			return result;
		if (result < 0)
			return fail_for_good(self, err);
		if (fetch_batch(self))
			continue;
		if (timeout_ms > 0)
			left = deadline - monotonic_ms();
		if (timeout_ms >= 0 && left <= 0)
			return 0;
		if (!wait_for_some(self, left))
			return 0;
	}
}

void kafka_reader_position(const struct log_reader *reader, struct position *position)
{
	const struct kafka_reader *self = (const struct kafka_reader *)reader;

	kafka_position_put(position, self->identity, self->tables);
}

int kafka_reader_progress(struct log_reader *reader, uint64_t *done, uint64_t *total)
{
	struct kafka_reader *self = (struct kafka_reader *)reader;

	*done = *total = 0;
	for (int i = 0; i < LOG_TOPICS; i++)
		for (size_t at = 0; at < self->tables[i].count; at++) {
			const struct kafka_partition *own = &self->tables[i].partitions[at];
			int64_t begin, end;

			/* As of the last fetch: no request. */
			if (rd_kafka_get_watermark_offsets(self->client->rk,
				    kafka_log_topic(self->log, (enum log_topic)i), own->id, &begin,
				    &end) ||
				begin < 0 || end < begin)
				continue;
			*total += (uint64_t)(end - begin);
			if (own->next > begin)
				*done += (uint64_t)(own->next < end ? own->next - begin
								    : end - begin);
		}
	return 0;
}
