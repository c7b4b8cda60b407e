/*
 * deleted: the runs that were ever deleted, and which records of the log nobody needs any more
 * because of it.
 */
#ifndef SMILEY_MATERIALIZER_DELETED_H
#define SMILEY_MATERIALIZER_DELETED_H

#include "ingest/log.h"
#include "materializer/store.h"
#include "schemas/run_id.h"

#include <stdbool.h>

struct deleted_runs {
	struct run_id *runs; /* sorted */
	size_t count;
};

/* As the store knows them. deleted_runs_release() follows, whatever it returns. */
int deleted_runs_load(struct store *store, struct deleted_runs *deleted, struct err *err);
void deleted_runs_release(struct deleted_runs *deleted);

/* Is the record of a deleted run, and not its deletion? Of the message only the first bytes need
 * be there. context is the deleted_runs. What is not as it should be is of nobody: a rebuild
 * sets it aside as the first fold did. */
bool deleted_runs_doom(void *context, const struct log_record *record);

#endif
