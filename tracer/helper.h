/*
 * helper: starts a program from within somebody else's process, which does not notice: it is no
 * child of this process, so that nobody waits for it by mistake and no SIGCHLD comes; it has a
 * session and descriptors of its own.
 */
#ifndef SMILEY_TRACER_HELPER_H
#define SMILEY_TRACER_HELPER_H

#include "schemas/err.h"

/* Starts path with argv and env, both ended by NULL. *out is where its output, errors too, can be
 * read; it has no input. */
int helper_start(const char *path, char *const *argv, char *const *env, int *out, struct err *err);

#endif
