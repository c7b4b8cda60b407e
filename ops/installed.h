/*
 * installed: where the other parts of this program are, below the PREFIX of its bin/.
 */
#ifndef SMILEY_OPS_INSTALLED_H
#define SMILEY_OPS_INSTALLED_H

#include "schemas/err.h"

#include <limits.h>

/* The path of PREFIX/NAME in `path`. ERR_IO: it is not there. */
int installed_path(const char *name, char path[PATH_MAX], struct err *err);

#endif
