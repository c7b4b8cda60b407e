#include "materializer/freshness.h"

#include <string.h>

#include "materializer/query_internal.h"
#include "schemas/message.h"
#include "schemas/now.h"

/* When what the message tells of was written. */
static int64_t message_time_ns(struct slice message)
{
	struct run_started started;
	struct block_head head;
	struct slice body;
	int id = message_parse(message, &body, NULL);

	if (id == SCHEMA_TRACE_BLOCK && block_head_parse(body, &head, NULL) == 0)
		return head.base_ns;
	if ((id == SCHEMA_RUN_STARTED || id == SCHEMA_RUN_STARTED_V1) &&
		run_started_decode(body, &started, NULL) == 0)
		return started.started_ns;
	return 0;
}

static int count_behind(struct log_reader *reader, struct freshness *freshness, struct err *err)
{
	struct log_record record;
	int rc = 1;

	while (freshness->records < FRESHNESS_RECORDS &&
		(rc = log_reader_next(reader, 0, &record, err)) == 1) {
		if (freshness->oldest_ns == 0)
			freshness->oldest_ns = message_time_ns(record.message);
		freshness->records++;
	}
	return rc < 0 ? rc : 0;
}

static int look_behind(struct log *log, struct freshness *freshness, struct err *err)
{
	struct log_reader *reader;
	int rc = log_reader_open_at(log, &freshness->applied, &reader, err);

	if (rc < 0)
		return rc;
	rc = log_reader_progress(reader, &freshness->applied_bytes, &freshness->log_bytes);
	if (rc == 0 && freshness->applied_bytes < freshness->log_bytes)
		rc = count_behind(reader, freshness, err);
	log_reader_close(reader);
	freshness->at_hand = rc == 0;
	return rc;
}

int query_freshness(
	struct query *query, size_t number, struct freshness *freshness, struct err *err)
{
	struct query *database = query_database(query, number);
	struct position *applied = &freshness->applied;
	struct log *log;
	int rc;

	if (!database)
		return 0;
	*freshness = (struct freshness){0};
	rc = query_get_of(database, KEY_POSITION, &(struct key_parts){0}, &database->value, err);
	if (rc < 0)
		return rc;
	if (rc == 1 && database->value.len <= sizeof(applied->bytes)) {
		applied->len = database->value.len;
		memcpy(applied->bytes, database->value.data, applied->len);
	}
	/* A log that cannot be read (it is on Kafka, or was made anew) is one that is not at hand. */
	if (file_log_open(database->log_dir, false, &log, NULL) == 0) {
		look_behind(log, freshness, NULL);
		log_close(log);
	} else if (position_is_remote(applied)) {
		freshness->told = lag_read(database->applied, &freshness->lag);
		freshness->records = freshness->lag.records;
	}
	return 1;
}

int64_t freshness_lag_ns(const struct freshness *freshness)
{
	int64_t lag = freshness->told        ? lag_ns(&freshness->lag, wall_ns())
		      : freshness->oldest_ns ? wall_ns() - freshness->oldest_ns
					     : 0;

	return lag > 0 ? lag : 0;
}

int query_figures(struct query *query, struct store_figures *figures, struct err *err)
{
	struct query *database;
	int rc = 0;

	*figures = (struct store_figures){0};
	for (size_t i = 0; rc == 0 && (database = query_database(query, i)); i++)
		rc = store_measure(database->store, figures, err);
	return rc;
}
