/*
 * query_hits: how often the lines of a run's files ran, and where: which events were at a line,
 * any of them by its number, the next of any kind. A run's length counts by its logarithm.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_HITS_H
#define SMILEY_MATERIALIZER_QUERY_HITS_H

#include "materializer/hit_entry.h"
#include "materializer/query.h"

/* Replaces what is in kinds: how many events of each kind the run has. */
int query_kinds(
	struct query *query, const struct run_id *id, int64_t kinds[EVENT_KINDS], struct err *err);

/* Adds to the table every line of every file, or of the one of that path (empty: all), that was
 * reached. Sorts it. */
int query_hits(struct query *query, const struct run_id *id, struct slice path,
	struct hit_table *table, struct err *err);

/* What is looked for: the events of one kind; of lines and calls also those of one line of a
 * file, where calls are in the line in which the function begins. */
struct hit_wanted {
	enum event_kind kind;
	struct slice path; /* empty: anywhere */
	int64_t line;
};

/* The next such event behind seq (to begin with, -1), or the last before it. *found is -1 where
 * there is none. */
int query_next(struct query *query, const struct run_id *id, const struct hit_wanted *wanted,
	int64_t seq, bool forward, int64_t *found, struct err *err);

/* Several such searches from one event: they share what is read. */
struct hit_search {
	struct hit_wanted wanted;
	bool forward;
	int64_t found;
};
int query_next_all(struct query *query, const struct run_id *id, int64_t seq,
	struct hit_search *searches, size_t count, struct err *err);

/* Passes on `count` of them from number `first` on, from 0, in the order in which they were.
 * each() has the event for the call; nonzero stops and is returned. */
int query_hit_events(struct query *query, const struct run_id *id, const struct hit_wanted *wanted,
	int64_t first, int64_t count,
	int (*each)(void *context, const struct event *event, struct err *err), void *context,
	struct err *err);

#endif
