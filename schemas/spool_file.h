/*
 * spool_file: makes the file of a spool (layout: schemas/chunk.h), for `smiley run` and for a
 * traced process that begins a run of its own.
 */
#ifndef SMILEY_SCHEMAS_SPOOL_FILE_H
#define SMILEY_SCHEMAS_SPOOL_FILE_H

#include "schemas/buf.h"
#include "schemas/chunk.h"
#include "schemas/err.h"
#include "schemas/message.h"

#define SPOOL_FILE_SUFFIX ".spool"
#define SPOOL_FILE_NEW_SUFFIX ".new" /* behind the name while it is being made */
#define SPOOL_FILE_BAD_SUFFIX ".bad" /* and of one that is damaged, once it is shipped */

/* What stands in the header. All is borrowed for the call. */
struct spool_file {
	const struct run_started *started;
	const struct run_id *root; /* NULL: this run */
	struct slice options;      /* key=value lines for the tracer: tracer/options.h */
	uint64_t limit_bytes;
	bool drop;              /* when full: drop and count, instead of making the program wait */
	bool paused;            /* nothing is recorded until the flag is taken away */
	int32_t shipper_pid;    /* whose it is to ship ... */
	uint32_t shipper_start; /* ... low bits of its start time */
	int32_t tracer_pid;     /* who will write it, when that is known; and its start time */
	uint64_t tracer_start;
};

/* Makes DIR/RUNID.spool, mode 0600, RunStarted message inside (arguments too long for it
 * are cut). Its path is appended to `path`. */
int spool_file_make(
	const char *dir, const struct spool_file *file, struct buf *path, struct err *err);

#endif
