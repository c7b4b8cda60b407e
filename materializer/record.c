#include "materializer/record.h"

#include <stddef.h>

/* One row a schema: what a message of it is read as, the newest of its name; and its topic. */
static const struct row {
	enum schema_id schema, read_as;
	enum log_topic topic;
} rows[] = {
	{SCHEMA_TRACE_BLOCK_V1, SCHEMA_TRACE_BLOCK, LOG_EVENTS},
	{SCHEMA_TRACE_BLOCK_V2, SCHEMA_TRACE_BLOCK, LOG_EVENTS},
	{SCHEMA_TRACE_BLOCK_V3, SCHEMA_TRACE_BLOCK, LOG_EVENTS},
	{SCHEMA_TRACE_BLOCK, SCHEMA_TRACE_BLOCK, LOG_EVENTS},
	{SCHEMA_RUN_STARTED_V1, SCHEMA_RUN_STARTED, LOG_RUNS},
	{SCHEMA_RUN_STARTED, SCHEMA_RUN_STARTED, LOG_RUNS},
	{SCHEMA_RUN_FINISHED, SCHEMA_RUN_FINISHED, LOG_RUNS},
	{SCHEMA_SOURCE_FILE, SCHEMA_SOURCE_FILE, LOG_SOURCES},
	{SCHEMA_RUN_DELETED, SCHEMA_RUN_DELETED, LOG_RUNS},
	{SCHEMA_CHILD_UNTRACED, SCHEMA_CHILD_UNTRACED, LOG_RUNS},
};

static const struct row *row_of(enum schema_id schema)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].schema == schema)
			return &rows[i];
	}
	return NULL;
}

enum log_topic record_topic(enum schema_id schema)
{
	const struct row *row = row_of(schema);

	return row ? row->topic : LOG_TOPICS;
}

/* One reader knows the items of all versions of a block. Whoever keeps the body of a RunStarted
 * without its id reads it as of any version: it must be of its own. */
static int settle_version(struct record *record, const struct row *row, struct err *err)
{
	struct run_started started;

	record->schema = row->read_as;
	if (row->read_as != SCHEMA_RUN_STARTED)
		return 0;
	return run_started_decode_as(row->schema, record->body, &started, err);
}

int record_parse(const struct log_record *log_record, struct record *record, struct err *err)
{
	struct run_id of_key;
	const struct row *row;
	bool keyed = log_record->topic != LOG_SOURCES && run_id_parse(&of_key, log_record->key);

	*record = (struct record){0};
	if (keyed)
		record->run = of_key;
	if (!log_record->message.len)
		return err_set(err, ERR_FORMAT, "it has no value");
	record->schema = message_parse(log_record->message, &record->body, err);
	if (record->schema < 0)
		return record->schema;
	row = row_of((enum schema_id)record->schema);
	if (!row || row->topic != log_record->topic)
		return err_set(err, ERR_FORMAT, "not a message of this topic");
	if (message_run_id(log_record->message, &record->run, err) < 0) {
		record->run = keyed ? of_key : (struct run_id){{0}};
		return ERR_FORMAT;
	}
	if (log_record->topic != LOG_SOURCES && (!keyed || !run_id_equal(&record->run, &of_key)))
		return err_set(err, ERR_FORMAT, "the key is not the run's");
	return settle_version(record, row, err);
}
