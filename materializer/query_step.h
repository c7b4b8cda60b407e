/*
 * query_step: one event with the whole state there, and the events next to it in a call.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_STEP_H
#define SMILEY_MATERIALIZER_QUERY_STEP_H

#include "materializer/query.h"

/* Passes event seq on, with its stack and variables, for the time of the call. Reads one
 * block. ERR_NOT_FOUND: the run has no such event. */
int query_event(struct query *query, const struct run_id *id, int64_t seq,
	int (*each)(void *context, const struct event *event, struct err *err), void *context,
	struct err *err);

/* The event of the call `frame` that is next behind seq, or last before it. *found is -1 when
 * none was found in the STEP_BLOCKS blocks looked at, there or not. */
#define STEP_BLOCKS 32
int query_step(struct query *query, const struct run_id *id, int64_t seq, int64_t frame,
	bool forward, int64_t *found, struct err *err);

/* The first event at that time or later. ERR_NOT_FOUND: there is none (yet). */
int query_at_time(struct query *query, const struct run_id *id, int64_t time_ns, int64_t *seq,
	struct err *err);

/* The threads of a run by number, at most `max` of them: one block is read for each. */
int query_row_threads(struct query *query, const struct run_id *id, size_t max,
	int (*each)(void *context, int64_t number, struct slice name, struct err *err),
	void *context, struct err *err);

#endif
