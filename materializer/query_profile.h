/*
 * query_profile: where a run's time went. A deterministic profile, made from its events by
 * counting them and looking at their times (profiler.h), as cProfile would have made it of the
 * program untraced: what the tracer itself took is not in it (program_clock.h).
 *
 * Counts and times mean what they mean in cProfile: each resume of a generator or coroutine is a
 * call; a call is primitive when its function (or, of an edge, its caller and itself in that
 * order) was not on the thread's stack yet; cumulative time is counted for primitive calls only.
 * Times are those of the wall clock: waiting counts. Code that is not recorded is part of
 * its caller. Calls that have not returned yet count, up to the last event.
 *
 * It can be asked for while the run goes on and of one that was killed: it is that of the
 * events so far.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_PROFILE_H
#define SMILEY_MATERIALIZER_QUERY_PROFILE_H

#include "materializer/query.h"

#define PROFILE_NONE UINT32_MAX

struct profile_times {
	int64_t calls;
	int64_t primitive_calls;
	int64_t self_ns;
	int64_t cumulative_ns;
};

struct profile_function {
	struct slice file; /* absolute path; empty: builtin */
	int64_t line;      /* first; 0: builtin */
	struct slice name; /* qualified */
	bool builtin;      /* written in C */
	struct profile_times times;
};

/* caller has called callee, itself perhaps. */
struct profile_edge {
	uint32_t caller, callee; /* places in profile.functions */
	struct profile_times times;
};

/* A path of calls from the bottom of a thread's stack. A parent comes before its children;
 * calls of one function by one path are one node. */
struct profile_node {
	uint32_t parent;   /* place in profile.nodes; PROFILE_NONE: bottom of a stack */
	uint32_t function; /* PROFILE_NONE: paths that are not told apart, for they are too many */
	int64_t thread;    /* number */
	int64_t calls;
	int64_t self_ns;
	int64_t cumulative_ns; /* its own and its children's */
};

/* A line of a function that was executed, by any thread. */
struct profile_line {
	uint32_t function;
	int64_t line;
	int64_t hits;
	int64_t self_ns; /* without what it called */
};

struct profile_thread {
	int64_t number;
	struct slice name;
	int64_t calls;
	int64_t self_ns; /* of all its functions */
};

/* Arrays and texts are owned by `memory`. Empty when nothing was called. */
struct profile {
	struct profile_function *functions; /* in the order of their first calls */
	size_t function_count;
	struct profile_edge *edges; /* sorted by callee, then caller */
	size_t edge_count;
	struct profile_node *nodes;
	size_t node_count;
	struct profile_line *lines; /* sorted by function, then line; of all threads, always */
	size_t line_count;
	struct profile_thread *threads; /* all of the run, by number */
	size_t thread_count;
	int64_t thread; /* whose profile it is; -1: of all together */

	int64_t calls, primitive_calls;
	int64_t self_ns;    /* of all functions: what pstats calls total time */
	int64_t program_ns; /* from the first to the last event, as it would be untraced */
	int64_t traced_ns;  /* the same as it was */

	/* How complete it is. */
	int64_t event_count;
	int64_t open_calls;  /* not returned by the last event */
	int64_t lost_events; /* nobody has them; -1: recording was off for a time */
	enum run_state state;

	struct profile_memory *memory;
};

/* Of one thread (name or number) or, NULL, of all of them together. ERR_NOT_FOUND: no such
 * run or thread. The caller releases *profile, after a failure too. */
int query_profile(struct query *query, const struct run_id *id, const char *thread,
	struct profile *profile, struct err *err);
void profile_release(struct profile *profile);

/* The name alone, as co_name and pstats have it: "load" of "Store.load". Borrows. */
struct slice profile_short_name(struct slice name);

/* The edges that lead to a function: from profile->edges[return value] on, *count of them. */
size_t profile_callers(const struct profile *profile, uint32_t function, size_t *count);

/* Calls each() with the events of a range in their order, and the time at which each would have
 * been untraced: nanoseconds since the first event of the run, or of the block that the range
 * begins in. Never falls. Memory is O(block). A nonzero return stops and is returned. */
int query_program_events(struct query *query, const struct run_id *id,
	const struct event_range *range,
	int (*each)(void *context, const struct event *event, int64_t program_ns, struct err *err),
	void *context, struct err *err);

#endif
