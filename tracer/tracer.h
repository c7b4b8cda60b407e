/*
 * tracer: starts and ends tracing in an interpreter that is initialised.
 */
#ifndef SMILEY_TRACER_TRACER_H
#define SMILEY_TRACER_TRACER_H

#include "schemas/err.h"

#include <stdbool.h>

struct tracer;

/* Opens the spool and reads the options in it. The interpreter need not be there yet. */
int tracer_open(const char *spool_path, struct tracer **tracer, struct err *err);

enum tracer_moment {
	TRACER_BEFORE,   /* nothing of the program has run */
	TRACER_STARTING, /* the interpreter imports site: tracing begins when that is done */
	TRACER_WITHIN    /* the program runs */
};

/* From here on every frame of this interpreter is seen, unless the spool says that it begins
 * paused. */
int tracer_start(struct tracer *tracer, enum tracer_moment moment, struct err *err);

/* The last word: closes the block, says that no more comes. Safe to call twice. */
void tracer_finish(struct tracer *tracer);

#endif
