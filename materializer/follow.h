/*
 * follow: turns the records of a log into what the text, table and JSON forms are fed:
 * each event of each run once, in order. monitor follows a live log with it.
 *
 * The same blocks count as in the store (run_order.h), so what was followed live reads as
 * what is replayed later. A run is finished behind its last event, whatever came first. A run
 * whose beginning came before the follower is looked up in the database, when there is one.
 */
#ifndef SMILEY_MATERIALIZER_FOLLOW_H
#define SMILEY_MATERIALIZER_FOLLOW_H

#include "ingest/log.h"
#include "materializer/database.h"
#include "schemas/event_sink.h"

struct follow;

struct follow_options {
	const struct run_id *run; /* NULL: all; borrowed */
	/* Where to look up runs that began earlier; NULL: nowhere. Borrowed. */
	const struct database_paths *paths;
};

/* The sink is copied, its context borrowed. */
int follow_new(const struct event_sink *sink, const struct follow_options *options,
	struct follow **follow, struct err *err);
void follow_free(struct follow *follow);

/* Feeds what the record brings. 0, or the sink's error, or ERR_MEMORY. A record that
 * cannot be read is counted and passed over, as the fold does. */
int follow_record(struct follow *follow, const struct log_record *record, struct err *err);

/* To be called when the log has nothing more for now: ends are fed of runs whose last
 * events are missing still, since they may never come. */
int follow_idle(struct follow *follow, struct err *err);

/* Records passed over. */
int64_t follow_skipped(const struct follow *follow);

#endif
