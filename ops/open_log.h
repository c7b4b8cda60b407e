/*
 * open_log: the log that the settings name, Kafka when there are brokers (and no --local), else
 * the file log beside the database; and where database and spools are then.
 *
 * With brokers a database has no log/ and no spool/ of its own: the log is on Kafka, and who
 * only records (run, ship) needs no database at all, just a directory for spools.
 */
#ifndef SMILEY_OPS_OPEN_LOG_H
#define SMILEY_OPS_OPEN_LOG_H

#include "ingest/log.h"
#include "materializer/database.h"
#include "ops/setting.h"

/* Do the settings name a broker? */
bool log_is_remote(const struct settings *settings);

/* For who folds or asks: as database_paths_init() of --database, with the spools where they are
 * for this log. */
int open_place(const struct settings *settings, bool create, struct database_paths *paths,
	struct err *err);

/* For who only records: makes what spools and log need. With brokers that is the spools'
 * directory alone; of paths only root and spool are set then, and root need not be there. */
int open_spools(const struct settings *settings, struct database_paths *paths, struct err *err);

/* With create a file log is made when it is not there (Kafka's topics never are: smiley topics
 * does that). ERR_NOT_FOUND: no file log there. */
int open_log(const struct settings *settings, const struct database_paths *paths, bool create,
	struct log **log, struct err *err);

#endif
