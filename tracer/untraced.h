/*
 * untraced: a program that is about to be started, and whether it will be traced. The run says
 * so of a python that will not.
 */
#ifndef SMILEY_TRACER_UNTRACED_H
#define SMILEY_TRACER_UNTRACED_H

#include "tracer/pycompat_internal.h"

#include <stdbool.h>

struct tracer;

/* path and argv as the program gives them to exec and spawn functions. True: it shall have the
 * variables of child_env.h. False: it is a python that would not load the tracer, which stands
 * in the spool now (RECORD_CHILD). */
bool untraced_ask(struct tracer *tracer, PyObject *path, PyObject *argv);

#endif
