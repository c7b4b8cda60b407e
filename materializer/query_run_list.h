/*
 * query_run_list: a page of the list of runs, the newest first or in another order, of those
 * that a filter lets through.
 *
 * Without a filter and by start only the page's runs are read, and the keys of the others
 * counted; else every run's start and end is, and of each 72 bytes are kept while they are sorted.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_RUN_LIST_H
#define SMILEY_MATERIALIZER_QUERY_RUN_LIST_H

#include "materializer/query.h"

/* What runs are sorted by. Among equals the newest comes first; a run that has no such value,
 * as the end of one that goes on, comes last. */
enum run_sort {
	RUN_SORT_START,
	RUN_SORT_ID,
	RUN_SORT_DESCRIPTION,
	RUN_SORT_HOST,
	RUN_SORT_STATE,
	RUN_SORT_END,
	RUN_SORT_DURATION,
	RUN_SORT_EVENTS,
	RUN_SORT_ERROR,
	RUN_SORTS
};

/* Zeroed: lets all through, the newest first. */
struct run_filter {
	struct slice text; /* in id, directory, arguments or error, whatever the case of ASCII */
	struct slice host;
	struct slice group;
	bool by_state;
	enum run_state state;
	bool by_parent;
	struct run_id parent;
	enum run_sort sort;
	bool reversed; /* the other way round: of starts the oldest first, else the largest */
};

struct run_list {
	int64_t total; /* runs that the filter lets through */
	struct run_info *runs;
	size_t count;
};

/* Up to `count` runs from number `first` on, from 0. Owned by the caller. */
int query_run_list(struct query *query, const struct run_filter *filter, int64_t first,
	size_t count, struct run_list *list, struct err *err);
void run_list_release(struct run_list *list);

#endif
