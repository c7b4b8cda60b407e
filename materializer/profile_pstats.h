/*
 * profile_pstats: a profile as the file that Python's `pstats.Stats(FILE)` loads.
 *
 * That is one marshal object (CPython 3.11, Python/marshal.c: w_object()), a dict as
 * Lib/cProfile.py makes it in Profile.snapshot_stats():
 *
 *     (file, line, name): (primitive calls, calls, self seconds, cumulative seconds,
 *         {caller's (file, line, name): (calls, primitive calls, self, cumulative)})
 *
 * with the two counts once in this order, once in that. A builtin's file is "~", its line 0.
 */
#ifndef SMILEY_MATERIALIZER_PROFILE_PSTATS_H
#define SMILEY_MATERIALIZER_PROFILE_PSTATS_H

#include "materializer/query_profile.h"

/* Appends the file's bytes. Functions that pstats cannot tell apart (two lambdas in one line) are
 * one in it. 0 or ERR_MEMORY. */
int profile_pstats(const struct profile *profile, struct buf *out, struct err *err);

#endif
