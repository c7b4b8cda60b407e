/*
 * environment: what a program that we start is given beyond our own environment.
 */
#ifndef SMILEY_OPS_ENVIRONMENT_H
#define SMILEY_OPS_ENVIRONMENT_H

#include "schemas/buf.h"

/* Our environment with these entries in it (NAME=VALUE, a NUL behind each): one of a name that is there
 * takes its place, the others come last. One block, to be freed. NULL: out of memory. */
char **environment_with(const struct buf *entries);

#endif
