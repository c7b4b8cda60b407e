/*
 * database: the directory that users name by --database, and how its parts are laid out.
 *
 *     smiley.db/          mode 0700
 *       log/              the file log (ingest/log.h): the truth
 *       spool/            one file a running process (schemas/chunk.h)
 *       store/            RocksDB: views, may be deleted and built again
 *       lock              flock: the one materializing process
 *       applied           position up to which the holder has folded, for who waits
 *
 * A database is opened for reading by anybody at any time (a RocksDB secondary instance);
 * for folding by one process at a time.
 */
#ifndef SMILEY_MATERIALIZER_DATABASE_H
#define SMILEY_MATERIALIZER_DATABASE_H

#include "ingest/log.h"
#include "schemas/buf.h"
#include "schemas/err.h"

struct database_paths {
	char *root; /* absolute */
	char *log;
	char *spool;
	char *store;
	char *lock;
	char *applied;
};

/* Fills paths (heap, database_paths_release()). With create, makes root (0700) and spool;
 * without, ERR_NOT_FOUND when root is not there: "no database DIR here: ...remedy". */
int database_paths_init(
	struct database_paths *paths, const char *dir, bool create, struct err *err);
void database_paths_release(struct database_paths *paths);

#endif
