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

/* From here on every frame of this interpreter is seen. stdlib_dir: of its configuration.
 * With `waiting` the interpreter is still starting (it imports site): tracing begins when
 * that is done. */
int tracer_start(struct tracer *tracer, const char *stdlib_dir, bool waiting, struct err *err);

/* The text of `-c CODE`, which is in no file. */
void tracer_command(struct tracer *tracer, const char *text);

/* The last word: closes the block, says that no more comes. Safe to call twice. */
void tracer_finish(struct tracer *tracer);

#endif
