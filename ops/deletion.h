/*
 * deletion: a run is deleted by an event in the log, so that no rebuild brings it back.
 */
#ifndef SMILEY_OPS_DELETION_H
#define SMILEY_OPS_DELETION_H

#include "ingest/log.h"
#include "materializer/database.h"
#include "ops/cmd.h"
#include "schemas/run_id.h"

/* Appends it. The log has it for sure only behind log_flush() and log_sync(). */
int deletion_append(struct log *log, const struct run_id *id, struct err *err);

/* ERR_STATE: the run is pinned in that database. */
int deletion_may(const struct database_paths *paths, const struct run_id *id, struct err *err);

/* Gives back the disk space of deleted runs, unless another process folds into the database: then
 * that one does it. */
int deletion_give_back(const struct database_paths *paths, struct log *log, struct err *err);

/* All of it for one run: 0 when the log has it; the database is made up to date then, as far
 * as that takes no long wait. */
int deletion_make(const struct call *call, const struct database_paths *paths,
	const struct run_id *id, struct err *err);

#endif
