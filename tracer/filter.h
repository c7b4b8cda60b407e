/*
 * filter: whether the code of a file, and a function of it, is recorded. Asked once per code
 * object.
 *
 * The order is the original smiley's: code from no file is left out, then an
 * --include-package is recorded, then site-packages according to their option, then the
 * standard library according to its; everything else is recorded.
 *
 * --include and --exclude come before all that. Their patterns are those of the shell (fnmatch);
 * one with a slash in it, or .py at its end, is for files: the whole path, or its end when the
 * pattern does not begin with a slash. Any other is for functions, by their qualified names
 * (Class.method; <module> is a file's own code). What matches --exclude is not recorded; where
 * --include has patterns for files, only files that match one are, wherever they are from; the
 * same for functions.
 */
#ifndef SMILEY_TRACER_FILTER_H
#define SMILEY_TRACER_FILTER_H

#include "tracer/options.h"

#include <stdbool.h>

struct filter {
	const struct tracer_options *options; /* borrowed */
	char *stdlib;                         /* directory with a slash at its end; owned */
};

/* stdlib_dir as the interpreter's configuration says. 0 or ERR_MEMORY. */
int filter_init(
	struct filter *filter, const struct tracer_options *options, const char *stdlib_dir);
void filter_release(struct filter *filter);

/* path: absolute, as the code object names it. */
bool filter_records(const struct filter *filter, const char *path);

/* The same for a function of a file that is recorded. */
bool filter_records_function(const struct filter *filter, const char *qualname);

#endif
