#include "materializer/freshness.h"

#include "materializer/query_internal.h"
#include "materializer/record.h"
#include "schemas/now.h"

/* When what the record tells of was written; 0: it does not say. */
static int64_t record_time_ns(const struct log_record *log_record)
{
	struct run_started started;
	struct block_head head;
	struct record record;

	if (record_parse(log_record, &record, NULL) < 0)
		return 0;
	if (record.schema == SCHEMA_TRACE_BLOCK && block_head_parse(record.body, &head, NULL) == 0)
		return head.base_ns;
	if (record.schema == SCHEMA_RUN_STARTED &&
		run_started_decode(record.body, &started, NULL) == 0)
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
			freshness->oldest_ns = record_time_ns(&record);
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
	rc = query_place(database, applied, err);
	if (rc < 0)
		return rc;
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
