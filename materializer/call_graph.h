/*
 * call_graph: the part of a profile that a picture of it shows: functions and calls whose share of
 * the time reaches a threshold. Shares and thresholds are those that gprof2dot has of the same
 * profile as pstats file.
 */
#ifndef SMILEY_MATERIALIZER_CALL_GRAPH_H
#define SMILEY_MATERIALIZER_CALL_GRAPH_H

#include "materializer/query_profile.h"

#define CALL_GRAPH_NODE_SHARE 0.005
#define CALL_GRAPH_EDGE_SHARE 0.001

struct graph_node {
	uint32_t function; /* place in the profile */
	double total;      /* share of the time in it and its calls, 0 to 1 */
	double self;       /* in itself */
	int64_t calls;
};

struct graph_edge {
	uint32_t caller, callee; /* places in nodes */
	double total;
	int64_t calls; /* primitive ones */
};

struct call_graph {
	const struct profile *profile; /* borrowed */
	struct graph_node *nodes;      /* the largest total first */
	size_t node_count;
	struct graph_edge *edges; /* the largest total first */
	size_t edge_count;
	bool cut; /* there were more above the thresholds than `max` allowed */
};

struct graph_limits {
	double node_share, edge_share; /* what is below is left out */
	size_t max_nodes, max_edges;   /* the largest stay */
};

/* ERR_MEMORY. The caller releases it, after a failure too. */
int call_graph_init(struct call_graph *graph, const struct profile *profile,
	const struct graph_limits *limits, struct err *err);
void call_graph_release(struct call_graph *graph);

/* As gprof2dot names a function: "module:12:name". Appended. */
void call_graph_name(const struct profile_function *function, struct buf *out);

#endif
