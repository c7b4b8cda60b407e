/*
 * export: what `stats export` can write, a format a row in the table of export.c.
 *
 * A format is written as it is made: it appends to a buf and passes it on whenever it has become
 * large, so that memory does not grow with the run.
 */
#ifndef SMILEY_OPS_EXPORT_H
#define SMILEY_OPS_EXPORT_H

#include "materializer/query_profile.h"
#include "schemas/buf.h"
#include "schemas/err.h"

/* What is asked for. */
struct export_request {
	struct query *query;
	struct run_id run;
	struct event_range range; /* what of it */
};

/* Where it goes. */
struct export_out {
	int fd;
	struct buf buf;
};

/* Writes what is in out->buf, when it is much or `all`, and empties it. */
int export_flush(struct export_out *out, bool all, struct err *err);

struct export_format {
	const char *name;
	const char *words; /* for whom: one line of help */
	int (*write)(const struct export_format *format, const struct export_request *request,
		struct export_out *out, struct err *err);
	/* Of a format that is made from a profile. */
	int (*render)(const struct profile *profile, struct buf *out, struct err *err);
};

/* The format of that name, the number-th format; NULL: there is none. */
const struct export_format *export_format_find(const char *name);
const struct export_format *export_format_at(size_t number);

/* Writes a file, "-" being stdout. A file that is there is replaced when all has been
 * written, else it stays as it was. */
int export_file(const struct export_format *format, const struct export_request *request,
	const char *path, struct err *err);

#endif
