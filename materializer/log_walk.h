/*
 * log_walk: reads a log up to a place, wherever its records are: one on Kafka gives them
 * partition by partition, and not always at once.
 */
#ifndef SMILEY_MATERIALIZER_LOG_WALK_H
#define SMILEY_MATERIALIZER_LOG_WALK_H

#include "ingest/log.h"

struct log_walk {
	const struct position *end; /* all before it is read; NULL: the log's end now */
	int patience_ms;            /* how long the log may give nothing before `end` is reached:
				       then ERR_BUSY. 0: it is at its end when it gives nothing */
	/* Told now and then; may be NULL. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *progress_context;
};

/* Calls each() for every record from the log's start on; stops at a nonzero return, which is
 * returned. Records behind `end` may be among them. */
int log_walk(struct log *log, const struct log_walk *walk,
	int (*each)(void *context, const struct log_record *record, struct err *err), void *context,
	struct err *err);

#endif
