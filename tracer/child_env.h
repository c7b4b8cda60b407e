/*
 * child_env: the environment of a program that is about to be started: what it would get, and
 * SMILEY_PARENT, SMILEY_CHILD and a directory in front of PYTHONPATH.
 *
 * Made anew each time, in heap memory, with the GIL held. Whatever cannot be made is left
 * out: the program starts in any case.
 */
#ifndef SMILEY_TRACER_CHILD_ENV_H
#define SMILEY_TRACER_CHILD_ENV_H

#include "tracer/pycompat_internal.h"

struct tracer;

/* A copy of a C environment with the variables in it; free() gives all of it back. NULL: out
 * of memory. */
char **child_env_array(struct tracer *tracer, char *const *environment);

/* The same as a list of bytes objects, from such a list. A new reference; NULL without an
 * exception: it cannot be done. */
PyObject *child_env_list(struct tracer *tracer, PyObject *list);

/* A dict of what the mapping says, and the variables; the mapping is asked for its keys and
 * its values once each, as posix.execve() does. A new reference; NULL with an exception: the
 * mapping's own. */
PyObject *child_env_dict(struct tracer *tracer, PyObject *mapping);

#endif
