/*
 * view_memory: which page of a run's rows a browser was shown last, of which thread and of how
 * many rows, in a cookie of the browser's session; so that who comes back to a run by its name
 * finds the place again, as the original does. What an address says counts before.
 */
#ifndef SMILEY_WEB_VIEW_MEMORY_H
#define SMILEY_WEB_VIEW_MEMORY_H

#include "schemas/buf.h"
#include "schemas/run_id.h"

struct view_memory {
	struct run_id run;
	int64_t page;
	int64_t per_page; /* of all runs */
	int64_t thread;   /* -1: all */
};

/* From a Cookie header, for the server of that name. False: there is none, or nonsense. */
bool view_memory_read(struct slice cookies, const char *server, struct view_memory *memory);

/* Appends the Set-Cookie header's value. */
void view_memory_write(const struct view_memory *memory, const char *server, struct buf *out);

bool view_memory_equal(const struct view_memory *a, const struct view_memory *b);

#endif
