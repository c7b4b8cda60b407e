/*
 * query_run_list: a page of the list of runs, the newest first, of those that a filter lets
 * through.
 *
 * Without a filter only the page's runs are read, and the keys of the others counted; with
 * one, every run is.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_RUN_LIST_H
#define SMILEY_MATERIALIZER_QUERY_RUN_LIST_H

#include "materializer/query.h"

/* Zeroed: lets all through. */
struct run_filter {
	struct slice text; /* in id, directory, arguments or error, whatever the case of ASCII */
	struct slice host;
	struct slice group;
	bool by_state;
	enum run_state state;
	bool by_parent;
	struct run_id parent;
};

struct run_list {
	int64_t total; /* runs that the filter lets through */
	struct run_info *runs;
	size_t count;
};

/* Up to `count` runs from number `first` on (0: the newest). Owned by the caller. */
int query_run_list(struct query *query, const struct run_filter *filter, int64_t first,
	size_t count, struct run_list *list, struct err *err);
void run_list_release(struct run_list *list);

#endif
