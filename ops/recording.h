/*
 * recording: everything that belongs to one run while it is recorded: database, log, spool,
 * and the loop that empties the spool.
 */
#ifndef SMILEY_OPS_RECORDING_H
#define SMILEY_OPS_RECORDING_H

#include "materializer/database.h"
#include "ops/run_loop.h"
#include "ops/run_options.h"

/* Zeroed is nothing open. */
struct recording {
	struct database_paths paths;
	struct log *log;
	struct run_started started;
	struct run_texts texts;
	struct buf options;
	struct buf spool_path;
	struct run_loop loop;
};

/* Makes the database when there is none, and a spool for a new run of the program that argv
 * names. ERR_USAGE when the database cannot be one. Whatever it returns,
 * recording_release() follows. */
int recording_open(struct recording *recording, const struct settings *settings, int argc,
	char **argv, struct err *err);
void recording_release(struct recording *recording);

#endif
