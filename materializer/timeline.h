/*
 * timeline: the runs of a family as one stream of records.
 *
 * Order. A run's own events stay in the order of their sequence numbers. A child's start, and
 * with it all of it, comes behind the parent's events before RunStarted.parent_seq, whatever
 * any clock says. What that leaves open is decided by time, which tracer/clock.h makes
 * comparable between hosts: the earliest first, where a run's time never goes back and a child
 * that had to wait takes the time of what it waited for; then a parent before its children,
 * the earlier start, the smaller id. So the same records give the same order always.
 *
 * A run's RunStarted stands where it started, its RunFinished directly behind its last event.
 *
 * Only runs that have started and not ended are open: memory is that of a block and a
 * cursor for each of them, and a few words for each run of the family.
 */
#ifndef SMILEY_MATERIALIZER_TIMELINE_H
#define SMILEY_MATERIALIZER_TIMELINE_H

#include "materializer/family.h"
#include "materializer/query.h"
#include "schemas/event_sink.h"

/* Where runs are read from. What open() makes is closed with close(); everything that is
 * returned is borrowed until the next call for the same run. 1, 0 for none, or an error. */
struct timeline_source {
	void *context;
	int (*open)(void *context, const struct run_id *id, void **run, struct err *err);
	void (*close)(void *run);
	int (*started)(void *run, struct run_started *started, struct err *err);
	int (*finished)(void *run, struct run_finished *finished, struct err *err);
	/* The next block, and which of its events is the first that counts. */
	int (*block)(void *run, struct slice *body, int64_t *from_seq, struct err *err);
	/* The text of a file of the run. */
	int (*file)(void *run, struct slice path, struct source_file *source, struct err *err);
};

/* Feeds all of the family, which was settled, to the sink. Of range only the thread counts. */
int timeline_feed(const struct family *family, const struct timeline_source *source,
	const struct event_range *range, const struct event_sink *sink, struct err *err);

#endif
