/*
 * line_time: the time in each line of one file, whatever function the line is part of; without
 * what the line called.
 */
#ifndef SMILEY_WEB_LINE_TIME_H
#define SMILEY_WEB_LINE_TIME_H

#include "materializer/query_profile.h"

struct line_time {
	int64_t line;
	int64_t ns;
};

/* Zeroed memory has none. */
struct line_times {
	struct line_time *lines; /* by number, each once */
	size_t count;
	int64_t most_ns; /* of any of them */
};

/* ERR_MEMORY. The caller releases it, after a failure too. */
int line_times_init(struct line_times *times, const struct profile *profile, struct slice path,
	struct err *err);
void line_times_release(struct line_times *times);

#endif
