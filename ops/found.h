/*
 * found: the events that a search found, as rows of a table.
 */
#ifndef SMILEY_OPS_FOUND_H
#define SMILEY_OPS_FOUND_H

#include "materializer/query_search.h"
#include "ops/lister.h"

struct found {
	struct lister *lister;  /* its columns: event, where, function, what ... */
	struct slice directory; /* of the run, borrowed */
	int64_t wanted, count;
	struct buf text;
};

int found_init(struct found *found, const struct run_info *run, int64_t wanted, struct err *err);
void found_release(struct found *found);

/* For query_search(): context is the struct found. 1 when it has as many as are wanted. */
int found_add(void *context, const struct search_hit *hit, struct err *err);

#endif
