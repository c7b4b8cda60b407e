/*
 * event_sink: where the records of a log or a store go when somebody watches them:
 * text on a terminal, JSON lines, a test's memory. The one who feeds it calls in log
 * order; everything passed is borrowed for the time of the call. A function that is
 * NULL is skipped. Each returns 0, or a negative err_code that stops the feeding.
 */
#ifndef SMILEY_SCHEMAS_EVENT_SINK_H
#define SMILEY_SCHEMAS_EVENT_SINK_H

#include "schemas/err.h"
#include "schemas/event.h"
#include "schemas/message.h"

struct event_sink {
	void *context; /* the sink's own, passed back */
	int (*run_started)(void *context, const struct run_started *run, struct err *err);
	int (*source_file)(void *context, const struct source_file *source, struct err *err);
	int (*event)(void *context, const struct event *event, struct err *err);
	int (*run_finished)(void *context, const struct run_finished *run, struct err *err);
};

#endif
