/*
 * help_cut: an input of a fuzz target as a text of parts.
 */
#ifndef SMILEY_TESTS_LIB_HELP_CUT_H
#define SMILEY_TESTS_LIB_HELP_CUT_H

#include "schemas/buf.h"

#include <string.h>

/* What is before the first `at`, which goes with it; all when there is none. */
static inline struct slice cut(struct slice *rest, char at)
{
	const uint8_t *found = rest->len ? memchr(rest->data, at, rest->len) : NULL;
	struct slice before = *rest;

	if (found)
		before.len = (size_t)(found - rest->data);
	*rest = found ? (struct slice){found + 1, rest->len - before.len - 1}
		      : (struct slice){rest->data + rest->len, 0};
	return before;
}

#endif
