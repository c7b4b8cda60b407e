/*
 * filter: whether the code of a file is recorded. Asked once per code object.
 *
 * The order is the original smiley's: code from no file is left out, then an
 * --include-package is recorded, then site-packages according to their option, then the
 * standard library according to its; everything else is recorded.
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

#endif
