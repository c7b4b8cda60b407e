/*
 * python_env: which python's environment a program gets, and whether smiley can trace with
 * it: smiley embeds one build of Python, and runs programs of virtual environments made by
 * that build.
 */
#ifndef SMILEY_OPS_PYTHON_ENV_H
#define SMILEY_OPS_PYTHON_ENV_H

#include "schemas/buf.h"
#include "schemas/err.h"

#define PYTHON_DEFAULT "/usr/bin/python3"

/*
 * Appends to `path` the python whose environment counts: `chosen` (--python; NULL: none),
 * else that of $VIRTUAL_ENV, else PYTHON_DEFAULT. ERR_USAGE, with the version and the place
 * of the other build in the message, when that is not the build that smiley embeds.
 */
int python_env_find(const char *chosen, struct buf *path, struct err *err);

#endif
