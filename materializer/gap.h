/*
 * gap: events that a run should have and that nobody has: their blocks were damaged, or
 * removed from the log before they were read. Who is shown the run is shown an event of kind gap
 * in their place.
 */
#ifndef SMILEY_MATERIALIZER_GAP_H
#define SMILEY_MATERIALIZER_GAP_H

#include "materializer/query.h"

/* Feeds a gap for the events from from_seq to before behind_seq, as far as they are in the
 * range (NULL: all); none, nothing. time_ns: of what comes behind it. Returns the sink's. */
int gap_feed(const struct event_sink *sink, const struct event_range *range,
	const struct run_id *run, int64_t from_seq, int64_t behind_seq, int64_t time_ns,
	struct err *err);

/* What can be said of a run whose RunStarted nobody has: its id, and a time not after its first
 * event. */
void run_headless(const struct run_id *run, int64_t time_ns, struct run_started *started);

#endif
