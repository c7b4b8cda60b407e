#include "web/graph_layout.h"

#include <stdio.h>
#include <stdlib.h>

#include <graphviz/gvc.h>
#include <graphviz/gvplugin.h>

#define PADDING 14.0
#define MARGIN 4.0 /* around the whole */
/* Room for labels costs most of all: ten times the rest in a graph that is deep and dense. With
 * more edges than this they are put on the curves instead. */
#define LABELS_MAX 120

extern gvplugin_library_t gvplugin_dot_layout_LTX_library;

/* What Graphviz has to say goes nowhere: a graph that it cannot lay out is an error of ours. */
static int say_nothing(char *words)
{
	(void)words;
	return 0;
}

static GVC_t *context_new(void)
{
	lt_symlist_t plugins[] = {
		{"gvplugin_dot_layout_LTX_library", &gvplugin_dot_layout_LTX_library},
		{NULL, NULL}};

	agseterrf(say_nothing);
	return gvContextPlugins(plugins, 0);
}

/* Graphviz takes char * for what it only reads. */
static char *word(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* Attributes that all have. The limits keep a large graph from taking seconds. */
static Agraph_t *graph_new(void)
{
	Agraph_t *graph = agopen(word("calls"), Agdirected, NULL);

	if (!graph)
		return NULL;
	agattr(graph, AGRAPH, word("nodesep"), word("0.125"));
	agattr(graph, AGRAPH, word("ranksep"), word("0.25"));
	agattr(graph, AGRAPH, word("nslimit"), word("1"));
	agattr(graph, AGRAPH, word("nslimit1"), word("1"));
	agattr(graph, AGRAPH, word("mclimit"), word("0.3"));
	agattr(graph, AGNODE, word("shape"), word("box"));
	agattr(graph, AGNODE, word("fixedsize"), word("true"));
	agattr(graph, AGNODE, word("label"), word(""));
	agattr(graph, AGNODE, word("width"), word("1"));
	agattr(graph, AGNODE, word("height"), word("1"));
	agattr(graph, AGEDGE, word("fontname"), word("Courier"));
	agattr(graph, AGEDGE, word("fontsize"), word("11"));
	agattr(graph, AGEDGE, word("label"), word(""));
	agattr(graph, AGEDGE, word("dir"), word("forward"));
	return graph;
}

/* Walks from a node to all that it calls; an edge back to where the walk comes from turns. Depth is
 * bounded by the graph's. */
static void turn_from(const struct call_graph *graph, uint32_t node, uint8_t *seen, bool *turned)
{
	enum {
		UNSEEN,
		OPEN,
		DONE
	};

	seen[node] = OPEN;
	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct graph_edge *edge = &graph->edges[i];

		if (edge->caller != node || edge->callee == node)
			continue;
		if (seen[edge->callee] == OPEN)
			turned[i] = true;
		else if (seen[edge->callee] == UNSEEN)
			turn_from(graph, edge->callee, seen, turned);
	}
	seen[node] = DONE;
}

/* The edges to be drawn the other way round, so that no cycle is left: Graphviz would turn them
 * itself, and lose memory with each. NULL: out of memory. */
static bool *turn_cycles(const struct call_graph *graph)
{
	uint8_t *seen = calloc(graph->node_count + 1, sizeof(*seen));
	bool *turned = calloc(graph->edge_count + 1, sizeof(*turned));

	for (uint32_t i = 0; seen && turned && i < graph->node_count; i++)
		if (!seen[i])
			turn_from(graph, i, seen, turned);
	if (!seen) {
		free(turned);
		turned = NULL;
	}
	free(seen);
	return turned;
}

static void set_inches(void *object, const char *name, double pixels)
{
	char text[32];

	snprintf(text, sizeof(text), "%.4f", pixels / POINTS_PER_INCH);
	agset(object, word(name), text);
}

static int add_nodes(
	Agraph_t *graph, const struct call_graph *from, const size_t *chars, Agnode_t **nodes)
{
	char name[32];

	for (size_t i = 0; i < from->node_count; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		nodes[i] = agnode(graph, name, 1);
		if (!nodes[i])
			return ERR_MEMORY;
		set_inches(nodes[i], "width", (double)chars[i] * LAYOUT_CHAR_WIDTH + PADDING);
		set_inches(
			nodes[i], "height", LAYOUT_NODE_LINES * LAYOUT_LINE_HEIGHT + PADDING / 2);
	}
	return 0;
}

/* A label of two lines, as wide as the widest can be. */
static int add_edges(Agraph_t *graph, const struct call_graph *from, const bool *turned,
	size_t label_chars, Agnode_t **nodes, Agedge_t **edges)
{
	char label[64];
	int width = label_chars < 30 ? (int)label_chars : 30;

	snprintf(label, sizeof(label), "%0*d\\n%0*d", width, 0, width, 0);
	for (size_t i = 0; i < from->edge_count; i++) {
		const struct graph_edge *edge = &from->edges[i];

		edges[i] = agedge(graph, nodes[turned[i] ? edge->callee : edge->caller],
			nodes[turned[i] ? edge->caller : edge->callee], NULL, 1);
		if (!edges[i])
			return ERR_MEMORY;
		if (turned[i])
			agset(edges[i], word("dir"), word("back"));
		if (from->edge_count <= LABELS_MAX)
			agset(edges[i], word("label"), label);
	}
	return 0;
}

static struct layout_point point_of(const struct graph_layout *layout, pointf at)
{
	return (struct layout_point){at.x + MARGIN, layout->height - at.y - MARGIN};
}

static size_t count_points(const struct call_graph *from, Agedge_t **edges)
{
	size_t count = 0;

	for (size_t i = 0; i < from->edge_count; i++)
		if (ED_spl(edges[i]) && ED_spl(edges[i])->size > 0)
			count += (size_t)ED_spl(edges[i])->list[0].size;
	return count;
}

static void take_edge(struct graph_layout *layout, struct layout_edge *made, Agedge_t *edge,
	bool turned, struct layout_point *points)
{
	const bezier *curve;

	*made = (struct layout_edge){.points = points};
	if (!ED_spl(edge) || ED_spl(edge)->size < 1)
		return;
	curve = &ED_spl(edge)->list[0];
	made->count = (size_t)curve->size;
	for (size_t i = 0; i < made->count; i++)
		points[i] = point_of(layout, curve->list[turned ? made->count - 1 - i : i]);
	made->tip = points[made->count - 1];
	if (turned ? curve->sflag : curve->eflag)
		made->tip = point_of(layout, turned ? curve->sp : curve->ep);
	made->label =
		ED_label(edge) ? point_of(layout, ED_label(edge)->pos) : points[made->count / 2];
}

static int take(struct graph_layout *layout, const struct call_graph *from, const bool *turned,
	Agraph_t *graph, Agnode_t **nodes, Agedge_t **edges)
{
	struct layout_point *points;

	layout->width = GD_bb(graph).UR.x + 2 * MARGIN;
	layout->height = GD_bb(graph).UR.y + 2 * MARGIN;
	layout->nodes = calloc(from->node_count + 1, sizeof(*layout->nodes));
	layout->edges = calloc(from->edge_count + 1, sizeof(*layout->edges));
	layout->points = points = calloc(count_points(from, edges) + 1, sizeof(*points));
	if (!layout->nodes || !layout->edges || !points)
		return ERR_MEMORY;
	for (size_t i = 0; i < from->node_count; i++)
		layout->nodes[i] = (struct layout_node){point_of(layout, ND_coord(nodes[i])),
			ND_width(nodes[i]) * POINTS_PER_INCH,
			ND_height(nodes[i]) * POINTS_PER_INCH};
	for (size_t i = 0; i < from->edge_count; i++) {
		take_edge(layout, &layout->edges[i], edges[i], turned[i], points);
		points += layout->edges[i].count;
	}
	return 0;
}

int graph_layout_init(struct graph_layout *layout, const struct call_graph *from,
	const size_t *chars, size_t label_chars, struct err *err)
{
	GVC_t *context = context_new();
	Agraph_t *graph = context ? graph_new() : NULL;
	Agnode_t **nodes = calloc(from->node_count + 1, sizeof(*nodes));
	Agedge_t **edges = calloc(from->edge_count + 1, sizeof(*edges));
	bool *turned = turn_cycles(from);
	int rc = graph && nodes && edges && turned ? 0 : ERR_MEMORY;

	*layout = (struct graph_layout){0};
	if (rc == 0)
		rc = add_nodes(graph, from, chars, nodes);
	if (rc == 0)
		rc = add_edges(graph, from, turned, label_chars, nodes, edges);
	if (rc == 0) {
		rc = gvLayout(context, graph, "dot") == 0
			     ? take(layout, from, turned, graph, nodes, edges)
			     : ERR_STATE;
		gvFreeLayout(context, graph);
	}
	if (graph)
		agclose(graph);
	if (context)
		gvFreeContext(context);
	free(nodes);
	free(edges);
	free(turned);
	if (rc == ERR_MEMORY)
		return err_set(err, rc, "out of memory");
	return rc ? err_set(err, rc, "the call graph could not be laid out") : 0;
}

void graph_layout_release(struct graph_layout *layout)
{
	free(layout->nodes);
	free(layout->edges);
	free(layout->points);
	*layout = (struct graph_layout){0};
}
