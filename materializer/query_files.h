/*
 * query_files: the source files of a run, each named by a signature made of its path and its
 * text, short enough for a URL.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_FILES_H
#define SMILEY_MATERIALIZER_QUERY_FILES_H

#include "materializer/query.h"

#define FILE_SIGNATURE_BYTES 33 /* 32 hex digits and the NUL */

struct file_info {
	struct slice path; /* absolute, as code objects name it */
	uint8_t sha256[32];
	char signature[FILE_SIGNATURE_BYTES];
};

/* By path. Borrowed for the call; nonzero stops and is returned. */
int query_files(struct query *query, const struct run_id *id,
	int (*each)(void *context, const struct file_info *file, struct err *err), void *context,
	struct err *err);

/* 1: *file is the run's file of that path. 0: it has none. file->path is the one given. */
int query_file(struct query *query, const struct run_id *id, struct slice path,
	struct file_info *file, struct err *err);

/* The text of the file; what is in *text before is gone. ERR_NOT_FOUND. */
int query_file_text(
	struct query *query, const struct file_info *file, struct buf *text, struct err *err);

#endif
