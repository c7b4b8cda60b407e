/*
 * stats_show: `stats show`: where the time of a run went, as pstats prints it.
 */
#ifndef SMILEY_OPS_STATS_SHOW_H
#define SMILEY_OPS_STATS_SHOW_H

#include "materializer/query_profile.h"
#include "ops/cmd.h"
#include "ops/opened.h"

/* What of the run is asked for. Borrows from the call. */
struct event_range stats_range(const struct call *call);

/* What neither pstats nor a file says, on stderr: nothing was called, the run goes on, events were
 * lost. */
void stats_tell_completeness(const struct call *call, const struct profile *profile);

int stats_show(const struct call *call, const struct opened *opened, const struct run_id *id,
	struct err *err);

#endif
