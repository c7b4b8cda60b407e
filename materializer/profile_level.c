#include "materializer/profiler_internal.h"

/* What nothing is faster than: a call, a line. */
#define LEAST_NS 5

static inline int64_t at_least(int64_t ns, int64_t count)
{
	return ns > count * LEAST_NS ? ns : count * LEAST_NS;
}

/* Sums of times as they were, and with none below what is possible. */
struct level {
	int64_t sum, raised;
};

static inline void level_add(struct level *level, int64_t ns, int64_t count)
{
	level->sum += ns;
	level->raised += at_least(ns, count);
}

/* A time, so that all of them have the sum that they had before some were raised. */
static inline int64_t levelled(const struct level *level, int64_t ns, int64_t count)
{
	ns = at_least(ns, count);
	if (level->raised <= level->sum || level->sum <= 0)
		return ns;
	return (int64_t)((double)ns * (double)level->sum / (double)level->raised);
}

static void level_times(const struct level *level, struct profile_times *times)
{
	int64_t self_ns = levelled(level, times->self_ns, times->calls);

	times->cumulative_ns += self_ns - times->self_ns;
	times->self_ns = self_ns;
	if (times->cumulative_ns < self_ns && times->primitive_calls == times->calls)
		times->cumulative_ns = self_ns;
	else if (times->cumulative_ns < 0)
		times->cumulative_ns = 0;
}

static void level_nodes(struct profile *profile)
{
	struct level level = {0};

	for (size_t i = 0; i < profile->node_count; i++)
		level_add(&level, profile->nodes[i].self_ns, profile->nodes[i].calls);
	for (size_t i = 0; i < profile->node_count; i++) {
		struct profile_node *node = &profile->nodes[i];

		node->self_ns = levelled(&level, node->self_ns, node->calls);
		node->cumulative_ns = 0;
	}
	for (size_t i = profile->node_count; i > 0; i--) {
		struct profile_node *node = &profile->nodes[i - 1];

		node->cumulative_ns += node->self_ns;
		if (node->parent != PROFILE_NONE)
			profile->nodes[node->parent].cumulative_ns += node->cumulative_ns;
	}
}

static void level_lines(struct profile *profile)
{
	struct level level = {0};

	for (size_t i = 0; i < profile->line_count; i++)
		level_add(&level, profile->lines[i].self_ns, profile->lines[i].hits);
	for (size_t i = 0; i < profile->line_count; i++)
		profile->lines[i].self_ns =
			levelled(&level, profile->lines[i].self_ns, profile->lines[i].hits);
}

void profile_level(struct profile *profile)
{
	struct level level = {0};

	for (size_t i = 0; i < profile->function_count; i++)
		level_add(&level, profile->functions[i].times.self_ns,
			profile->functions[i].times.calls);
	profile->self_ns = 0;
	for (size_t i = 0; i < profile->function_count; i++) {
		level_times(&level, &profile->functions[i].times);
		profile->self_ns += profile->functions[i].times.self_ns;
	}
	for (size_t i = 0; i < profile->edge_count; i++)
		level_times(&level, &profile->edges[i].times);
	level_nodes(profile);
	level_lines(profile);
}
