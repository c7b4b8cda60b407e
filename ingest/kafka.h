/*
 * kafka: the log on Kafka topics, by librdkafka.
 *
 * Topics PREFIXevents, PREFIXruns, PREFIXsources (PREFIX is "smiley." by default); blocks as
 * messages, keys as in the file log. Producer: idempotent, acks=all, lz4. Reader: assigned at
 * positions of our own (assign and seek), never at group offsets; a partition added later is
 * picked up. A position is, for each topic, its id and the next offset of each partition.
 *
 * A position below a partition's start (retention) is told as log_record.lost and reading
 * goes on; one above its end, or of a topic made anew, is ERR_STATE. Idle for ever is fine.
 */
#ifndef SMILEY_INGEST_KAFKA_H
#define SMILEY_INGEST_KAFKA_H

#include "ingest/log.h"

struct kafka_property {
	const char *name;  /* as librdkafka names it */
	const char *value; /* never in an error's text when it is a secret */
};

struct kafka_settings {
	const char *brokers; /* host:port,... */
	const char *topic_prefix;
	const char *group_id; /* NULL: read all partitions; else share LOG_EVENTS with the group's
				 other members (every member reads all of the other topics) */
	const struct kafka_property *properties; /* the user's, over ours */
	size_t property_count;
};

/* Opens both ends; connects when first used. Settings are copied. ERR_USAGE: a property that
 * librdkafka does not know or take. */
int kafka_log_open(const struct kafka_settings *settings, struct log **log, struct err *err);

/* Is `name` one whose value is a secret (sasl.password, ssl.key.password, ...)? */
bool kafka_property_secret(const char *name);

/* How a topic should be: read by ops/ from ops/kafka/topics.conf. */
struct kafka_topic {
	enum log_topic topic;
	int partitions;
	int replication;                         /* lowered to the number of brokers there are */
	const struct kafka_property *properties; /* retention.ms, cleanup.policy, ... */
	size_t property_count;
};

/* Creates those that are missing. each() is told of every topic: its full name, what is
 * wrong or was done with it (NULL: as it should be), and whether that is an error. */
int kafka_topics_create(const struct kafka_settings *settings, const struct kafka_topic *topics,
	size_t count, void (*each)(void *context, const char *name, const char *what, bool wrong),
	void *context, struct err *err);
/* The same without changing anything. */
int kafka_topics_check(const struct kafka_settings *settings, const struct kafka_topic *topics,
	size_t count, void (*each)(void *context, const char *name, const char *what, bool wrong),
	void *context, struct err *err);

/* Ids that a schema registry of the user's gave our schemas. Messages carry them instead of ours
 * then, and ours in the record's header KAFKA_SCHEMA_HEADER, as decimal digits: by that whoever
 * reads the log sees messages with our ids again, whatever registry there was. */
#define KAFKA_SCHEMA_HEADER "smiley.schema"
#define KAFKA_SCHEMAS 64

struct kafka_schema_ids {
	/* Fills in ids[I - 1] for schema I, 0 where there is none. Does not wait: ERR_BUSY until
	 * they are known. Any other error is for good. */
	int (*get)(void *context, uint32_t ids[KAFKA_SCHEMAS], struct err *err);
	void (*release)(void *context);
	void *context;
};

/* Has the log's appends wait for get(), and their messages carry its ids. The log releases the
 * context when it is closed. */
void kafka_log_set_schema_ids(struct log *log, const struct kafka_schema_ids *ids);

/* A handle for appends alone, all of them to one topic of any name: what is appended is plain
 * text for people. All of it goes to one partition, so that its order stays. */
int kafka_text_open(const struct kafka_settings *settings, const char *topic, struct log **log,
	struct err *err);

/* Makes a topic of one partition, by the cluster's own settings, when there is none of that
 * name. */
int kafka_text_make(const struct kafka_settings *settings, const char *topic, struct err *err);

/* How many records a position is behind another one: at most that many, since offsets may be
 * without records and retention may have taken some. -1: they are not of the same topics. */
int64_t kafka_position_lag(const struct position *position, const struct position *end);

/* A reader that begins with the records of a time (nanoseconds since 1970) or later. */
int kafka_reader_open_at_time(
	struct log *log, int64_t time_ns, struct log_reader **reader, struct err *err);

#endif
