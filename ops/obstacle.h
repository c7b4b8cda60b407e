/*
 * obstacle: what keeps a command that runs on and on from getting on, told once on stderr when it
 * begins, and once when it is over.
 */
#ifndef SMILEY_OPS_OBSTACLE_H
#define SMILEY_OPS_OBSTACLE_H

#include "ops/cmd.h"
#include "schemas/buf.h"

/* Zeroed: all is well. */
struct obstacle {
	struct buf told; /* the words; empty: none */
};

/* NULL: all is well (again). Nothing is written with -q. */
void obstacle_tell(struct obstacle *obstacle, const struct call *call, const char *words);
void obstacle_release(struct obstacle *obstacle);

#endif
