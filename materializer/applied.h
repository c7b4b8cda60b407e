/*
 * applied: a small file that says how far the log has been folded, so that processes
 * without the lock can wait for it at the price of one read.
 *
 * Two slots are written in turn, each with a counter and a checksum: a reader takes the
 * newer of those that are whole, so that there always is one, whenever a writer dies.
 * What was written before the machine last started counts as nothing: a power failure
 * may have taken from the store what this file still tells of.
 */
#ifndef SMILEY_MATERIALIZER_APPLIED_H
#define SMILEY_MATERIALIZER_APPLIED_H

#include "ingest/log.h"

struct applied {
	int fd; /* -1: closed */
	uint64_t counter;
	uint64_t boot;
};

/* For the holder of the lock. */
int applied_open(struct applied *applied, const char *path, struct err *err);
int applied_write(struct applied *applied, const struct position *position, struct err *err);
void applied_close(struct applied *applied);

/* For anybody. No file, or none whole in it: position->len is 0. */
int applied_read(const char *path, struct position *position, struct err *err);

/* What is other after each applied_write(), at the price of one open and two reads; what it is
 * tells nothing. False: there is no such file, or not yet all of it. */
struct applied_mark {
	uint8_t bytes[64];
};
bool applied_look(const char *path, struct applied_mark *mark);

#endif
