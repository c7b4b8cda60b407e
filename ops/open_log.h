/*
 * open_log: the log that the settings name: Kafka when there are brokers (and no --local), else
 * the file log beside the database.
 */
#ifndef SMILEY_OPS_OPEN_LOG_H
#define SMILEY_OPS_OPEN_LOG_H

#include "ingest/log.h"
#include "materializer/database.h"
#include "ops/setting.h"

/* Do the settings name a broker? */
bool log_is_remote(const struct settings *settings);

/* With create a file log is made when it is not there (Kafka's topics never are: smiley topics
 * does that). ERR_NOT_FOUND: no file log there. */
int open_log(const struct settings *settings, const struct database_paths *paths, bool create,
	struct log **log, struct err *err);

#endif
