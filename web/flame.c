#include "web/flame.h"

#include <stdlib.h>

#define NARROWEST 0.0005

/* Where a node is while boxes are laid out. */
struct place {
	bool inside; /* the root or below */
	uint32_t level;
	double x, end; /* its left, the right of its children so far */
};

static int64_t time_of(const struct profile *profile, uint32_t root)
{
	int64_t ns = 0;

	if (root != PROFILE_NONE)
		return profile->nodes[root].cumulative_ns;
	for (size_t i = 0; i < profile->node_count; i++)
		if (profile->nodes[i].parent == PROFILE_NONE)
			ns += profile->nodes[i].cumulative_ns;
	return ns;
}

static void add_box(struct flame *flame, uint32_t node, const struct place *place, double width)
{
	flame->boxes[flame->count++] = (struct flame_box){node, place->level, place->x, width};
	if (place->level >= flame->levels)
		flame->levels = place->level + 1;
}

/* Parents come before their children, so one walk does. */
static void lay_out(
	struct flame *flame, const struct profile *profile, uint32_t root, struct place *places)
{
	struct place whole = {.inside = true};

	if (root == PROFILE_NONE)
		add_box(flame, PROFILE_NONE, &whole, 1);
	for (size_t i = 0; i < profile->node_count; i++) {
		const struct profile_node *node = &profile->nodes[i];
		double width = flame->ns ? (double)node->cumulative_ns / (double)flame->ns : 0;
		struct place *parent =
			node->parent == PROFILE_NONE ? &whole : &places[node->parent];

		if (i == root) {
			places[i] = (struct place){.inside = true};
			width = 1;
		} else if (parent->inside &&
			   (node->parent != PROFILE_NONE || root == PROFILE_NONE)) {
			places[i] =
				(struct place){true, parent->level + 1, parent->end, parent->end};
			parent->end += width;
		} else {
			continue;
		}
		if (places[i].level < FLAME_LEVELS_MAX)
			add_box(flame, (uint32_t)i, &places[i], width);
		else
			flame->cut = true;
	}
}

static void leave_out_narrow(struct flame *flame)
{
	for (double narrowest = NARROWEST;; narrowest *= 1.5) {
		size_t kept = 0;

		for (size_t i = 0; i < flame->count; i++)
			if (flame->boxes[i].width >= narrowest)
				flame->boxes[kept++] = flame->boxes[i];
		flame->cut |= kept < flame->count;
		flame->count = kept;
		if (kept <= FLAME_BOXES_MAX)
			break;
	}
	flame->levels = 0;
	for (size_t i = 0; i < flame->count; i++)
		if (flame->boxes[i].level >= flame->levels)
			flame->levels = flame->boxes[i].level + 1;
}

int flame_init(struct flame *flame, const struct profile *profile, uint32_t root, struct err *err)
{
	struct place *places = calloc(profile->node_count + 1, sizeof(*places));

	*flame = (struct flame){.ns = time_of(profile, root)};
	flame->boxes = malloc((profile->node_count + 1) * sizeof(*flame->boxes));
	if (!places || !flame->boxes) {
		free(places);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	lay_out(flame, profile, root, places);
	leave_out_narrow(flame);
	free(places);
	return 0;
}

void flame_release(struct flame *flame)
{
	free(flame->boxes);
	*flame = (struct flame){0};
}

/* It calls something, and is another picture than its parent's. */
static bool is_zoom(const struct profile *profile, const struct profile_node *node)
{
	return node->cumulative_ns > node->self_ns &&
	       (node->parent == PROFILE_NONE ||
		       (double)node->cumulative_ns <
			       0.98 * (double)profile->nodes[node->parent].cumulative_ns);
}

size_t flame_zooms(const struct profile *profile, uint32_t zooms[FLAME_ZOOMS_MAX])
{
	size_t count = 0;

	/* The largest first, by insertion; then by place. */
	for (uint32_t i = 0; i < profile->node_count; i++) {
		size_t at = count < FLAME_ZOOMS_MAX ? count : FLAME_ZOOMS_MAX;

		if (!is_zoom(profile, &profile->nodes[i]))
			continue;
		while (at && profile->nodes[zooms[at - 1]].cumulative_ns <
				     profile->nodes[i].cumulative_ns) {
			if (at < FLAME_ZOOMS_MAX)
				zooms[at] = zooms[at - 1];
			at--;
		}
		if (at < FLAME_ZOOMS_MAX)
			zooms[at] = i;
		if (at < FLAME_ZOOMS_MAX && count < FLAME_ZOOMS_MAX)
			count++;
	}
	return count;
}
