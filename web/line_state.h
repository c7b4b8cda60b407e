/*
 * line_state: what the formats that tell of lines have in common: a line_cost that the walk
 * fills.
 */
#ifndef SMILEY_WEB_LINE_STATE_H
#define SMILEY_WEB_LINE_STATE_H

#include "web/exporter_internal.h"
#include "materializer/line_cost.h"

/* The first member of such a format's state. */
struct line_state {
	struct line_cost *cost;
};

int line_state_begin(struct exporter *exporter, struct err *err);
void line_state_release(struct exporter *exporter);

/* For the format's taker. */
int line_state_enter(void *context, struct walk_thread *thread, struct walk_call *call,
	bool resumed, bool joined, struct err *err);
int line_state_leave(
	void *context, struct walk_thread *thread, struct walk_call *call, struct err *err);
int line_state_spend(void *context, struct walk_thread *thread, struct walk_call *call, int64_t ns,
	struct err *err);
int line_state_line(
	void *context, struct walk_thread *thread, struct walk_call *call, struct err *err);

#endif
