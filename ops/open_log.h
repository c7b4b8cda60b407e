/*
 * open_log: the log that the settings name, Kafka when there are brokers (and no --local), else
 * the file log beside the database; and where database and spools are then.
 *
 * With brokers a database has no log/ and no spool/ of its own: the log is on Kafka, the
 * database a view of it that anybody may make, and who only records (run, ship) needs none,
 * just a directory for spools.
 */
#ifndef SMILEY_OPS_OPEN_LOG_H
#define SMILEY_OPS_OPEN_LOG_H

#include "ingest/log.h"
#include "materializer/database.h"
#include "ops/setting.h"

/* How long a log on Kafka may give nothing while its end is known to be further on. */
#define LOG_PATIENCE_MS 10000

/* Do the settings name a broker? */
bool log_is_remote(const struct settings *settings);

/* LOG_PATIENCE_MS, or 0 for a log that gives at once what it has. */
int log_patience_ms(const struct settings *settings);

/* --flush-timeout in milliseconds, an hour at most. */
int log_flush_ms(const struct settings *settings);

enum place {
	PLACE_ASK, /* to be asked, after it was made up to date: with brokers it is made when
		      there is none */
	PLACE_FOLD /* to be folded into for good (record): made when there is none, of the group */
};

/* The database. ERR_NOT_FOUND: there is none. ERR_STATE: it is made from another log than the
 * one that the settings name. */
int open_place(const struct settings *settings, enum place place, struct database_paths *paths,
	struct err *err);
/* The same of a database that the settings name among others. */
int open_place_at(const struct settings *settings, enum place place, const char *database,
	struct database_paths *paths, struct err *err);

/* For who only looks: makes nothing, folds nothing, refuses no origin. ERR_NOT_FOUND: there is no
 * database; of paths only root and spool are set then, as they would be. The caller releases
 * paths in either case. */
int look_at_place(const struct settings *settings, struct database_paths *paths, struct err *err);

/* For who only records: makes what spools and log need. With brokers that is the spools'
 * directory alone; of paths only root and spool are set then, and root need not be there. */
int open_spools(const struct settings *settings, struct database_paths *paths, struct err *err);

/* With create a file log is made when it is not there (Kafka's topics never are: smiley topics
 * does that). ERR_NOT_FOUND: no file log there. Kafka is asked only when the log is used. */
int open_log(const struct settings *settings, const struct database_paths *paths, bool create,
	struct log **log, struct err *err);

/* As open_log() with create; on Kafka as a member of the group that --group-id names. */
int open_log_shared(const struct settings *settings, const struct database_paths *paths,
	struct log **log, struct err *err);

#endif
