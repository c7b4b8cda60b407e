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

/* A call and an event from which its events are looked for. */
struct step_from {
	int64_t seq;
	int64_t thread;       /* number of the call's */
	int64_t frame;        /* its id */
	uint32_t depth;       /* and depth */
	enum event_kind kind; /* of event seq, where it is of the call; else EVENT_LINE */
};

/* The call's event that is next behind from->seq, or last before it. Calls that it made are jumped
 * over by the stacks that blocks begin with: what is read grows with the logarithm of their
 * length. *found is -1 where there is none, and then *looked is -1, or when it was looked for in too
 * many blocks, the event at which that ended: from there one may go on. */
int query_step(struct query *query, const struct run_id *id, const struct step_from *from,
	bool forward, int64_t *found, int64_t *looked, struct err *err);

/* The first event at that time or later. ERR_NOT_FOUND: there is none (yet). */
int query_at_time(struct query *query, const struct run_id *id, int64_t time_ns, int64_t *seq,
	struct err *err);

/* The threads of a run by number, at most `max` of them: one block is read for each. */
int query_row_threads(struct query *query, const struct run_id *id, size_t max,
	int (*each)(void *context, int64_t number, struct slice name, struct err *err),
	void *context, struct err *err);

#endif
