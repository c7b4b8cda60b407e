/*
 * call_walk: from events to calls: which call begins and ends when, and where time passes
 * meanwhile. It keeps the stack of each thread; memory is O(depth) and O(functions).
 *
 * May begin anywhere: calls that were open then are entered with the thread's first event, and
 * all that are open at the end are left with its last. Each thread's calls nest strictly,
 * its times never fall, whatever was lost on the way.
 *
 * A generator or coroutine is entered by each resume and left by each yield, as profilers do.
 */
#ifndef SMILEY_MATERIALIZER_CALL_WALK_H
#define SMILEY_MATERIALIZER_CALL_WALK_H

#include "materializer/code_table.h"
#include "schemas/event_sink.h"

/* A call that is open. */
struct walk_call {
	int64_t frame; /* id */
	size_t depth;
	int64_t code;       /* number in the walk's codes */
	int64_t line;       /* where it is now */
	int64_t entered_ns; /* this time */
	int64_t mark;       /* the taker's, 0 at first */
};

struct walk_thread {
	int64_t number, ident;
	struct slice name; /* owned by the walk */
	struct walk_call *calls;
	size_t count, cap;
	int64_t now_ns; /* of its last event */
	int64_t mark;   /* the taker's, 0 at first */
};

/* Who takes what the walk finds. What is NULL is skipped. The call is the thread's innermost;
 * each returns 0 or a negative err_code that stops. */
struct walk_taker {
	void *context;
	/* Before anything else of a thread. */
	int (*thread)(void *context, struct walk_thread *thread, struct err *err);
	/* Just entered. resumed: a generator goes on. joined: it was open before. */
	int (*enter)(void *context, struct walk_thread *thread, struct walk_call *call,
		bool resumed, bool joined, struct err *err);
	/* About to be left. */
	int (*leave)(
		void *context, struct walk_thread *thread, struct walk_call *call, struct err *err);
	/* Time passed in it at its line. */
	int (*spend)(void *context, struct walk_thread *thread, struct walk_call *call, int64_t ns,
		struct err *err);
	/* A line of it begins to run. */
	int (*line)(
		void *context, struct walk_thread *thread, struct walk_call *call, struct err *err);
	/* Any other event, as it came; the call is NULL when it is in none. */
	int (*other)(void *context, struct walk_thread *thread, struct walk_call *call,
		const struct event *event, struct err *err);
};

struct call_walk;

/* The codes are borrowed and filled. NULL: out of memory. */
struct call_walk *call_walk_new(const struct walk_taker *taker, struct code_table *codes);
void call_walk_free(struct call_walk *walk);

/* The next event and its time, in the order of sequence numbers; threads may be mixed or one after
 * the other. */
int call_walk_event(
	struct call_walk *walk, const struct event *event, int64_t time_ns, struct err *err);

/* Leaves every call that is open. */
int call_walk_finish(struct call_walk *walk, struct err *err);

#endif
