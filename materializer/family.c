#include "materializer/family.h"

#include <stdlib.h>
#include <string.h>

int family_add(struct family *family, const struct run_started *started, struct slice group,
	struct err *err)
{
	if (family->count == family->room) {
		size_t room = family->room ? 2 * family->room : 64;
		struct family_member *list = realloc(family->list, room * sizeof(*list));

		if (!list)
			return err_set(err, ERR_MEMORY, "out of memory");
		family->list = list;
		family->room = room;
	}
	family->list[family->count] = (struct family_member){
		.run = started->run,
		.parent_run = started->parent,
		.has_parent = started->has_parent,
		.belongs = group.len && slice_equal(started->group, group),
		.started_ns = started->started_ns,
		.parent_seq = started->parent_seq,
		.parent = FAMILY_NONE,
		.depth = family->count, /* for now: in which order they came */
	};
	family->count++;
	return 0;
}

static int by_run(const void *a, const void *b)
{
	const struct family_member *left = a, *right = b;
	int order = memcmp(left->run.bytes, right->run.bytes, sizeof(left->run.bytes));

	if (order)
		return order;
	return left->depth < right->depth ? -1 : left->depth > right->depth;
}

/* Sorts, and keeps the first of each run. */
static void sort(struct family *family)
{
	size_t kept = 0;

	if (family->count)
		qsort(family->list, family->count, sizeof(*family->list), by_run);
	for (size_t i = 0; i < family->count; i++) {
		if (kept == 0 || !run_id_equal(&family->list[kept - 1].run, &family->list[i].run))
			family->list[kept++] = family->list[i];
	}
	family->count = kept;
	for (size_t i = 0; i < kept; i++)
		family->list[i].depth = FAMILY_NONE; /* not known */
}

size_t family_find(const struct family *family, const struct run_id *run)
{
	size_t low = 0, high = family->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(family->list[middle].run.bytes, run->bytes, sizeof(run->bytes));

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return FAMILY_NONE;
}

static void find_parents(struct family *family)
{
	for (size_t i = 0; i < family->count; i++) {
		struct family_member *member = &family->list[i];

		member->parent =
			member->has_parent ? family_find(family, &member->parent_run) : FAMILY_NONE;
	}
}

/* Climbs from each run to the first ancestor that is done with, then does those between from
 * the top down. `path` has room for all. */
static void inherit(struct family *family, size_t *path, bool *climbed)
{
	struct family_member *list = family->list;

	for (size_t i = 0; i < family->count; i++) {
		size_t len = 0;

		for (size_t at = i; at != FAMILY_NONE && list[at].depth == FAMILY_NONE;
			at = list[at].parent) {
			if (climbed[at]) {
				list[path[len - 1]].parent = FAMILY_NONE;
				break;
			}
			climbed[at] = true;
			path[len++] = at;
		}
		while (len > 0) {
			struct family_member *member = &list[path[--len]];
			const struct family_member *parent =
				member->parent == FAMILY_NONE ? NULL : &list[member->parent];

			member->depth = parent ? parent->depth + 1 : 0;
			member->belongs |= parent && parent->belongs;
		}
	}
}

/* Who is left, in the same order; places are found anew. */
static void drop_others(struct family *family)
{
	size_t kept = 0;

	for (size_t i = 0; i < family->count; i++) {
		struct family_member *member = &family->list[i];

		/* A broken circle stays broken; a parent that does not belong is none. */
		member->has_parent =
			member->parent != FAMILY_NONE && family->list[member->parent].belongs;
	}
	for (size_t i = 0; i < family->count; i++) {
		if (family->list[i].belongs)
			family->list[kept++] = family->list[i];
	}
	family->count = kept;
	find_parents(family);
}

int family_settle(struct family *family, struct err *err)
{
	size_t *path;
	bool *climbed;
	int rc = 0;

	sort(family);
	find_parents(family);
	path = calloc(family->count + 1, sizeof(*path));
	climbed = calloc(family->count + 1, sizeof(*climbed));
	if (path && climbed) {
		inherit(family, path, climbed);
		drop_others(family);
	} else {
		rc = err_set(err, ERR_MEMORY, "out of memory");
	}
	free(path);
	free(climbed);
	return rc;
}

void family_release(struct family *family)
{
	free(family->list);
	*family = (struct family){0};
}
