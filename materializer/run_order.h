/*
 * run_order: which events of a run count, when blocks come twice or overlap. Fold, monitor
 * and replay from the log all ask here, so that they agree.
 *
 * The blocks of one run come in the order in which they were appended. A shipper that was
 * killed may have shipped events that its successor ships again, cut otherwise: each
 * event counts the first time it comes. A block beyond the next expected event leaves a
 * hole, which nothing later fills.
 */
#ifndef SMILEY_MATERIALIZER_RUN_ORDER_H
#define SMILEY_MATERIALIZER_RUN_ORDER_H

#include "schemas/block.h"

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: nothing of the run has come yet. */
struct run_progress {
	int64_t next_seq; /* behind the last event that came */
};

/* True when the block has events that did not come before: those from *from_seq on. */
bool run_progress_is_news(
	const struct run_progress *progress, const struct block_head *head, int64_t *from_seq);

/* Notes that the block has come. */
void run_progress_take(struct run_progress *progress, const struct block_head *head);

/* Parses a block's head and walks all its events: 0 when every byte of it is in order and
 * its head tells the truth about them. ERR_FORMAT when not: such a block counts nowhere. */
int block_check(
	struct block_cursor *cursor, struct slice body, struct block_head *head, struct err *err);

/* As block_check(), and calls each() for every event from from_seq on. Events may have been
 * passed to each() before the block turns out to be bad. A nonzero return stops the walk
 * and is returned. */
int block_walk(struct block_cursor *cursor, struct slice body, int64_t from_seq,
	int (*each)(void *context, const struct event *event, struct err *err), void *context,
	struct err *err);

#endif
