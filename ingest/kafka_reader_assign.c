#include "ingest/kafka_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schemas/now.h"

#define ASK_MS 5000
#define STALLED_EVERY_MS 250
#define STALLED_ASK_MS 1000
#define MISSING_EVERY_MS 500

/* Fills the tables with all the partitions that there are. */
static int find_partitions(struct kafka_reader *self, const int counts[LOG_TOPICS], struct err *err)
{
	for (int i = 0; i < LOG_TOPICS; i++) {
		const char *name = kafka_log_topic(self->log, (enum log_topic)i);
		struct kafka_table *table = &self->tables[i];

		if (counts[i] > 0 && table->count > 0 &&
			table->partitions[table->count - 1].id >= counts[i])
			return err_set(err, ERR_STATE,
				"topic %s has %d partitions, fewer than were read: it was made anew",
				name, counts[i]);
		for (int id = 0; id < counts[i]; id++) {
			struct kafka_partition *own = kafka_table_add(table, id);

			if (!own)
				return err_set(err, ERR_MEMORY, "out of memory");
			own->place_len = (size_t)snprintf(
				own->place, sizeof(own->place), "%s[%d]@", name, id);
		}
	}
	return 0;
}

static int check_identity(struct kafka_reader *self, int timeout_ms, struct err *err)
{
	uint64_t identity;
	int result = kafka_identity(self->client, &identity, timeout_ms, err);

	if (result == 0 && self->identity && identity != self->identity)
		return err_set(err, ERR_STATE,
			"%s is another Kafka cluster than the one read before, or the topics have "
			"another prefix than %s",
			self->log->settings.brokers, self->log->settings.topic_prefix);
	if (result == 0)
		self->identity = identity;
	return result;
}

/* Each partition that is to be asked for, at its offset `what`. */
static rd_kafka_topic_partition_list_t *list_partitions(
	struct kafka_reader *self, int64_t what, bool (*wanted)(const struct kafka_partition *))
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);

	for (int i = 0; i < LOG_TOPICS; i++)
		for (size_t at = 0; at < self->tables[i].count; at++) {
			const struct kafka_partition *own = &self->tables[i].partitions[at];

			if (wanted(own))
				rd_kafka_topic_partition_list_add(list,
					kafka_log_topic(self->log, (enum log_topic)i), own->id)
					->offset = what;
		}
	return list;
}

static struct kafka_partition *partition_of(
	struct kafka_reader *self, const rd_kafka_topic_partition_t *asked)
{
	for (int i = 0; i < LOG_TOPICS; i++)
		if (strcmp(kafka_log_topic(self->log, (enum log_topic)i), asked->topic) == 0)
			return kafka_table_find(&self->tables[i], asked->partition);
	return NULL;
}

static bool is_new(const struct kafka_partition *partition)
{
	return partition->next < 0 && !partition->assigned;
}

static bool is_resumed(const struct kafka_partition *partition)
{
	return partition->next > 0 && !partition->assigned;
}

/* Asks where those that have no position begin: all at once, so that none is fetched alone
 * before the others. "Now" and times are asked for once; partitions that come later are read
 * from their start. */
static int set_start(struct kafka_reader *self, int timeout_ms, struct err *err)
{
	const int64_t first = self->start == KAFKA_AT_TIME  ? self->start_ms
			      : self->start == KAFKA_AT_END ? RD_KAFKA_OFFSET_END
							    : RD_KAFKA_OFFSET_BEGINNING;
	rd_kafka_topic_partition_list_t *list = list_partitions(self, first, is_new);
	rd_kafka_topic_partition_list_t *ends = NULL;
	int result = kafka_offsets(self->client, list, timeout_ms, err);

	if (result == 0 && self->start == KAFKA_AT_TIME) {
		ends = list_partitions(self, RD_KAFKA_OFFSET_END, is_new);
		result = kafka_offsets(self->client, ends, timeout_ms, err);
	}
	for (int i = 0; result == 0 && i < list->cnt; i++) {
		int64_t offset = list->elems[i].offset;

		/* A time behind the last record's is told as a negative one. */
		if (offset < 0 && ends)
			offset = ends->elems[i].offset;
		partition_of(self, &list->elems[i])->next = offset;
	}
	rd_kafka_topic_partition_list_destroy(list);
	if (ends)
		rd_kafka_topic_partition_list_destroy(ends);
	if (result == 0)
		self->start = KAFKA_AT_POSITIONS;
	return result;
}

static int beyond_end(const char *topic, int32_t id, int64_t next, int64_t end, struct err *err)
{
	return err_set(err, ERR_STATE,
		"topic %s, partition %d ends at %" PRId64 ", before what was read already (%" PRId64
		"): the topic was cut or made anew",
		topic, id, end, next);
}

/* What was read before must still be there, or have been. ERR_BUSY: a partition seems to be
 * shorter, which may pass. */
static int check_ends(struct kafka_reader *self, int timeout_ms, struct err *err)
{
	rd_kafka_topic_partition_list_t *list =
		list_partitions(self, RD_KAFKA_OFFSET_END, is_resumed);
	int result = kafka_offsets(self->client, list, timeout_ms, err);

	for (int i = 0; result == 0 && i < list->cnt; i++) {
		struct kafka_partition *own = partition_of(self, &list->elems[i]);

		if (list->elems[i].offset >= own->next) {
			self->stalled -= own->stalled;
			own->stalled = false;
			continue;
		}
		kafka_reader_stall(self, own);
		beyond_end(list->elems[i].topic, own->id, own->next, list->elems[i].offset, err);
		result = monotonic_ms() - own->stalled_ms < KAFKA_SETTLE_MS ? ERR_BUSY : ERR_STATE;
	}
	rd_kafka_topic_partition_list_destroy(list);
	return result;
}

/* Where to fetch from: with a print, from one record earlier, to see that it is the one. */
static int64_t fetch_from(struct kafka_partition *partition)
{
	partition->check = partition->next > 0 && partition->print != 0 && partition->lost == 0;
	return partition->check ? partition->next - 1 : partition->next;
}

static void add_unassigned(
	struct kafka_reader *self, int topic, rd_kafka_topic_partition_list_t *list)
{
	for (size_t i = 0; i < self->tables[topic].count; i++) {
		struct kafka_partition *own = &self->tables[topic].partitions[i];

		if (own->assigned)
			continue;
		rd_kafka_topic_partition_list_add(
			list, kafka_log_topic(self->log, (enum log_topic)topic), own->id)
			->offset = fetch_from(own);
		own->assigned = true;
	}
}

static int told(rd_kafka_error_t *error, const char *what, struct err *err)
{
	int result;

	if (!error)
		return 0;
	result = err_set(err, ERR_STATE, "%s: %s", what, rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
	return result;
}

static int assign_all(struct kafka_reader *self, struct err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
	int result = 0;

	for (int i = 0; i < LOG_TOPICS; i++)
		add_unassigned(self, i, list);
	if (list->cnt > 0)
		result = told(rd_kafka_incremental_assign(self->client->rk, list),
			"assign partitions", err);
	rd_kafka_topic_partition_list_destroy(list);
	return result;
}

static int subscribe(struct kafka_reader *self, struct err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t code;

	rd_kafka_topic_partition_list_add(
		list, kafka_log_topic(self->log, LOG_EVENTS), RD_KAFKA_PARTITION_UA);
	code = rd_kafka_subscribe(self->client->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (code)
		return err_set(err, ERR_STATE, "join group %s: %s", self->log->settings.group_id,
			rd_kafka_err2str(code));
	return 0;
}

static int find_missing(struct kafka_reader *self, const int counts[LOG_TOPICS], struct err *err)
{
	for (int i = 0; i < LOG_TOPICS; i++)
		if (counts[i] == 0 && self->tables[i].count > 0)
			kafka_reader_stall_all(self);
	for (int i = 0; i < LOG_TOPICS; i++)
		if (counts[i] == 0)
			return err_set(err, ERR_BUSY,
				"topic %s is not on %s yet: make it with: smiley topics --create",
				kafka_log_topic(self->log, (enum log_topic)i),
				self->log->settings.brokers);
	return 0;
}

int kafka_reader_connect(struct kafka_reader *self, int timeout_ms, struct err *err)
{
	bool grouped = self->log->settings.group_id != NULL;
	struct err missing = {0};
	int counts[LOG_TOPICS];
	int result;

	result = kafka_partition_counts(self->client, self->topics, counts, timeout_ms, err);
	if (result < 0)
		return result;
	self->look_ms = monotonic_ms() + self->every_ms;
	trouble_clear(self->log->trouble);
	if (find_missing(self, counts, &missing) < 0) {
		trouble_tell(self->log->trouble, missing.message);
		self->look_ms = monotonic_ms() + MISSING_EVERY_MS;
	}
	result = find_partitions(self, counts, err);
	if (result == 0)
		result = check_identity(self, timeout_ms, err);
	if (result == 0)
		result = set_start(self, ASK_MS, err);
	if (result == 0)
		result = check_ends(self, ASK_MS, err);
	if (result == 0 && grouped && !self->connected)
		result = subscribe(self, err);
	if (result == 0 && !grouped)
		result = assign_all(self, err);
	self->connected |= result == 0;
	return result;
}

void kafka_reader_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
	rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct kafka_reader *self = ((struct kafka_client *)opaque)->owner;
	rd_kafka_topic_partition_list_t *all;

	for (int i = 0; i < LOG_TOPICS; i++)
		for (size_t at = 0; at < self->tables[i].count; at++)
			self->tables[i].partitions[at].assigned = false;
	if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		rd_kafka_assign(rk, NULL);
		return;
	}
	all = rd_kafka_topic_partition_list_new(16);
	for (int i = 0; i < list->cnt; i++) {
		struct kafka_partition *own =
			kafka_table_add(&self->tables[LOG_EVENTS], list->elems[i].partition);

		if (!own)
			continue;
		own->place_len = (size_t)snprintf(
			own->place, sizeof(own->place), "%s[%d]@", list->elems[i].topic, own->id);
		own->assigned = true;
		rd_kafka_topic_partition_list_add(all, list->elems[i].topic, own->id)->offset =
			fetch_from(own);
	}
	for (int i = 0; i < LOG_TOPICS; i++)
		if (i != LOG_EVENTS)
			add_unassigned(self, i, all);
	rd_kafka_assign(rk, all);
	rd_kafka_topic_partition_list_destroy(all);
}

void kafka_reader_stall(struct kafka_reader *self, struct kafka_partition *partition)
{
	if (partition->stalled)
		return;
	partition->stalled = true;
	partition->stalled_ms = monotonic_ms();
	self->stalled++;
	self->stalled_look_ms = 0;
}

void kafka_reader_stall_all(struct kafka_reader *self)
{
	for (int i = 0; i < LOG_TOPICS; i++)
		for (size_t at = 0; at < self->tables[i].count; at++)
			if (self->tables[i].partitions[at].assigned)
				kafka_reader_stall(self, &self->tables[i].partitions[at]);
}

/* In a group only all can be assigned at once. */
static int assign_again(struct kafka_reader *self, struct err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
	rd_kafka_resp_err_t code;

	for (int i = 0; i < LOG_TOPICS; i++)
		for (size_t at = 0; at < self->tables[i].count; at++) {
			struct kafka_partition *own = &self->tables[i].partitions[at];

			if (own->assigned)
				rd_kafka_topic_partition_list_add(list,
					kafka_log_topic(self->log, (enum log_topic)i), own->id)
					->offset = fetch_from(own);
		}
	code = rd_kafka_assign(self->client->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	return code ? err_set(err, ERR_STATE, "assign partitions: %s", rd_kafka_err2str(code)) : 0;
}

/* Reads a partition from its `next` on. After an offset out of range 2.0.2 has stopped it, and
 * cannot seek. */
static int start_again(
	struct kafka_reader *self, int topic, struct kafka_partition *partition, struct err *err)
{
	rd_kafka_topic_partition_list_t *list;
	int result;

	if (self->log->settings.group_id)
		return assign_again(self, err);
	list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(
		list, kafka_log_topic(self->log, (enum log_topic)topic), partition->id)
		->offset = fetch_from(partition);
	result = told(
		rd_kafka_incremental_unassign(self->client->rk, list), "unassign a partition", err);
	if (result == 0)
		result = told(rd_kafka_incremental_assign(self->client->rk, list),
			"assign a partition", err);
	rd_kafka_topic_partition_list_destroy(list);
	return result;
}

static int unstall(
	struct kafka_reader *self, int topic, struct kafka_partition *partition, struct err *err)
{
	const char *name = kafka_log_topic(self->log, (enum log_topic)topic);
	int64_t begin, end;
	int result;

	if (rd_kafka_query_watermark_offsets(
		    self->client->rk, name, partition->id, &begin, &end, STALLED_ASK_MS))
		return 0;
	if (partition->broken && partition->low <= end && partition->next > end)
		kafka_probe(partition, partition->high = end);
	if (end < partition->next) {
		if (monotonic_ms() - partition->stalled_ms < KAFKA_SETTLE_MS)
			return 0;
		return beyond_end(name, partition->id, partition->next, end, err);
	}
	if (begin > partition->next) {
		if (partition->next >= 0)
			partition->lost += begin - partition->next;
		partition->broken = false;
		partition->next = begin;
	}
	/* The record before the first there is cannot be looked at. */
	if (begin == partition->next && partition->lost == 0)
		partition->print = 0;
	result = start_again(self, topic, partition, err);
	partition->stalled = result < 0;
	self->stalled -= result == 0;
	return result;
}

int kafka_reader_unstall(struct kafka_reader *self, struct err *err)
{
	int64_t now = monotonic_ms();
	int result = 0;

	if (self->stalled == 0 || now < self->stalled_look_ms)
		return 0;
	self->stalled_look_ms = now + STALLED_EVERY_MS;
	for (int i = 0; i < LOG_TOPICS; i++)
		for (size_t at = 0; result == 0 && at < self->tables[i].count; at++)
			if (self->tables[i].partitions[at].stalled)
				result = unstall(self, i, &self->tables[i].partitions[at], err);
	return result;
}
