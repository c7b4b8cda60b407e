/*
 * log_check: what a log has lost, for `smiley verify`.
 */
#ifndef SMILEY_OPS_LOG_CHECK_H
#define SMILEY_OPS_LOG_CHECK_H

#include "materializer/query.h"
#include "ops/cmd.h"
#include "ops/term.h"

/* Reads the file logs of the databases: *bytes of them are damaged, and passed over by the fold.
 * 0 with Kafka, where brokers and librdkafka check every message. */
int log_check_damage(
	const struct call *call, struct progress *progress, int64_t *bytes, struct err *err);

/* Records that retention had removed before they were read, or that are damaged. */
int log_check_lost(struct query *query, int64_t *records, struct err *err);

#endif
