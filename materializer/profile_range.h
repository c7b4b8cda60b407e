/*
 * profile_range: the profile of a part of a run.
 */
#ifndef SMILEY_MATERIALIZER_PROFILE_RANGE_H
#define SMILEY_MATERIALIZER_PROFILE_RANGE_H

#include "materializer/query_profile.h"

/* As query_profile(), of the events from range->from_seq to range->to_seq, which are read: calls
 * that are open at either end are cut there, and those open at the beginning not counted. Of a
 * range without ends it is the folded profile. */
int query_profile_range(struct query *query, const struct run_id *id,
	const struct event_range *range, struct profile *profile, struct err *err);

#endif
