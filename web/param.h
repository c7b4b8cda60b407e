/*
 * param: every parameter that an address may have behind its '?', in one table, and what its
 * value may be; so that what is nonsense is told, in one place, before anything is loaded.
 */
#ifndef SMILEY_WEB_PARAM_H
#define SMILEY_WEB_PARAM_H

#include "schemas/buf.h"
#include "schemas/err.h"

/* A text is not longer. */
#define PARAM_TEXT_BYTES 200
#define PARAMS_MAX 30

/* ERR_USAGE tells what is wrong. An empty value is none. `strict`, for programs: also when a
 * name is not in the table, and for page numbers and sizes, which the pages bound by themselves
 * as the original did (page=x is page 1). */
int param_check(struct slice query, bool strict, struct err *err);

/* The words that a parameter takes, separated by |; for tests and help. Rows until NULL. */
struct param {
	const char *name;
	enum param_kind {
		PARAM_TEXT,   /* up to PARAM_TEXT_BYTES, no control characters */
		PARAM_WORD,   /* one of words */
		PARAM_NUMBER, /* a whole number, least to most */
		PARAM_PAGE,   /* the same, or one of words; strict only */
	} kind;
	const char *words;
	int64_t least, most;
};
extern const struct param params[];

#endif
