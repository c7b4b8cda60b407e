#include "materializer/call_graph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/profile_text.h"

/* The time that all shares are of. 0 stands for "no time passed": every share is 1 then. */
static int64_t whole(const struct profile *profile)
{
	int64_t ns = profile->self_ns;

	for (size_t i = 0; i < profile->function_count; i++)
		if (profile->functions[i].times.cumulative_ns > ns)
			ns = profile->functions[i].times.cumulative_ns;
	return ns;
}

static double share(int64_t ns, int64_t of)
{
	double ratio = of ? (double)ns / (double)of : 1;

	if (ratio < 0)
		return 0;
	return ratio > 1 ? 1 : ratio;
}

static int larger_node(const void *left, const void *right)
{
	const struct graph_node *a = left, *b = right;

	if (a->total != b->total)
		return a->total < b->total ? 1 : -1;
	return (a->function > b->function) - (a->function < b->function);
}

static int larger_edge(const void *left, const void *right)
{
	const struct graph_edge *a = left, *b = right;

	if (a->total != b->total)
		return a->total < b->total ? 1 : -1;
	if (a->caller != b->caller)
		return a->caller < b->caller ? -1 : 1;
	return (a->callee > b->callee) - (a->callee < b->callee);
}

/* places: of each function among the nodes, UINT32_MAX: none. */
static void take_nodes(
	struct call_graph *graph, const struct graph_limits *limits, int64_t ns, uint32_t *places)
{
	const struct profile *profile = graph->profile;

	for (size_t i = 0; i < profile->function_count; i++) {
		const struct profile_times *times = &profile->functions[i].times;
		double total = share(times->cumulative_ns, ns);

		places[i] = UINT32_MAX;
		if (total >= limits->node_share)
			graph->nodes[graph->node_count++] = (struct graph_node){
				(uint32_t)i, total, share(times->self_ns, ns), times->calls};
	}
	qsort(graph->nodes, graph->node_count, sizeof(*graph->nodes), larger_node);
	if (graph->node_count > limits->max_nodes) {
		graph->node_count = limits->max_nodes;
		graph->cut = true;
	}
	for (size_t i = 0; i < graph->node_count; i++)
		places[graph->nodes[i].function] = (uint32_t)i;
}

static void take_edges(struct call_graph *graph, const struct graph_limits *limits, int64_t ns,
	const uint32_t *places)
{
	const struct profile *profile = graph->profile;

	for (size_t i = 0; i < profile->edge_count; i++) {
		const struct profile_edge *edge = &profile->edges[i];
		struct graph_edge made = {places[edge->caller], places[edge->callee],
			share(edge->times.cumulative_ns, ns), edge->times.primitive_calls};

		if (made.caller != UINT32_MAX && made.callee != UINT32_MAX &&
			made.total >= limits->edge_share)
			graph->edges[graph->edge_count++] = made;
	}
	qsort(graph->edges, graph->edge_count, sizeof(*graph->edges), larger_edge);
	if (graph->edge_count > limits->max_edges) {
		graph->edge_count = limits->max_edges;
		graph->cut = true;
	}
}

int call_graph_init(struct call_graph *graph, const struct profile *profile,
	const struct graph_limits *limits, struct err *err)
{
	uint32_t *places = malloc((profile->function_count + 1) * sizeof(*places));
	int64_t ns = whole(profile);

	*graph = (struct call_graph){.profile = profile};
	graph->nodes = malloc((profile->function_count + 1) * sizeof(*graph->nodes));
	graph->edges = malloc((profile->edge_count + 1) * sizeof(*graph->edges));
	if (!places || !graph->nodes || !graph->edges) {
		free(places);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	take_nodes(graph, limits, ns, places);
	take_edges(graph, limits, ns, places);
	free(places);
	return 0;
}

void call_graph_release(struct call_graph *graph)
{
	free(graph->nodes);
	free(graph->edges);
	*graph = (struct call_graph){0};
}

void call_graph_name(const struct profile_function *function, struct buf *out)
{
	struct slice module = profile_function_file(function);
	struct slice name = profile_function_name(function);

	for (size_t i = module.len; i > 0; i--) {
		if (module.data[i - 1] != '/')
			continue;
		module = (struct slice){module.data + i, module.len - i};
		break;
	}
	/* A leading dot is no extension. */
	for (size_t i = module.len; i > 1; i--) {
		if (module.data[i - 1] != '.')
			continue;
		module.len = i - 1;
		break;
	}
	buf_append(out, module.data, module.len);
	buf_printf(out, ":%" PRId64 ":", function->line);
	buf_append(out, name.data, name.len);
}
