/*
 * line_cost: what each line of each function cost: how often it ran, the time in it, and the
 * calls made from it. Memory is O(distinct lines and calls between them).
 */
#ifndef SMILEY_MATERIALIZER_LINE_COST_H
#define SMILEY_MATERIALIZER_LINE_COST_H

#include "materializer/call_walk.h"

/* Without what its calls cost. */
struct line_entry {
	int64_t code, line;
	int64_t hits;
	int64_t ns;
};

/* All calls of one function from one line, with what they cost in all. A generator counts
 * each time that it is entered. */
struct line_call {
	int64_t code, line; /* of the caller */
	int64_t callee;     /* its code */
	int64_t calls;
	int64_t hits, ns; /* of the callee and its calls */
};

struct line_cost;

struct line_cost *line_cost_new(void); /* NULL: out of memory */
void line_cost_free(struct line_cost *cost);

/* Of a walk that keeps its marks for this: its taker's functions. */
int line_cost_line(struct line_cost *cost, struct walk_thread *thread, struct walk_call *call,
	struct err *err);
int line_cost_spend(struct line_cost *cost, struct walk_call *call, int64_t ns, struct err *err);
void line_cost_enter(struct walk_thread *thread, struct walk_call *call);
int line_cost_leave(struct line_cost *cost, struct walk_thread *thread, struct walk_call *call,
	struct err *err);

/* All, by code and line; borrowed until the next change. */
const struct line_entry *line_cost_lines(struct line_cost *cost, size_t *count);
const struct line_call *line_cost_calls(struct line_cost *cost, size_t *count);

#endif
