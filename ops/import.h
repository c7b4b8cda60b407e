/*
 * import: a container file (schemas/container.h) into a log.
 *
 * The whole file is read and checked before the first message is appended: of a file that is
 * damaged nothing gets into the log.
 */
#ifndef SMILEY_OPS_IMPORT_H
#define SMILEY_OPS_IMPORT_H

#include "ingest/log.h"
#include "schemas/block.h"
#include "schemas/container.h"
#include "schemas/message.h"

struct import {
	int fd;
	struct buf window; /* bytes of the file from `at` on */
	size_t at;
	bool at_end;
	struct container container;
	struct run_id run; /* whose file it is */
	bool has_run;
	size_t records;
	struct block_cursor *cursor;
	struct buf message;
	struct log *log; /* NULL: only checked */
};

/* Opens and checks it; import->run is known then. ERR_FORMAT, ERR_SCHEMA. import_close()
 * follows, whatever it returns. */
int import_open(struct import *import, const char *path, struct err *err);
void import_close(struct import *import);

/* Appends it all, and waits up to timeout_ms until the log has it. */
int import_append(struct import *import, struct log *log, int timeout_ms, struct err *err);

#endif
