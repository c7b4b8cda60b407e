/*
 * source_lines: the lines of a run's source files, each file read from the store the first time
 * that one of its lines is asked for, and kept. Memory is that of the files asked for.
 */
#ifndef SMILEY_MATERIALIZER_SOURCE_LINES_H
#define SMILEY_MATERIALIZER_SOURCE_LINES_H

#include "materializer/query.h"

struct source_lines;

/* query and id stay borrowed. NULL: out of memory. */
struct source_lines *source_lines_new(struct query *query, const struct run_id *id);
void source_lines_free(struct source_lines *lines);

/* The text of a line from 1 on, without its end, owned by lines; empty where there is none. */
int source_lines_get(struct source_lines *lines, struct slice path, int64_t line,
	struct slice *text, struct err *err);

#endif
