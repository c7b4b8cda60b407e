/*
 * log_replay: replays a run from the log alone, as query_replay() does from the store:
 * the same calls of the sink in the same order, but for the source files, which all come
 * before the first event.
 */
#ifndef SMILEY_MATERIALIZER_LOG_REPLAY_H
#define SMILEY_MATERIALIZER_LOG_REPLAY_H

#include "ingest/log.h"
#include "materializer/query.h"

/* Reads the log up to its present end; patience_ms as in log_walk.h. ERR_NOT_FOUND when the run
 * is not in it, or was deleted. */
int log_replay(struct log *log, int patience_ms, const struct run_id *id,
	const struct event_range *range, const struct event_sink *sink, struct err *err);

/* Replays a group as query_replay_group() does. What belongs to it is put aside in $TMPDIR
 * first, where nothing is left of it. */
int log_replay_group(struct log *log, int patience_ms, const char *group,
	const struct event_range *range, const struct event_sink *sink, struct err *err);

/* Finds the run that RUN means (as query_resolve()) by reading the log. */
int log_resolve(
	struct log *log, int patience_ms, const char *run, struct run_id *id, struct err *err);

#endif
