/*
 * record: what a record of the log is, as far as its frame says: one rule for all who read
 * the log, so that fold, monitor and replay pass over the same ones.
 */
#ifndef SMILEY_MATERIALIZER_RECORD_H
#define SMILEY_MATERIALIZER_RECORD_H

#include "ingest/log.h"
#include "schemas/message.h"

struct record {
	int schema; /* enum schema_id: the newest of its name, whatever the version */
	struct slice body;
	struct run_id run;
};

/* The topic that messages of this schema are in; LOG_TOPICS: no schema has this id. */
enum log_topic record_topic(enum schema_id schema);

/* Parses the wire header and finds the run. The message must belong to the topic, and to the
 * key where that is a run's, since order holds only within both. When it does not, the
 * run is set all the same, as far as the record names one; else to zeros. */
int record_parse(const struct log_record *log_record, struct record *record, struct err *err);

#endif
