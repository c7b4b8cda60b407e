/*
 * profile_text: a profile in words: chosen and sorted as Python's pstats does, printed in its
 * layout (CPython 3.11, Lib/pstats.py: sort_stats(), print_stats()) or as JSON.
 */
#ifndef SMILEY_MATERIALIZER_PROFILE_TEXT_H
#define SMILEY_MATERIALIZER_PROFILE_TEXT_H

#include "materializer/query_profile.h"

/* pstats' sort keys: calls, cumtime, cumulative, file, filename, line, module, name, ncalls,
 * nfl, pcalls, stdname, time, tottime. */
struct profile_sort {
	const char *key;
	const char *words; /* "cumulative time" */
};

/* The key of that name, the number-th key; NULL: there is none. */
const struct profile_sort *profile_sort_find(const char *key);
const struct profile_sort *profile_sort_at(size_t number);

/* Which functions, in which order. */
struct profile_list {
	const struct profile *profile;
	const struct profile_sort *sort;
	uint32_t *functions; /* places in profile->functions */
	size_t count;
	struct buf reductions; /* how it was made shorter, as pstats tells it */
};

/* All functions, sorted; those of equal rank in the order of their first calls. 0 or ERR_MEMORY.
 * The caller releases *list. */
int profile_list_init(struct profile_list *list, const struct profile *profile,
	const struct profile_sort *sort, struct err *err);
void profile_list_release(struct profile_list *list);

/* Keeps those whose standard name (profile_function_text()) has a match of a regular expression:
 * Perl's, which Python's are nearly. ERR_USAGE: it is none. */
int profile_list_match(struct profile_list *list, const char *pattern, struct err *err);

/* Keeps the first: so many ("12") or, as pstats does, a part of them ("0.1"). ERR_USAGE: neither. */
int profile_list_limit(struct profile_list *list, const char *limit, struct err *err);

/* Why there may have been more calls than it has; NULL: it has all. */
const char *profile_gap(const struct profile *profile);

/* The file that pstats has: "~" of a builtin. Borrows. */
struct slice profile_function_file(const struct profile_function *function);

/* The name that pstats has: "load" of Store.load, "<built-in method builtins.len>". Borrows. */
struct slice profile_function_name(const struct profile_function *function);

/* Appends "FILE:LINE(NAME)", "{built-in method len}". */
void profile_function_text(const struct profile_function *function, struct buf *out);

/* Appends the list as `print_stats()` prints it. */
void profile_list_text(const struct profile_list *list, struct buf *out);

/* Appends one JSON object: totals, how complete it is, and the functions with their callers. */
void profile_list_json(const struct profile_list *list, struct buf *out);

#endif
