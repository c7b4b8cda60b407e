/*
 * message: the framing of everything in the log, and the run records.
 *
 * Encoders append a whole message (wire header and Avro body) to a buf; decoders borrow
 * from the bytes they were given. Text is UTF-8; encoders replace what is not.
 */
#ifndef SMILEY_SCHEMAS_MESSAGE_H
#define SMILEY_SCHEMAS_MESSAGE_H

#include "schemas/buf.h"
#include "schemas/err.h"
#include "schemas/item.h"
#include "schemas/run_id.h"

#include <stdbool.h>
#include <stdint.h>

/* A list of texts, as an Avro array's encoded items: walk it with text_list_next(). */
struct text_list {
	struct slice items;
	int64_t count;
};

struct run_started {
	struct run_id run;
	bool has_parent;
	struct run_id parent;
	struct slice group;
	int64_t started_ns;
	struct slice host;
	int64_t pid;
	struct slice user;
	struct slice cwd;
	struct text_list argv;
	struct slice python;
	struct slice tracer;
	struct text_list limits;
	/* Since schema 6; empty, -1 and 0 in what older ones wrote. */
	struct slice boot_id;    /* of the host: tells two hosts of one name, and reboots */
	struct slice container;  /* id of the container or pod; empty: none */
	int64_t parent_seq;      /* events of the parent before this one came before the start;
				    -1: not known */
	int64_t clock_offset_ns; /* added to the host's clock in all times of this run, so that
				    they are never before the parent's call that started it */
};

/* A process that the run started and that is not traced, and why. Schema 7. */
struct child_untraced {
	struct run_id run; /* the parent */
	int64_t seq;       /* the parent's next event */
	int64_t time_ns;
	struct text_list argv; /* secrets redacted */
	struct slice reason;   /* "started with -I" */
};

struct traceback_entry {
	struct slice file;
	int64_t line;
	struct slice function;
};

struct traceback {
	struct slice items; /* encoded entries: traceback_next() */
	int64_t count;
};

struct run_finished {
	struct run_id run;
	int64_t finished_ns;
	int64_t event_count;
	int64_t exit_status;
	int64_t signal;
	bool lost;
	struct slice error_type;
	struct slice error_message;
	struct traceback traceback;
};

struct source_file {
	struct run_id run;
	struct slice path;
	uint8_t sha256[32];
	struct slice text;
};

struct run_deleted {
	struct run_id run;
	int64_t deleted_ns;
};

/* Checks the wire header: returns the schema id and sets *body, or ERR_FORMAT, or
 * ERR_SCHEMA with the id in the message. */
int message_parse(struct slice message, struct slice *body, struct err *err);

/* Appends the 5 bytes of the wire header. */
void message_header(struct buf *message, enum schema_id id);

void run_started_encode(const struct run_started *run, struct buf *message);
/* A body of any version, where its id is not at hand: an older one lacks the last fields. */
int run_started_decode(struct slice body, struct run_started *run, struct err *err);
/* A body that is to be of just this version. */
int run_started_decode_as(
	enum schema_id id, struct slice body, struct run_started *run, struct err *err);
void run_finished_encode(const struct run_finished *run, struct buf *message);
int run_finished_decode(struct slice body, struct run_finished *run, struct err *err);
void source_file_encode(const struct source_file *source, struct buf *message);
int source_file_decode(struct slice body, struct source_file *source, struct err *err);
void child_untraced_encode(const struct child_untraced *child, struct buf *message);
int child_untraced_decode(struct slice body, struct child_untraced *child, struct err *err);
void run_deleted_encode(const struct run_deleted *deleted, struct buf *message);
int run_deleted_decode(struct slice body, struct run_deleted *deleted, struct err *err);

/* Builds the items of a text_list or a traceback in a buf: *count goes up by one. */
void text_list_add(struct buf *items, int64_t *count, struct slice text);
void traceback_add(struct buf *items, int64_t *count, const struct traceback_entry *entry);

/* Take the next off the front of the list; false when it is empty. (The decoder has
 * checked every entry.) */
bool text_list_next(struct text_list *list, struct slice *text);
bool traceback_next(struct traceback *traceback, struct traceback_entry *entry);

/* Appends text, each byte that is not UTF-8 replaced by U+FFFD. */
void utf8_append(struct buf *out, struct slice text);

/* The run id that a message of any known schema is about. */
int message_run_id(struct slice message, struct run_id *run, struct err *err);

#endif
