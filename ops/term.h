/*
 * term: what ops knows of terminals: colour or not, progress lines, writing to stdout.
 */
#ifndef SMILEY_OPS_TERM_H
#define SMILEY_OPS_TERM_H

#include "schemas/buf.h"
#include "schemas/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Should output to fd be coloured: choice is "always", "never" or "auto" (fd is a terminal,
 * TERM is not dumb, NO_COLOR is not set). */
bool term_colour(int fd, const char *choice);

/* Writes all bytes to stdout at once. ERR_IO; ERR_CLOSED when nobody reads it any more (a
 * closed pipe). */
int term_write(struct slice bytes, struct err *err);

/* A line on stderr that is written over and over while long work goes on: only on a
 * terminal, only once it has taken half a second. */
struct progress {
	const char *what;
	enum progress_unit {
		PROGRESS_BYTES,
		PROGRESS_RECORDS,
		PROGRESS_RUNS,
		PROGRESS_EVENTS,
		PROGRESS_FILES
	} unit;
	bool on; /* stderr is a terminal and the user wants it */
	bool shown;
	int64_t begin_ns;
	int64_t last_ns;
};

void progress_begin(
	struct progress *progress, const char *what, enum progress_unit unit, bool wanted);
/* Of the form that the materializer calls; context is the progress. total 0: unknown. */
void progress_update(void *context, uint64_t done, uint64_t total);
/* Wipes the line. */
void progress_end(struct progress *progress);

#endif
