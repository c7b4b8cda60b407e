/*
 * location: the location table of code objects from CPython 3.11 on (Objects/locations.md in its
 * sources): reads and writes it entry by entry. That of 3.10 (Objects/lnotab_notes.txt), which
 * has lines only, is read.
 */
#ifndef SMILEY_TRACER_LOCATION_H
#define SMILEY_TRACER_LOCATION_H

#include "schemas/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct location {
	int line; /* -1: none */
	int end_line;
	int column, end_column; /* -1: none */
};

struct location_walk {
	const uint8_t *at, *end;
	int line;  /* running line number */
	int units; /* code units of the entry last read */
	struct location location;
};

struct location_walk location_walk_begin(const void *table, size_t bytes, int first_line);

/* False: there is no further entry. */
bool location_walk_next(struct location_walk *walk);

/* The same of a table of 3.10's; an entry may be of no unit. */
bool location_walk_next_pair(struct location_walk *walk);

/* Adds entries for so many units; `line` is the running line number. */
void location_put(struct buf *table, int *line, struct location location, int units);

#endif
