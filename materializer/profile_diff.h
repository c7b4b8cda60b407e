/*
 * profile_diff: what changed between the profiles of two runs, function by function.
 *
 * Functions are the same when their names are and their files are, relative to where each run was
 * started; their first lines may differ, as they do after an edit. Of several of one name in a
 * file, those in the same order are the same.
 */
#ifndef SMILEY_MATERIALIZER_PROFILE_DIFF_H
#define SMILEY_MATERIALIZER_PROFILE_DIFF_H

#include "materializer/query_profile.h"

struct profile_change {
	const struct profile_function *before; /* NULL: added */
	const struct profile_function *after;  /* NULL: gone */
	struct slice file;                     /* as the runs have it, relative */
	int64_t calls, self_ns, cumulative_ns; /* after less before */
};

struct profile_diff {
	const struct profile *before, *after;
	struct profile_change *changes; /* those whose self time changed most first */
	size_t count;
	struct profile_times sum_before, sum_after;
};

/* The profiles stay borrowed; before_cwd and after_cwd are the directories of the runs. The
 * caller releases *diff. 0 or ERR_MEMORY. */
int profile_diff_init(struct profile_diff *diff, const struct profile *before,
	struct slice before_cwd, const struct profile *after, struct slice after_cwd,
	struct err *err);
void profile_diff_release(struct profile_diff *diff);

/* Appends a table: calls, seconds and seconds a call before and after, and what became of each
 * function: added, gone; slower or faster when a call takes more or less by a tenth, and all of
 * them by a thousandth of the longer run; or called more or less often. At most `limit` rows;
 * those that are none of these are left out. */
void profile_diff_text(const struct profile_diff *diff, int64_t limit, struct buf *out);

/* Appends one JSON object, with all functions. */
void profile_diff_json(const struct profile_diff *diff, struct buf *out);

#endif
