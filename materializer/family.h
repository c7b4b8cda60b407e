/*
 * family: the runs of a group and all their descendants, and who is whose child.
 *
 * Any run may be added, in any order; family_settle() then keeps those that belong and finds
 * their parents among them. Memory is a hundred bytes for each run that was added.
 */
#ifndef SMILEY_MATERIALIZER_FAMILY_H
#define SMILEY_MATERIALIZER_FAMILY_H

#include "schemas/err.h"
#include "schemas/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAMILY_NONE SIZE_MAX

struct family_member {
	struct run_id run;
	struct run_id parent_run;
	bool has_parent;
	bool belongs; /* before family_settle(): by its own group */
	int64_t started_ns;
	int64_t parent_seq; /* as RunStarted has it; -1: not known */
	size_t parent;      /* its place in the list, or FAMILY_NONE */
	size_t depth;       /* ancestors in the list */
};

/* Zeroed memory is an empty one. */
struct family {
	struct family_member *list; /* after family_settle() sorted by run */
	size_t count, room;
};

/* Of the same run the first counts. 0 or ERR_MEMORY. */
int family_add(struct family *family, const struct run_started *started, struct slice group,
	struct err *err);

/* Drops whoever is not of the group and has no ancestor that is. A run that is among its own
 * ancestors, which only a made-up log can say, has no parent. 0 or ERR_MEMORY. */
int family_settle(struct family *family, struct err *err);

/* The place of a run, or FAMILY_NONE. After family_settle(). */
size_t family_find(const struct family *family, const struct run_id *run);

void family_release(struct family *family);

#endif
