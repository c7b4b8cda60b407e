/*
 * environment: what a program that is started is given beyond an environment.
 */
#ifndef SMILEY_SCHEMAS_ENVIRONMENT_H
#define SMILEY_SCHEMAS_ENVIRONMENT_H

#include "schemas/buf.h"

/* The environment (NULL: an empty one) with these entries in it (NAME=VALUE, a NUL behind each): one of a
 * name that is there takes its place, the others come last. One block, to be freed, in which the
 * environment's own texts are borrowed. NULL: out of memory. */
char **environment_with(char *const *environment, const struct buf *entries);

#endif
