/*
 * help_run: tells the life of runs as records of a log, for tests of who reads them.
 *
 * What event number i is depends on i alone, whatever blocks hold it: two threads take
 * turns, seven events each; each begins with a thread event and a call of f in /src/app.py,
 * then runs lines. So blocks may be cut anywhere, and overlap. What fails aborts.
 */
#ifndef SMILEY_TESTS_LIB_HELP_RUN_H
#define SMILEY_TESTS_LIB_HELP_RUN_H

#include "ingest/log.h"
#include "schemas/message.h"
#include "tests/lib/help_block.h"

#define TOLD_FILE "/src/app.py"
#define TOLD_START_NS 1000000

struct told_record {
	enum log_topic topic;
	char key[65];
	char place[24]; /* stays when the order changes */
	struct buf message;
};

/* Zeroed memory is an empty one. */
struct told {
	struct told_record *list;
	size_t count;
};

/* The run of this number; its RunStarted is at TOLD_START_NS + number. */
struct run_id told_run(uint8_t number);

void told_started(struct told *told, uint8_t run);
void told_block(struct told *told, uint8_t run, int64_t first_seq, int64_t count);
/* Blocks of `size` events, up to and without event `count`. */
void told_blocks(struct told *told, uint8_t run, int64_t count, int64_t size);
/* The text of TOLD_FILE, or of others. */
void told_source(struct told *told, uint8_t run, const char *path, const char *text);
void told_finished(struct told *told, uint8_t run, int64_t event_count);
void told_deleted(struct told *told, uint8_t run);
/* Any message under the run's key. */
void told_message(struct told *told, enum log_topic topic, uint8_t run, struct slice message);
/* Start, source, blocks of 10, end. */
void told_all(struct told *told, uint8_t run, int64_t count);

void told_release(struct told *told);

/* The record as a reader gives it, borrowed from told. */
struct log_record told_record(const struct told *told, size_t index);

/* Appends all of it, in this order. 0, or the log's error. */
int told_append(const struct told *told, struct log *log, struct err *err);

/* Another order of the same records, as topics and partitions may interleave: those of
 * one topic and key keep theirs. */
void told_shuffle(struct told *told, struct random *random);

#endif
