/*
 * origin: which log a database is made from. A store holds positions of one log, so a database
 * belongs to one: the file log in its directory, or topics on Kafka with their prefix and, when
 * several databases share the partitions, the group.
 *
 * The file `origin` in the database says so for Kafka; without it the log is in `log`. Which
 * cluster it is, positions tell.
 */
#ifndef SMILEY_MATERIALIZER_ORIGIN_H
#define SMILEY_MATERIALIZER_ORIGIN_H

#include "materializer/database.h"

#define ORIGIN_NAME_BYTES 256

struct origin {
	bool kafka;
	char prefix[ORIGIN_NAME_BYTES]; /* of the topics */
	char group[ORIGIN_NAME_BYTES];  /* empty: all partitions are this database's */
};

/* Fills prefix and group, NULL being none. ERR_USAGE: too long, or a line end in them. */
int origin_of_kafka(struct origin *origin, const char *prefix, const char *group, struct err *err);

/* What the database is made from. A new one: the file log. */
int origin_read(const struct database_paths *paths, struct origin *origin, struct err *err);

/* Makes a new database one of `wanted`. ERR_STATE: it is made from another log. */
int origin_settle(const struct database_paths *paths, const struct origin *wanted, struct err *err);

/* ERR_STATE, with a remedy: the database is made from another log than `wanted`, whose group
 * does not count. 0: it is not, or it is new. */
int origin_check(const struct database_paths *paths, const struct origin *wanted, struct err *err);

#endif
