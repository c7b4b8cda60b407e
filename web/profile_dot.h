/*
 * profile_dot: a profile's call graph in Graphviz's language, with the look, the names, the
 * thresholds and the numbers that gprof2dot has of the same profile as pstats file.
 */
#ifndef SMILEY_WEB_PROFILE_DOT_H
#define SMILEY_WEB_PROFILE_DOT_H

#include "materializer/query_profile.h"

/* Appended. ERR_MEMORY. */
int profile_dot(const struct profile *profile, struct buf *out, struct err *err);

#endif
