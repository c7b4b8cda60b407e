/*
 * log: the ordered record of everything, from which every view is made. One interface;
 * file_log.c implements it on segment files, kafka_log.c on topics (ingest/kafka.h opens it).
 *
 * Within one key (a run id) records keep their order. A log may be appended to by many
 * processes at once. A handle is not for use by two threads at once.
 */
#ifndef SMILEY_INGEST_LOG_H
#define SMILEY_INGEST_LOG_H

#include "schemas/buf.h"
#include "schemas/err.h"

#include <stdbool.h>
#include <stdint.h>

enum log_topic {
	LOG_EVENTS,
	LOG_RUNS,
	LOG_SOURCES,
	LOG_TOPICS
};

struct log_record;

/* A place in the log, as the materializer stores it: opaque bytes that only the same kind
 * of log understands. len 0: the very start. */
#define POSITION_MAX_BYTES 4096
struct position {
	size_t len;
	uint8_t bytes[POSITION_MAX_BYTES];
};

struct log;
struct log_reader;

/* Opens the file log in directory `dir`. With create, makes the directory when it is not
 * there; without, ERR_NOT_FOUND. */
int file_log_open(const char *dir, bool create, struct log **log, struct err *err);
void log_close(struct log *log);

/* No key is longer: a run id or a digest as text. */
#define LOG_KEY_MAX_BYTES 255

/* Appends one message (wire header included; copied). With the file log the record survives
 * kill -9 of any process, and readers see it, when this returns 0. With Kafka it is on its way:
 * it is safe once log_acknowledged() counts it. ERR_LIMIT: over MESSAGE_MAX_BYTES or
 * LOG_KEY_MAX_BYTES. ERR_BUSY: too much is on its way; try again after log_acknowledged() has
 * moved. ERR_IO (a full disk): nothing of it is in the log; trying again later may work. Any
 * other error is for good (not authorized, no such topic): this handle takes no more. */
int log_append(struct log *log, enum log_topic topic, struct slice key, struct slice message,
	struct err *err);

/* How many appends this handle has taken, and how many of the first of them are safe in the
 * log. Equal at once with the file log. The second serves the broker's answers without
 * waiting. */
uint64_t log_appended(const struct log *log);
uint64_t log_acknowledged(struct log *log);

/* Waits up to timeout_ms until all appends are acknowledged. ERR_BUSY: not all are, the message
 * says why as far as known ("broker 127.0.0.1:9092: connection refused"); they stay on their
 * way. Errors for good as log_append()'s. */
int log_flush(struct log *log, int timeout_ms, struct err *err);

/* Why the log does not get on just now ("broker 127.0.0.1:9092: Connection refused"), its readers
 * included; NULL: it does, or nothing is known. Borrowed until the next call with this handle. */
const char *log_trouble(struct log *log);

/* When it returns 0 everything appended so far survives a power failure. */
int log_sync(struct log *log, struct err *err);

enum log_start {
	LOG_FROM_START,
	LOG_FROM_NOW
};

int log_reader_open(
	struct log *log, enum log_start start, struct log_reader **reader, struct err *err);
/* Goes on where a reader had been. ERR_FORMAT: not a position of this log. ERR_STATE: it
 * is beyond the log's end (the log was cut or made anew). */
int log_reader_open_at(struct log *log, const struct position *position, struct log_reader **reader,
	struct err *err);
void log_reader_close(struct log_reader *reader);

/* Erases records before a place for good, those that doomed() says, and gives back their disk
 * space, *bytes of it. Places stay what they are: readers pass over what was erased, and nobody
 * counts it as damage. doomed() is shown key, topic and the first KiB of the message. A log on
 * Kafka erases nothing: retention of its topics does. */
int log_erase(struct log *log, const struct position *before,
	bool (*doomed)(void *context, const struct log_record *record), void *context,
	uint64_t *bytes, struct err *err);

struct log_record {
	enum log_topic topic;
	struct slice key;
	struct slice message; /* data NULL: a record without a value (a tombstone of others') */
	int64_t skipped;      /* file log: bytes of damage passed over just before this record */
	int64_t lost;         /* Kafka: records of this partition just before this one that
				 retention had removed before they were read, or that are damaged.
				 With neither key nor message that is all it tells: nothing is
				 behind them yet */
	int64_t damaged;      /* so many of these are damaged */
	int64_t time_ns;      /* when it was appended; 0: the log does not know */
	struct slice place; /* as users read it: "smiley.events[3]@1234", "log segment 2 at 512" */
};

/* 1: the next record, borrowed until the next call. 0: none within timeout_ms (0: do not
 * wait; -1: for ever), or a signal came while waiting; log_trouble() may know why. Negative: the
 * reader stays where it was. With Kafka records arrive by and by: only log_end() tells whether
 * there are more; and while no broker answers a call may take up to some seconds. */
int log_reader_next(
	struct log_reader *reader, int timeout_ms, struct log_record *record, struct err *err);

/* Where the reader goes on: behind the record last returned. With Kafka it may move without a
 * record (offsets that hold none), also when log_reader_next() returns 0. */
void log_reader_position(const struct log_reader *reader, struct position *position);

/* How many bytes (Kafka: records) of the log are behind the reader, and in all: for progress
 * lines. */
int log_reader_progress(struct log_reader *reader, uint64_t *done, uint64_t *total);

/* 0: the same place. 1: `a` is at or behind `b` in every partition, behind in one. -1:
 * otherwise. Places of different kinds of logs are never the same or behind. */
int position_compare(const struct position *a, const struct position *b);

/* It is one of topics, not of a file log. */
bool position_is_remote(const struct position *position);

/* Appends a position as users read it: "segment 2 at 512", "events[0]@12 runs[0]@3 ...",
 * "start". */
void position_text(const struct position *position, struct buf *out);

/* The position behind the last record now. */
int log_end(struct log *log, struct position *position, struct err *err);

#endif
