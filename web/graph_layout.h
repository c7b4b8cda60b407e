/*
 * graph_layout: where a call graph's functions and calls go in a picture, found by Graphviz's
 * `dot`. Units are pixels from the top left.
 *
 * The layout plugin is linked in and labels have no fonts to be measured by: nothing is read
 * from disk, so it works in a sandbox. Time grows fast with the graph: bound it before.
 */
#ifndef SMILEY_WEB_GRAPH_LAYOUT_H
#define SMILEY_WEB_GRAPH_LAYOUT_H

#include "materializer/call_graph.h"

/* Of a label's font, monospace. */
#define LAYOUT_CHAR_WIDTH 6.6
#define LAYOUT_LINE_HEIGHT 14.0
#define LAYOUT_NODE_LINES 4

struct layout_point {
	double x, y;
};

struct layout_node {
	struct layout_point at; /* its middle */
	double width, height;
};

struct layout_edge {
	const struct layout_point *points; /* of a Bézier curve: 3n + 1 */
	size_t count;                      /* 0: it could not be drawn */
	struct layout_point tip;           /* where its arrow points */
	struct layout_point label;         /* its middle */
};

struct graph_layout {
	double width, height;
	struct layout_node *nodes; /* as the graph's */
	struct layout_edge *edges;
	struct layout_point *points;
};

/* `chars` tells how wide each node's text is, `label_chars` how wide each edge's. 0, ERR_MEMORY,
 * or ERR_STATE when Graphviz gave up. The caller releases it, after a failure too. */
int graph_layout_init(struct graph_layout *layout, const struct call_graph *graph,
	const size_t *chars, size_t label_chars, struct err *err);
void graph_layout_release(struct graph_layout *layout);

#endif
