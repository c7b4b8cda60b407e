/*
 * follow: turns the records of a log into what the text, table and JSON forms are fed:
 * each event of each run once, in order. monitor follows a live log with it.
 *
 * The same blocks count as in the store (run_order.h), so what was followed live reads as
 * what is replayed later. A run is finished behind its last event, whatever came first. A run
 * whose beginning came before the follower is looked up in the database, when there is one.
 * Events that are nowhere are told as a gap.
 *
 * A log on Kafka gives a run's topics each at its own speed. With patience a block waits for
 * what comes before it in the run's life: RunStarted, the sources it shows, earlier blocks.
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
	bool from_start;   /* the log is read from its start: a run begins with its event 0 */
	int64_t from_ns;   /* nothing before this time; 0: all */
	const char *group; /* only runs of this group; NULL: all. Borrowed */
	int patience_ms;   /* how long a block waits while the log gives nothing; 0: records come
			      in the order in which they were appended */
};

/* The sink is copied, its context borrowed. */
int follow_new(const struct event_sink *sink, const struct follow_options *options,
	struct follow **follow, struct err *err);
void follow_free(struct follow *follow);

/* Feeds what the record brings. 0, or the sink's error, or ERR_MEMORY. A record that
 * cannot be read is passed over; the fold sets it aside with its reason. */
int follow_record(struct follow *follow, const struct log_record *record, struct err *err);

/* To be called when the log has nothing more for now: what waits for something that has not
 * come in time is fed without it, since that may never come. */
int follow_idle(struct follow *follow, struct err *err);

#endif
