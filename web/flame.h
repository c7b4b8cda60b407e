/*
 * flame: a profile's calls by path as boxes: as wide as their share of the time, each above (or
 * below) the one that called it.
 */
#ifndef SMILEY_WEB_FLAME_H
#define SMILEY_WEB_FLAME_H

#include "materializer/query_profile.h"

#define FLAME_BOXES_MAX 350
#define FLAME_LEVELS_MAX 120
#define FLAME_ZOOMS_MAX 100
#define FLAME_THREADS_MAX 20 /* that a set of pages without a server has pages of */

struct flame_box {
	uint32_t node;   /* place in profile.nodes; PROFILE_NONE: everything */
	uint32_t level;  /* from 0 */
	double x, width; /* 0 to 1 */
};

struct flame {
	int64_t ns; /* of the whole width */
	struct flame_box *boxes;
	size_t count;
	uint32_t levels;
	bool cut; /* boxes are left out for being narrow or deep */
};

/* What is below a node; PROFILE_NONE: everything. Narrow boxes are left out, so that no more than
 * FLAME_BOXES_MAX remain. ERR_MEMORY. The caller releases it, after a failure too. */
int flame_init(struct flame *flame, const struct profile *profile, uint32_t root, struct err *err);
void flame_release(struct flame *flame);

/* The nodes, at most FLAME_ZOOMS_MAX, that a set of pages without a server has a page of: the
 * largest that are narrower than their parents and call something. Returns how many. */
size_t flame_zooms(const struct profile *profile, uint32_t zooms[FLAME_ZOOMS_MAX]);

#endif
