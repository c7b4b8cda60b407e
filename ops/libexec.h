/*
 * libexec: where the parts of the program are that are not called by name.
 */
#ifndef SMILEY_OPS_LIBEXEC_H
#define SMILEY_OPS_LIBEXEC_H

#include "schemas/err.h"

#include <limits.h>

/* ../libexec/smiley/NAME beside this program, wherever that is installed. It is there and can
 * be read, or ERR_IO. */
int libexec_path(const char *name, char path[PATH_MAX], struct err *err);

#endif
