/*
 * run_prefix: how users name runs: a full id, the beginning of one, or "@latest".
 */
#ifndef SMILEY_MATERIALIZER_RUN_PREFIX_H
#define SMILEY_MATERIALIZER_RUN_PREFIX_H

#include "schemas/err.h"
#include "schemas/run_id.h"

#define RUN_PREFIX_MIN 4

struct run_prefix {
	const char *text; /* as the user wrote it, borrowed */
	bool latest;
	size_t len;
	char normal[RUN_ID_TEXT_BYTES]; /* lower case */
	struct run_id first;            /* the smallest id that has the prefix */
};

/* ERR_USAGE: too short. ERR_NOT_FOUND: no id begins so. */
int run_prefix_init(struct run_prefix *prefix, const char *text, struct err *err);

/* Always true for "@latest". */
bool run_prefix_matches(const struct run_prefix *prefix, const struct run_id *id);

/* The answer when `found` runs match: 0, ERR_NOT_FOUND or ERR_USAGE. */
int run_prefix_verdict(const struct run_prefix *prefix, size_t found, struct err *err);

#endif
