/*
 * query_search: the events of a run that a search means, wherever in a run of any length. Blocks
 * without the names that are asked for are passed over, kinds of events that are rare are found
 * by the index; all else is looked at event by event, 5 to 10 million a second.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_SEARCH_H
#define SMILEY_MATERIALIZER_QUERY_SEARCH_H

#include "materializer/query.h"
#include "materializer/search.h"

struct search_span {
	struct event_range range;
	bool backward;    /* from the range's last event to its first */
	int64_t until_ns; /* of CLOCK_MONOTONIC: give up soon after; 0: never */
	/* Told how many of the range's events have been looked at; may be NULL. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *progress_context;
};

/* One event that is meant; all of it is the callee's for the call. */
struct search_hit {
	const struct event *event;
	struct slice source; /* of its line; empty: not known */
	struct search_match match;
};

/* What there is to see, appended: `total = 7`, `return>>> 7`, an exception, `f(n=1)`, else the
 * line of source without its indent. */
void search_hit_text(const struct search_hit *hit, struct buf *out);

/*
 * Passes on what is meant, in order; nonzero of each() stops, a positive one is returned.
 * *next is the event to go on with: -1 when the range has been searched to its end.
 */
int query_search(struct query *query, const struct run_id *id, struct search *search,
	const struct search_span *span,
	int (*each)(void *context, const struct search_hit *hit, struct err *err), void *context,
	int64_t *next, struct err *err);

#endif
