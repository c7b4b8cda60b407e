/*
 * help_dump: an event as text that two readers can be compared by.
 */
#ifndef SMILEY_TESTS_LIB_HELP_DUMP_H
#define SMILEY_TESTS_LIB_HELP_DUMP_H

#include "schemas/block.h"

/* Appends one line: all of the event, its thread, its frame and the frames below that;
 * values in hex. Flags of change are of the event's own frame only. */
void dump_event(const struct event *event, struct buf *out);

/* Appends the lines of all events that the cursor has left; returns its last code. */
int dump_rest(struct block_cursor *cursor, struct buf *out, struct err *err);

#endif
