/*
 * event_range: passes the events of a range on to a sink. Replay from the database and
 * replay from the log both feed through it.
 */
#ifndef SMILEY_MATERIALIZER_EVENT_RANGE_H
#define SMILEY_MATERIALIZER_EVENT_RANGE_H

#include "materializer/query.h"

struct event_range_feed {
	const struct event_range *range;
	const struct event_sink *sink;
	/* Called with an event of the range before the sink is; may be NULL. */
	int (*before)(void *context, const struct event *event, struct err *err);
	void *context;
};

/* For block_walk(): context is a struct event_range_feed. Returns 1 behind the range's
 * end, negative when the sink fails. */
int event_range_feed(void *context, const struct event *event, struct err *err);

bool event_range_takes(const struct event_range *range, const struct event *event);

/* Whether the range holds the end of a run of so many events. */
bool event_range_has_end(const struct event_range *range, int64_t event_count);

/* Sink calls that skip a function that is NULL. */
int event_sink_started(
	const struct event_sink *sink, const struct run_started *run, struct err *err);
int event_sink_source(
	const struct event_sink *sink, const struct source_file *source, struct err *err);
int event_sink_finished(
	const struct event_sink *sink, const struct run_finished *run, struct err *err);

#endif
