#include "web/profile_dot.h"

#include <inttypes.h>
#include <math.h>

#include "materializer/call_graph.h"
#include "materializer/profile_text.h"

#define MIN_PEN 0.5
#define MAX_PEN 4.0

/* One channel of a colour by hue: from the three levels, as CSS 3 has it. */
static double channel(double low, double high, double hue)
{
	hue = fmod(hue + 1, 1);
	if (hue * 6 < 1)
		return low + (high - low) * hue * 6;
	if (hue * 2 < 1)
		return high;
	if (hue * 3 < 2)
		return low + (high - low) * (2.0 / 3 - hue) * 6;
	return low;
}

/* From dark blue (0) to a full red (1). */
static void put_colour(struct buf *out, double weight)
{
	double hue = (1 - weight) * 2.0 / 3;
	double saturation = 0.8 + weight * 0.2, lightness = 0.25 + weight * 0.25;
	double high = lightness * (saturation + 1), low = lightness * 2 - high;
	static const double turns[] = {1.0 / 3, 0, -1.0 / 3};

	buf_text(out, "\"#");
	for (size_t i = 0; i < 3; i++)
		buf_printf(out, "%02x", (unsigned)(255 * channel(low, high, hue + turns[i]) + 0.5));
	buf_byte(out, '"');
}

/* Inside a label's quotes; a backslash would begin an escape of dot's. */
static void put_text(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c == '"' || c == '\\')
			buf_byte(out, '\\');
		buf_byte(out, c < 0x20 || c == 0x7f ? ' ' : c);
	}
}

static void put_node(struct buf *out, const struct call_graph *graph, size_t number)
{
	const struct graph_node *node = &graph->nodes[number];
	const struct profile_function *function = &graph->profile->functions[node->function];
	struct buf name = {0};

	call_graph_name(function, &name);
	buf_printf(out, "\t%zu [color=", number);
	put_colour(out, node->total);
	buf_text(out, ", fontcolor=\"#ffffff\", fontsize=\"10.00\", label=\"");
	put_text(out, buf_slice(&name));
	buf_printf(out, "\\n%.2f%%\\n(%.2f%%)\\n%" PRId64 "\xc3\x97\", tooltip=\"",
		node->total * 100, node->self * 100, node->calls);
	put_text(out, profile_function_file(function));
	buf_text(out, "\"];\n");
	buf_release(&name);
}

static void put_edge(struct buf *out, const struct graph_edge *edge)
{
	double pen = edge->total * MAX_PEN > MIN_PEN ? edge->total * MAX_PEN : MIN_PEN;

	buf_printf(out, "\t%u -> %u [arrowsize=\"%.2f\", color=", edge->caller, edge->callee,
		0.5 * sqrt(pen));
	put_colour(out, edge->total);
	buf_text(out, ", fontcolor=");
	put_colour(out, edge->total);
	buf_printf(out,
		", fontsize=\"10.00\", label=\"%.2f%%\\n%" PRId64
		"\xc3\x97\", labeldistance=\"%.2f\", penwidth=\"%.2f\"];\n",
		edge->total * 100, edge->calls, pen, pen);
}

int profile_dot(const struct profile *profile, struct buf *out, struct err *err)
{
	const struct graph_limits limits = {
		CALL_GRAPH_NODE_SHARE, CALL_GRAPH_EDGE_SHARE, SIZE_MAX, SIZE_MAX};
	struct call_graph graph;
	int rc = call_graph_init(&graph, profile, &limits, err);

	if (rc == 0) {
		buf_text(out, "digraph {\n"
			      "\tgraph [fontname=Arial, nodesep=0.125, ranksep=0.25];\n"
			      "\tnode [fontcolor=white, fontname=Arial, height=0, shape=box, "
			      "style=filled, width=0];\n"
			      "\tedge [fontname=Arial];\n");
		for (size_t i = 0; i < graph.node_count; i++)
			put_node(out, &graph, i);
		for (size_t i = 0; i < graph.edge_count; i++)
			put_edge(out, &graph.edges[i]);
		buf_text(out, "}\n");
		rc = out->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
	}
	call_graph_release(&graph);
	return rc;
}
