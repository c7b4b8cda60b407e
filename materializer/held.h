/*
 * held: blocks of a run that came before what they need, in the order of their events. A log
 * whose topics and partitions are read each at its own speed gives them so.
 */
#ifndef SMILEY_MATERIALIZER_HELD_H
#define SMILEY_MATERIALIZER_HELD_H

#include "schemas/buf.h"

struct held_block {
	struct held_block *next;
	int64_t first_seq;
	int64_t came_ms;
	struct slice body; /* owned, behind this */
};

/* Zeroed: none. */
struct held {
	struct held_block *first;
};

/* Keeps a copy of the body. 0 or ERR_MEMORY. */
int held_add(struct held *held, int64_t first_seq, int64_t now_ms, struct slice body);
/* Frees the first. */
void held_drop(struct held *held);

#endif
