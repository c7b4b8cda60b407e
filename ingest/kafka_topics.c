#include "ingest/kafka_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/now.h"

#define ASK_MS 30000
#define STEP_MS 100
#define KNOWN_MS 5000

/* One question to the cluster about its topics. */
struct admin {
	struct kafka_client *client;
	rd_kafka_queue_t *queue;
	const struct rd_kafka_metadata *metadata; /* of all topics */
	const struct kafka_settings *settings;
	void (*each)(void *context, const char *name, const char *what, bool wrong);
	void *context;
	size_t made, failed; /* topics */
};

static void admin_close(struct admin *self)
{
	if (self->metadata)
		rd_kafka_metadata_destroy(self->metadata);
	if (self->queue)
		rd_kafka_queue_destroy(self->queue);
	kafka_client_close(self->client);
}

/* A producer's handle: it asks for no topic by itself, which might make it. */
static int admin_open(struct admin *self, struct trouble *trouble, struct err *err)
{
	int64_t deadline = monotonic_ms() + ASK_MS;
	rd_kafka_resp_err_t code;
	rd_kafka_conf_t *conf;
	int result = kafka_conf(self->settings, KAFKA_ADMIN, &conf, err);

	if (result == 0)
		result = kafka_client_open(
			self->settings, KAFKA_ADMIN, conf, trouble, NULL, &self->client, err);
	if (result < 0)
		return result;
	self->queue = rd_kafka_queue_new(self->client->rk);
	do {
		code = rd_kafka_metadata(self->client->rk, 1, NULL, &self->metadata, 1000);
		rd_kafka_poll(self->client->rk, 0);
	} while (code && kafka_login_failure(self->client, NULL) == 0 && monotonic_ms() < deadline);
	if (code) {
		self->metadata = NULL;
		return kafka_failure(self->client, code, NULL, "ask for topics", err);
	}
	return 0;
}

static const struct rd_kafka_metadata_topic *find(const struct admin *self, const char *name)
{
	for (int i = 0; i < self->metadata->topic_cnt; i++) {
		const struct rd_kafka_metadata_topic *topic = &self->metadata->topics[i];

		if (strcmp(topic->topic, name) == 0 && topic->partition_cnt > 0)
			return topic;
	}
	return NULL;
}

/* The answer, or NULL and err. */
static rd_kafka_event_t *wait_answer(struct admin *self, const char *what, struct err *err)
{
	int64_t deadline = monotonic_ms() + ASK_MS;

	while (monotonic_ms() < deadline) {
		rd_kafka_event_t *event = rd_kafka_queue_poll(self->queue, STEP_MS);

		rd_kafka_poll(self->client->rk, 0);
		if (event && rd_kafka_event_error(event)) {
			kafka_failure(self->client, rd_kafka_event_error(event), NULL, what, err);
			rd_kafka_event_destroy(event);
			return NULL;
		}
		if (event)
			return event;
		if (kafka_login_failure(self->client, err) < 0)
			return NULL;
	}
	kafka_failure(self->client, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL, what, err);
	return NULL;
}

static int wanted_replication(const struct admin *self, const struct kafka_topic *topic)
{
	int brokers = self->metadata->broker_cnt;

	return topic->replication < brokers ? topic->replication : brokers;
}

static void tell(struct admin *self, const char *name, bool wrong, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void tell(struct admin *self, const char *name, bool wrong, const char *format, ...)
{
	char text[512];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	self->each(self->context, name, text, wrong);
}

static int create(
	struct admin *self, const struct kafka_topic *topic, const char *name, struct err *err)
{
	int replication = wanted_replication(self, topic);
	char words[256];
	rd_kafka_NewTopic_t *made =
		rd_kafka_NewTopic_new(name, topic->partitions, replication, words, sizeof(words));
	rd_kafka_event_t *event;
	const rd_kafka_topic_result_t **results;
	size_t count;

	if (!made)
		return err_set(err, ERR_USAGE, "topic %s: %s", name, words);
	for (size_t i = 0; i < topic->property_count; i++)
		rd_kafka_NewTopic_set_config(
			made, topic->properties[i].name, topic->properties[i].value);
	rd_kafka_CreateTopics(self->client->rk, &made, 1, NULL, self->queue);
	event = wait_answer(self, "create topics", err);
	rd_kafka_NewTopic_destroy(made);
	if (!event)
		return err ? err->code : ERR_STATE;
	results = rd_kafka_CreateTopics_result_topics(
		rd_kafka_event_CreateTopics_result(event), &count);
	for (size_t i = 0; i < count; i++) {
		rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
		const char *why = rd_kafka_topic_result_error_string(results[i]);

		if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
			tell(self, name, false, "somebody else just made it");
		else if (code)
			tell(self, name, true, "cannot be made: %s",
				why ? why : rd_kafka_err2str(code));
		else
			tell(self, name, false, "made: %d partition%s, %d replica%s",
				topic->partitions, topic->partitions == 1 ? "" : "s", replication,
				replication == 1 ? "" : "s");
		self->made += code == 0;
		self->failed += code != 0;
	}
	rd_kafka_event_destroy(event);
	return 0;
}

/* How many of the topic's properties differ; each is told. */
static size_t compare_configs(struct admin *self, const struct kafka_topic *topic, const char *name,
	const rd_kafka_ConfigResource_t *resource)
{
	size_t count, wrong = 0;
	const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);

	for (size_t i = 0; i < topic->property_count; i++) {
		const struct kafka_property *own = &topic->properties[i];
		const char *value = NULL;

		for (size_t j = 0; j < count; j++)
			if (strcmp(rd_kafka_ConfigEntry_name(entries[j]), own->name) == 0)
				value = rd_kafka_ConfigEntry_value(entries[j]);
		if (value && strcmp(value, own->value) == 0)
			continue;
		wrong++;
		tell(self, name, true, "%s is %s, not %s: change it with kafka-configs", own->name,
			value ? value : "not known", own->value);
	}
	return wrong;
}

static int check_configs(struct admin *self, const struct kafka_topic *topic, const char *name,
	size_t *wrong, struct err *err)
{
	rd_kafka_ConfigResource_t *asked =
		rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name);
	const rd_kafka_ConfigResource_t **resources;
	rd_kafka_event_t *event;
	size_t count;

	rd_kafka_DescribeConfigs(self->client->rk, &asked, 1, NULL, self->queue);
	event = wait_answer(self, "look at topics", err);
	rd_kafka_ConfigResource_destroy(asked);
	if (!event)
		return err ? err->code : ERR_STATE;
	resources = rd_kafka_DescribeConfigs_result_resources(
		rd_kafka_event_DescribeConfigs_result(event), &count);
	for (size_t i = 0; i < count; i++) {
		rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resources[i]);

		if (code) {
			++*wrong;
			tell(self, name, true, "its properties cannot be read: %s",
				rd_kafka_err2str(code));
			continue;
		}
		*wrong += compare_configs(self, topic, name, resources[i]);
	}
	rd_kafka_event_destroy(event);
	return 0;
}

static int check(struct admin *self, const struct kafka_topic *topic, const char *name,
	const struct rd_kafka_metadata_topic *found, struct err *err)
{
	int replication = wanted_replication(self, topic), result;
	size_t wrong = 0;

	if (found->partition_cnt < topic->partitions) {
		wrong++;
		tell(self, name, true, "%d partition%s, not %d: add some with kafka-topics --alter",
			found->partition_cnt, found->partition_cnt == 1 ? "" : "s",
			topic->partitions);
	}
	if (found->partitions[0].replica_cnt < replication) {
		wrong++;
		tell(self, name, true,
			"%d replica%s, not %d: change it with kafka-reassign-partitions",
			found->partitions[0].replica_cnt,
			found->partitions[0].replica_cnt == 1 ? "" : "s", replication);
	}
	result = check_configs(self, topic, name, &wrong, err);
	if (result == 0 && wrong == 0)
		self->each(self->context, name, NULL, false);
	return result;
}

static int each_topic(
	struct admin *self, const struct kafka_topic *topic, bool make, struct err *err)
{
	const struct rd_kafka_metadata_topic *found;
	struct buf name = {0};
	int result;

	kafka_topic_name(self->settings, topic->topic, &name);
	found = find(self, buf_string(&name));
	if (name.failed)
		result = err_set(err, ERR_MEMORY, "out of memory");
	else if (found)
		result = check(self, topic, buf_string(&name), found, err);
	else if (make)
		result = create(self, topic, buf_string(&name), err);
	else {
		tell(self, buf_string(&name), true,
			"is not there: make it with: smiley topics --create");
		result = 0;
	}
	buf_release(&name);
	return result;
}

/* A topic just made takes a moment to be known to all: so that what is done next finds it. */
static void wait_known(struct admin *self, const struct kafka_topic *topics, size_t count)
{
	int64_t deadline = monotonic_ms() + KNOWN_MS;
	size_t known = 0;

	while (known < count && monotonic_ms() < deadline) {
		const struct rd_kafka_metadata *now;
		struct buf name = {0};

		if (rd_kafka_metadata(self->client->rk, 1, NULL, &now, 1000))
			continue;
		rd_kafka_metadata_destroy(self->metadata);
		self->metadata = now;
		for (known = 0; known < count; known++) {
			buf_clear(&name);
			kafka_topic_name(self->settings, topics[known].topic, &name);
			if (!find(self, buf_string(&name)))
				break;
		}
		buf_release(&name);
		if (known < count)
			usleep(STEP_MS * 1000);
	}
}

static int all_topics(struct admin *self, const struct kafka_topic *topics, size_t count, bool make,
	struct err *err)
{
	struct trouble *trouble = trouble_new();
	struct err own = {0};
	int result = trouble ? admin_open(self, trouble, &own)
			     : err_set(&own, ERR_MEMORY, "out of memory");

	for (size_t i = 0; result == 0 && i < count; i++)
		result = each_topic(self, &topics[i], make, &own);
	if (result == 0 && self->made > 0 && self->failed == 0)
		wait_known(self, topics, count);
	admin_close(self);
	trouble_release(trouble);
	if (result < 0 && err)
		*err = own;
	return result;
}

int kafka_topics_create(const struct kafka_settings *settings, const struct kafka_topic *topics,
	size_t count, void (*each)(void *context, const char *name, const char *what, bool wrong),
	void *context, struct err *err)
{
	struct admin self = {.settings = settings, .each = each, .context = context};

	return all_topics(&self, topics, count, true, err);
}

int kafka_topics_check(const struct kafka_settings *settings, const struct kafka_topic *topics,
	size_t count, void (*each)(void *context, const char *name, const char *what, bool wrong),
	void *context, struct err *err)
{
	struct admin self = {.settings = settings, .each = each, .context = context};

	return all_topics(&self, topics, count, false, err);
}

/* Keeps the last thing that is wrong. */
static void note_wrong(void *context, const char *name, const char *what, bool wrong)
{
	struct err *err = context;

	if (wrong)
		err_set(err, ERR_STATE, "topic %s %s", name, what);
}

static int make_one(struct admin *self, const char *name, struct err *err)
{
	/* Lowered to how many brokers there are. */
	const struct kafka_topic topic = {.partitions = 1, .replication = 3};
	int64_t deadline = monotonic_ms() + KNOWN_MS;
	int result;

	if (find(self, name))
		return 0;
	result = create(self, &topic, name, err);
	while (result == 0 && self->made && !find(self, name) && monotonic_ms() < deadline) {
		const struct rd_kafka_metadata *now;

		usleep(STEP_MS * 1000);
		if (rd_kafka_metadata(self->client->rk, 1, NULL, &now, 1000))
			continue;
		rd_kafka_metadata_destroy(self->metadata);
		self->metadata = now;
	}
	return result;
}

int kafka_text_make(const struct kafka_settings *settings, const char *topic, struct err *err)
{
	struct err own = {0}, wrong = {0};
	struct admin self = {.settings = settings, .each = note_wrong, .context = &wrong};
	struct trouble *trouble = trouble_new();
	int result = trouble ? admin_open(&self, trouble, &own)
			     : err_set(&own, ERR_MEMORY, "out of memory");

	result = result ? result : make_one(&self, topic, &own);
	if (result == 0 && wrong.code) {
		own = wrong;
		result = wrong.code;
	}
	admin_close(&self);
	trouble_release(trouble);
	if (result < 0 && err)
		*err = own;
	return result;
}
