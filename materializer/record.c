#include "materializer/record.h"

#include <stddef.h>

static const struct {
	enum schema_id schema;
	enum log_topic topic;
} topics[] = {
	{SCHEMA_TRACE_BLOCK_V1, LOG_EVENTS},
	{SCHEMA_TRACE_BLOCK_V2, LOG_EVENTS},
	{SCHEMA_TRACE_BLOCK_V3, LOG_EVENTS},
	{SCHEMA_TRACE_BLOCK, LOG_EVENTS},
	{SCHEMA_RUN_STARTED_V1, LOG_RUNS},
	{SCHEMA_RUN_STARTED, LOG_RUNS},
	{SCHEMA_RUN_FINISHED, LOG_RUNS},
	{SCHEMA_SOURCE_FILE, LOG_SOURCES},
	{SCHEMA_RUN_DELETED, LOG_RUNS},
	{SCHEMA_CHILD_UNTRACED, LOG_RUNS},
};

enum log_topic record_topic(enum schema_id schema)
{
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		if (topics[i].schema == schema)
			return topics[i].topic;
	}
	return LOG_TOPICS;
}

/* Whoever keeps the body without its id reads it as of any version: it must be of its own. */
static int settle_version(struct record *record, struct err *err)
{
	enum schema_id id = (enum schema_id)record->schema;
	struct run_started started;

	if (id == SCHEMA_TRACE_BLOCK_V1 || id == SCHEMA_TRACE_BLOCK_V2 ||
		id == SCHEMA_TRACE_BLOCK_V3)
		record->schema = SCHEMA_TRACE_BLOCK; /* one reader knows the items of all */
	if (id != SCHEMA_RUN_STARTED && id != SCHEMA_RUN_STARTED_V1)
		return 0;
	record->schema = SCHEMA_RUN_STARTED;
	return run_started_decode_as(id, record->body, &started, err);
}

int record_parse(const struct log_record *log_record, struct record *record, struct err *err)
{
	struct run_id of_key;
	bool keyed = log_record->topic != LOG_SOURCES && run_id_parse(&of_key, log_record->key);

	*record = (struct record){0};
	if (keyed)
		record->run = of_key;
	if (!log_record->message.len)
		return err_set(err, ERR_FORMAT, "it has no value");
	record->schema = message_parse(log_record->message, &record->body, err);
	if (record->schema < 0)
		return record->schema;
	if (record_topic((enum schema_id)record->schema) != log_record->topic)
		return err_set(err, ERR_FORMAT, "not a message of this topic");
	if (message_run_id(log_record->message, &record->run, err) < 0) {
		record->run = keyed ? of_key : (struct run_id){{0}};
		return ERR_FORMAT;
	}
	if (log_record->topic != LOG_SOURCES && (!keyed || !run_id_equal(&record->run, &of_key)))
		return err_set(err, ERR_FORMAT, "the key is not the run's");
	return settle_version(record, err);
}
