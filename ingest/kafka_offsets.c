#include "ingest/kafka_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "schemas/now.h"

#define ASK_MS 5000
#define STEP_MS 1000

static int count_topic(struct kafka_client *client, const struct rd_kafka_metadata *metadata,
	const char *name, int *count, struct err *err)
{
	for (int i = 0; i < metadata->topic_cnt; i++) {
		const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];

		if (strcmp(topic->topic, name) != 0)
			continue;
		if (topic->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
			return kafka_failure(client, topic->err, name, "read", err);
		*count = topic->partition_cnt;
	}
	return 0;
}

/* In short steps, because errors of logins are told only in between. */
static rd_kafka_resp_err_t ask_metadata(struct kafka_client *client, rd_kafka_topic_t *topic,
	int64_t deadline, const struct rd_kafka_metadata **metadata)
{
	for (;;) {
		int64_t left = deadline - monotonic_ms();
		int step = left < 1 ? 1 : left > STEP_MS ? STEP_MS : (int)left;
		rd_kafka_resp_err_t code = rd_kafka_metadata(client->rk, 0, topic, metadata, step);

		if (!code)
			return code;
		rd_kafka_poll(client->rk, 0);
		if (left <= step || kafka_login_failure(client, NULL) < 0)
			return code;
	}
}

int kafka_partition_counts(struct kafka_client *client, rd_kafka_topic_t *topics[LOG_TOPICS],
	int counts[LOG_TOPICS], int timeout_ms, struct err *err)
{
	int64_t deadline = monotonic_ms() + timeout_ms;
	int result = 0, all = 0;

	for (int i = 0; result == 0 && i < LOG_TOPICS; i++) {
		const struct rd_kafka_metadata *metadata;
		rd_kafka_resp_err_t code = ask_metadata(client, topics[i], deadline, &metadata);

		counts[i] = 0;
		if (code)
			return kafka_failure(client, code, NULL, "ask for topics", err);
		result = count_topic(
			client, metadata, rd_kafka_topic_name(topics[i]), &counts[i], err);
		rd_kafka_metadata_destroy(metadata);
		all += counts[i];
	}
	if (result == 0 && all > KAFKA_PARTITIONS_MAX)
		return err_set(err, ERR_LIMIT,
			"the topics %s* have %d partitions in all, more than a position can hold: "
			"%d at most",
			client->settings->topic_prefix, all, KAFKA_PARTITIONS_MAX);
	return result;
}

/* The partitions were in the cluster's metadata: a broker that says it has not heard of them has
 * just come back, or they have just been made. Were they gone, the next metadata would tell. */
static int offsets_failure(
	struct kafka_client *client, rd_kafka_resp_err_t code, const char *topic, struct err *err)
{
	if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return err_set(err, ERR_BUSY, "a broker of %s does not know the topics %s* yet",
			client->settings->brokers, client->settings->topic_prefix);
	return kafka_failure(client, code, topic, topic ? "read" : "ask for offsets", err);
}

int kafka_offsets(struct kafka_client *client, rd_kafka_topic_partition_list_t *list,
	int timeout_ms, struct err *err)
{
	rd_kafka_resp_err_t code;

	if (list->cnt == 0)
		return 0;
	code = rd_kafka_offsets_for_times(client->rk, list, timeout_ms);
	if (code)
		return offsets_failure(client, code, NULL, err);
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].err)
			return offsets_failure(
				client, list->elems[i].err, list->elems[i].topic, err);
	return 0;
}

int kafka_identity(struct kafka_client *client, uint64_t *identity, int timeout_ms, struct err *err)
{
	char *cluster = rd_kafka_clusterid(client->rk, timeout_ms);
	const char *prefix = client->settings->topic_prefix;

	if (!cluster)
		return err_set(err, ERR_BUSY, "no answer from %s", client->settings->brokers);
	*identity =
		XXH3_64bits_withSeed(cluster, strlen(cluster), XXH3_64bits(prefix, strlen(prefix)));
	rd_kafka_mem_free(client->rk, cluster);
	return 0;
}

static int ask_end(struct kafka_log *log, struct kafka_client *client,
	rd_kafka_topic_t *topics[LOG_TOPICS], struct position *position, struct err *err)
{
	struct kafka_table tables[LOG_TOPICS] = {0};
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
	int counts[LOG_TOPICS];
	uint64_t identity = 0;
	int result = kafka_partition_counts(client, topics, counts, ASK_MS, err);

	for (int i = 0; result == 0 && i < LOG_TOPICS; i++) {
		const char *name = kafka_log_topic(log, (enum log_topic)i);

		if (counts[i] == 0)
			result = kafka_failure(
				client, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, name, "read", err);
		for (int id = 0; id < counts[i]; id++)
			rd_kafka_topic_partition_list_add(list, name, id)->offset =
				RD_KAFKA_OFFSET_END;
	}
	if (result == 0)
		result = kafka_offsets(client, list, ASK_MS, err);
	if (result == 0)
		result = kafka_identity(client, &identity, ASK_MS, err);
	for (int i = 0, at = 0; result == 0 && i < LOG_TOPICS; i++)
		for (int id = 0; result == 0 && id < counts[i]; id++) {
			struct kafka_partition *own = kafka_table_add(&tables[i], id);

			if (own)
				own->next = list->elems[at++].offset;
			else
				result = err_set(err, ERR_MEMORY, "out of memory");
		}
	if (result == 0)
		kafka_position_put(position, identity, tables);
	for (int i = 0; i < LOG_TOPICS; i++)
		kafka_table_release(&tables[i]);
	rd_kafka_topic_partition_list_destroy(list);
	return result;
}

int kafka_log_end(struct log *log, struct position *position, struct err *err)
{
	struct kafka_log *self = (struct kafka_log *)log;
	rd_kafka_topic_t *topics[LOG_TOPICS] = {0};
	struct kafka_client *client;
	rd_kafka_conf_t *conf;
	int result = kafka_conf(&self->settings, KAFKA_CONSUMER, &conf, err);

	position->len = 0;
	if (result == 0)
		result = kafka_client_open(
			&self->settings, KAFKA_CONSUMER, conf, self->trouble, NULL, &client, err);
	if (result < 0)
		return result;
	for (int i = 0; result == 0 && i < LOG_TOPICS; i++) {
		topics[i] = rd_kafka_topic_new(
			client->rk, kafka_log_topic(self, (enum log_topic)i), NULL);
		if (!topics[i])
			result = err_set(err, ERR_USAGE, "topic %s: %s",
				kafka_log_topic(self, (enum log_topic)i),
				rd_kafka_err2str(rd_kafka_last_error()));
	}
	if (result == 0)
		result = ask_end(self, client, topics, position, err);
	for (int i = 0; i < LOG_TOPICS; i++)
		if (topics[i])
			rd_kafka_topic_destroy(topics[i]);
	kafka_client_close(client);
	return result;
}
