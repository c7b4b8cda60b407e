/*
 * kafka_internal: the parts of the log on Kafka.
 *
 *     kafka_settings   the user's properties and ours
 *     kafka_client     a librdkafka handle that ends within bounded time, and what troubles it
 *     kafka_failure    what failed for good, told with its remedy
 *     kafka_log        the handle: open, close, producer
 *     kafka_position   positions: bytes, order
 *     kafka_table      the partitions of a reader
 *     kafka_offsets    asks brokers where partitions begin and end
 *     kafka_reader     the reader
 *     kafka_topics     topics: create, check
 *     kafka_schema     messages with the ids of a schema registry of the user's
 */
#ifndef SMILEY_INGEST_KAFKA_INTERNAL_H
#define SMILEY_INGEST_KAFKA_INTERNAL_H

#include "ingest/kafka.h"
#include "ingest/log_internal.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdbool.h>

#define KAFKA_TROUBLE_BYTES 512

/* Settings: kafka_settings.c */

/* Deep copy; ERR_MEMORY. */
int kafka_settings_copy(
	struct kafka_settings *to, const struct kafka_settings *from, struct err *err);
void kafka_settings_release(struct kafka_settings *settings);

/* The user's value of a property; NULL: none. */
const char *kafka_settings_get(const struct kafka_settings *settings, const char *name);

enum kafka_role {
	KAFKA_PRODUCER,
	KAFKA_CONSUMER,
	KAFKA_ADMIN
};

/* A configuration with our defaults, the user's properties, what we insist on. */
int kafka_conf(const struct kafka_settings *settings, enum kafka_role role, rd_kafka_conf_t **conf,
	struct err *err);

/* PREFIXevents, ... appended. */
void kafka_topic_name(
	const struct kafka_settings *settings, enum log_topic topic, struct buf *name);

/* Client: kafka_client.c */

/* The last thing that went wrong, told by librdkafka's threads. Shared by the clients of one
 * log; counted, because a client may outlive its log (see kafka_client_close()). */
struct trouble {
	pthread_mutex_t lock;
	int users;
	char text[KAFKA_TROUBLE_BYTES];  /* "": none */
	char login[KAFKA_TROUBLE_BYTES]; /* a login or certificate refused, no success since */
	int logins;                      /* how often in a row */
	bool worked;                     /* ever */
};

struct trouble *trouble_new(void);
void trouble_share(struct trouble *trouble);
void trouble_release(struct trouble *trouble);
void trouble_tell(struct trouble *trouble, const char *text);
/* Something worked. */
void trouble_clear(struct trouble *trouble);
/* Copies the text; false: there is none. */
bool trouble_get(struct trouble *trouble, char text[KAFKA_TROUBLE_BYTES]);

struct kafka_client {
	rd_kafka_t *rk;
	struct trouble *trouble;               /* shared */
	const struct kafka_settings *settings; /* borrowed: not for librdkafka's threads */
	bool scram;      /* logs in with SCRAM by a librdkafka that cannot, to Kafka 4 */
	bool debug;      /* the user asked librdkafka to talk */
	bool topic_gone; /* told; for its owner to look into */
	void *owner;     /* for callbacks that its owner set in conf */
};

/* Takes conf over, whatever happens. */
int kafka_client_open(const struct kafka_settings *settings, enum kafka_role role,
	rd_kafka_conf_t *conf, struct trouble *trouble, void *owner, struct kafka_client **client,
	struct err *err);

/* Ends it; topics, queues and messages of it must have been given back. Where librdkafka takes
 * longer than a few seconds (a name server that does not answer) it goes on in a thread. */
void kafka_client_close(struct kafka_client *client);

/* Failures: kafka_failure.c */

/* A login that was refused more than once, and never worked: for good. 0: none. */
int kafka_login_failure(struct kafka_client *client, struct err *err);

/* What became of a topic's message or a request about it, as one line with a remedy. Returns
 * ERR_BUSY when it may pass by itself. */
int kafka_failure(struct kafka_client *client, rd_kafka_resp_err_t code, const char *topic,
	const char *words, struct err *err);

/* librdkafka's own lines made short: "broker 127.0.0.1:9092: Connection refused". */
void kafka_tidy(const char *reason, char text[KAFKA_TROUBLE_BYTES]);

/* The log: kafka_log.c, kafka_producer.c */

/* Appends on their way, at most. */
#define KAFKA_WINDOW 16384

struct kafka_producer {
	struct kafka_client *client; /* NULL: nothing was appended yet */
	rd_kafka_topic_t *topics[LOG_TOPICS];
	_Atomic int32_t partitions[LOG_TOPICS]; /* of each, when it was first written; 0: was not */
	uint64_t appended;
	uint64_t acknowledged;           /* the first of them */
	uint8_t acked[KAFKA_WINDOW / 8]; /* bit per append behind that, by number */
	struct err failure;              /* for good; code 0: none */
};

struct kafka_log {
	struct log base;
	struct kafka_settings settings; /* own copy */
	struct trouble *trouble;
	char trouble_text[KAFKA_TROUBLE_BYTES]; /* what log_trouble() gave out */
	struct buf names[LOG_TOPICS];           /* of the topics; NUL behind them */
	struct kafka_producer producer;
	struct kafka_schema_ids schema_ids; /* get NULL: ours */
	bool schema_ids_known;
	uint32_t schema_id[KAFKA_SCHEMAS]; /* once they are known */
	struct buf patched;                /* a message with such an id */
};

extern const struct log_class kafka_log_class;

const char *kafka_log_topic(const struct kafka_log *log, enum log_topic topic);

int kafka_producer_append(struct log *log, enum log_topic topic, struct slice key,
	struct slice message, struct err *err);
uint64_t kafka_producer_acknowledged(struct log *log);
int kafka_producer_flush(struct log *log, int timeout_ms, struct err *err);
int kafka_producer_sync(struct log *log, struct err *err);
void kafka_producer_close(struct kafka_producer *producer);

/* Schema ids: kafka_schema.c */

/* 0 once it is known with which ids messages go out; ERR_BUSY: not yet. */
int kafka_schema_ready(struct kafka_log *log, struct err *err);

/* The message as it goes out, borrowed until the next call; *ours is set to our id where it was
 * changed, else to 0. ERR_MEMORY. */
int kafka_schema_outward(struct kafka_log *log, struct slice message, struct slice *outward,
	uint32_t *ours, struct err *err);

/* Gives a record's message its own id back, where its header names one; the bytes are in
 * `patched` then. False: no memory. */
bool kafka_schema_inward(
	const rd_kafka_message_t *message, struct buf *patched, struct slice *inward);

/* Partitions of a reader, offsets: kafka_table.c, kafka_offsets.c */

/* A position's tables take this many at most. */
#define KAFKA_PARTITIONS_MAX 360
/* Time for a new leader of a partition to know where it ends. */
#define KAFKA_SETTLE_MS 2000

struct kafka_partition {
	int32_t id;
	int64_t next;   /* the next offset to read; negative: a logical one, not known yet */
	uint16_t print; /* of the record just before `next`; 0: not known */
	bool assigned;
	bool check;      /* the record before `next` is read first, and held against print */
	int64_t lost;    /* of those before `next`, still to be told */
	int64_t damaged; /* so many of these could not be read, the others are gone */
	/* A damaged batch begins at broken_at: its end is not before `low` and not behind `high`. */
	bool broken;
	int64_t broken_at, low, high;
	bool stalled;       /* `next` is not between its start and its end: to be looked into */
	int64_t stalled_ms; /* since when */
	size_t place_len;   /* of "TOPIC[ID]@" in place */
	char place[280];
};

/* While a damaged batch's end is looked for, `next` is where it is tried, and all up to there counts
 * as damaged. */
static inline void kafka_probe(struct kafka_partition *partition, int64_t at)
{
	partition->lost += at - partition->next;
	partition->damaged += at - partition->next;
	partition->next = at;
	partition->print = 0;
}

struct kafka_table {
	struct kafka_partition *partitions; /* by id */
	size_t count;
};

/* NULL: not there. */
struct kafka_partition *kafka_table_find(const struct kafka_table *table, int32_t id);
/* Finds or makes it, its next offset RD_KAFKA_OFFSET_BEGINNING. NULL: no memory. Partitions move. */
struct kafka_partition *kafka_table_add(struct kafka_table *table, int32_t id);
void kafka_table_release(struct kafka_table *table);

/* How many partitions each topic has (0: it is not there). ERR_BUSY: no answer. */
int kafka_partition_counts(struct kafka_client *client, rd_kafka_topic_t *topics[LOG_TOPICS],
	int counts[LOG_TOPICS], int timeout_ms, struct err *err);

/* Where partitions begin (RD_KAFKA_OFFSET_BEGINNING), end (_END), or, for a time in
 * milliseconds, have the first record of then or later: offsets in, offsets out. */
int kafka_offsets(struct kafka_client *client, rd_kafka_topic_partition_list_t *list,
	int timeout_ms, struct err *err);

/* 64 bits that stand for this cluster and the prefix of our topics. */
int kafka_identity(
	struct kafka_client *client, uint64_t *identity, int timeout_ms, struct err *err);

int kafka_log_end(struct log *log, struct position *position, struct err *err);

/* The reader: kafka_reader.c, kafka_reader_start.c */

#define KAFKA_BATCH 256

enum kafka_start {
	KAFKA_AT_POSITIONS, /* what has none is read from its start */
	KAFKA_AT_END,
	KAFKA_AT_TIME
};

struct kafka_reader {
	struct log_reader base;
	struct kafka_log *log; /* borrowed */
	struct kafka_client *client;
	rd_kafka_queue_t *queue;
	int wake_fd; /* eventfd: something is in the queue */
	rd_kafka_topic_t *topics[LOG_TOPICS];
	struct kafka_table tables[LOG_TOPICS];
	uint64_t identity; /* 0: not known yet */
	enum kafka_start start;
	int64_t start_ms;
	bool connected; /* partitions are known and assigned (group: subscribed) */
	size_t stalled; /* partitions that are */
	int64_t stalled_look_ms;
	int64_t look_ms;  /* when to look for new partitions, by the monotonic clock */
	int64_t every_ms; /* between two looks */
	int patience_ms;  /* for the next look: more after each in vain */
	bool telling;     /* the caller has batch[batch_at] until the next call */
	rd_kafka_message_t *batch[KAFKA_BATCH];
	size_t batch_len, batch_at; /* messages before batch_at are given back */
	char place[320];
	struct buf patched; /* the record's message, when its schema's id was another one */
	struct err failure; /* for good */
};

int kafka_reader_open(
	struct log *log, enum log_start start, struct log_reader **reader, struct err *err);
int kafka_reader_open_at(struct log *log, const struct position *position,
	struct log_reader **reader, struct err *err);
void kafka_reader_close(struct log_reader *reader);
int kafka_reader_next(
	struct log_reader *reader, int timeout_ms, struct log_record *record, struct err *err);
void kafka_reader_position(const struct log_reader *reader, struct position *position);
int kafka_reader_progress(struct log_reader *reader, uint64_t *done, uint64_t *total);

/* Finds the partitions, and assigns those that are not, waiting up to timeout_ms; also for
 * partitions that came since. ERR_BUSY: no broker. */
int kafka_reader_connect(struct kafka_reader *reader, int timeout_ms, struct err *err);
/* The partition's `next` is out of its range. */
void kafka_reader_stall(struct kafka_reader *reader, struct kafka_partition *partition);
/* A topic is gone; should it come back it may be another one, so all are looked into. */
void kafka_reader_stall_all(struct kafka_reader *reader);
/* Finds out why, for those that are stalled, and goes on where it can. Failures for good only. */
int kafka_reader_unstall(struct kafka_reader *reader, struct err *err);
/* For conf: a group's partitions were given or taken. */
void kafka_reader_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
	rd_kafka_topic_partition_list_t *list, void *opaque);

/* Positions: kafka_position.c, without librdkafka */

void kafka_position_put(
	struct position *position, uint64_t identity, const struct kafka_table tables[LOG_TOPICS]);
/* ERR_FORMAT: not such a position. The tables must be empty. */
int kafka_position_get(const struct position *position, uint64_t *identity,
	struct kafka_table tables[LOG_TOPICS], struct err *err);

/* What a record looks like, to know it again: never 0. */
uint16_t kafka_print(int64_t offset, int64_t timestamp_ms, size_t key_len, size_t len);

#endif
