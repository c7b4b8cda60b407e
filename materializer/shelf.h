/*
 * shelf: bytes that are put aside on disk for as long as this process needs them. The file has no
 * name: however the process ends, nothing is left of it.
 */
#ifndef SMILEY_MATERIALIZER_SHELF_H
#define SMILEY_MATERIALIZER_SHELF_H

#include "schemas/buf.h"
#include "schemas/err.h"

struct shelf {
	int fd;
	int64_t end;     /* of what is in the file */
	struct buf tail; /* what goes behind that */
};

/* Where something lies. */
struct shelf_place {
	int64_t offset;
	size_t len;
};

/* In the directory $TMPDIR, or /tmp. */
int shelf_open(struct shelf *shelf, struct err *err);
void shelf_close(struct shelf *shelf);

int shelf_put(struct shelf *shelf, struct slice bytes, struct shelf_place *place, struct err *err);

/* Replaces what *bytes holds. */
int shelf_get(struct shelf *shelf, struct shelf_place place, struct buf *bytes, struct err *err);

#endif
