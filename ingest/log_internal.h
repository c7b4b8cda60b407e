/*
 * log_internal: what an implementation of log.h fills in. Its structs begin with these.
 */
#ifndef SMILEY_INGEST_LOG_INTERNAL_H
#define SMILEY_INGEST_LOG_INTERNAL_H

#include "ingest/log.h"

#include <stdbool.h>

struct log_class {
	void (*close)(struct log *log);
	int (*append)(struct log *log, enum log_topic topic, struct slice key, struct slice message,
		struct err *err);
	int (*sync)(struct log *log, struct err *err);
	/* These three may be NULL: an append that returned is acknowledged. */
	uint64_t (*acknowledged)(struct log *log);
	int (*flush)(struct log *log, int timeout_ms, struct err *err);
	const char *(*trouble)(struct log *log);
	/* NULL: nothing can be erased. */
	int (*erase)(struct log *log, const struct position *before,
		bool (*doomed)(void *context, const struct log_record *record), void *context,
		uint64_t *bytes, struct err *err);
	int (*end)(struct log *log, struct position *position, struct err *err);
	int (*reader_open)(
		struct log *log, enum log_start start, struct log_reader **reader, struct err *err);
	int (*reader_open_at)(struct log *log, const struct position *position,
		struct log_reader **reader, struct err *err);
	void (*reader_close)(struct log_reader *reader);
	int (*reader_next)(struct log_reader *reader, int timeout_ms, struct log_record *record,
		struct err *err);
	void (*reader_position)(const struct log_reader *reader, struct position *position);
	int (*reader_progress)(struct log_reader *reader, uint64_t *done, uint64_t *total);
};

struct log {
	const struct log_class *class;
	uint64_t appended; /* counted by log_append() */
};

struct log_reader {
	const struct log_class *class;
};

/* Does it begin as positions of topics do? No file log's does. */
#define KAFKA_POSITION_BYTE 'K'

/* position_compare() for places that are of topics or the very start. */
int kafka_position_compare(const struct position *a, const struct position *b);
void kafka_position_text(const struct position *position, struct buf *out);

#endif
