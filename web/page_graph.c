#include <inttypes.h>

#include "web/layout.h"
#include "web/page_part.h"
#include "web/page_profile.h"

#define NAME_CHARS 40
#define TABLE_ROWS 100
#define FIT_WIDTH 1100 /* pixels; what is smaller needs no other size */

/* How many characters of UTF-8. */
static size_t chars_of(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += (text.data[i] & 0xc0) != 0x80;
	return count;
}

size_t page_graph_chars(const struct call_graph *graph, size_t node)
{
	struct buf name = {0};
	size_t chars;

	call_graph_name(&graph->profile->functions[graph->nodes[node].function], &name);
	chars = chars_of(buf_slice(&name));
	buf_release(&name);
	if (chars > NAME_CHARS)
		chars = NAME_CHARS;
	return chars < 10 ? 10 : chars;
}

/* The last characters tell most: the function. */
static void put_name(struct html *html, struct slice name)
{
	size_t chars = chars_of(name);

	if (chars > NAME_CHARS) {
		html_put(html, MARKUP("\xe2\x80\xa6"));
		for (chars -= NAME_CHARS - 1; chars && name.len; name.data++, name.len--)
			chars -= name.len < 2 || (name.data[1] & 0xc0) != 0x80;
	}
	html_text(html, name);
}

static void put_text_at(struct html *html, double x, double y)
{
	buf_printf(html->out, "<text x=\"%.1f\" y=\"%.1f\">", x, y);
}

/* From 0 (little) to 9 (all of the time): a class, whose colours the stylesheet has. */
static int heat(double share)
{
	int level = (int)(share * 10);

	return level > 9 ? 9 : level;
}

static void put_edge(struct html *html, const struct page_graph *page, size_t number)
{
	const struct graph_edge *edge = &page->graph->edges[number];
	const struct layout_edge *at = &page->layout->edges[number];
	double pen = edge->total * 4 > 0.7 ? edge->total * 4 : 0.7;

	if (at->count < 4)
		return;
	buf_printf(html->out, "<g class=\"call heat-%d\"><path d=\"M%.1f %.1fC", heat(edge->total),
		at->points[0].x, at->points[0].y);
	for (size_t i = 1; i < at->count; i++)
		buf_printf(html->out, "%s%.1f %.1f", i > 1 ? " " : "", at->points[i].x,
			at->points[i].y);
	buf_printf(html->out,
		"L%.1f %.1f\" fill=\"none\" stroke-width=\"%.1f\" marker-end=\"url(#tip-%d)\"/>",
		at->tip.x, at->tip.y, pen, heat(edge->total));
	put_text_at(html, at->label.x, at->label.y - 2);
	buf_printf(html->out, "%.2f%%</text>", edge->total * 100);
	put_text_at(html, at->label.x, at->label.y + LAYOUT_LINE_HEIGHT - 3);
	buf_printf(html->out, "%" PRId64 "\xc3\x97</text></g>\n", edge->calls);
}

static void put_box(struct html *html, const struct layout_node *at, const struct graph_node *node,
	struct slice name)
{
	double y = at->at.y - LAYOUT_LINE_HEIGHT * LAYOUT_NODE_LINES / 2 + 11;

	buf_printf(html->out,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"3\"/>",
		at->at.x - at->width / 2, at->at.y - at->height / 2, at->width, at->height);
	put_text_at(html, at->at.x, y);
	put_name(html, name);
	html_put(html, MARKUP("</text>"));
	put_text_at(html, at->at.x, y + LAYOUT_LINE_HEIGHT);
	buf_printf(html->out, "%.2f%%</text>", node->total * 100);
	put_text_at(html, at->at.x, y + 2 * LAYOUT_LINE_HEIGHT);
	buf_printf(html->out, "(%.2f%%)</text>", node->self * 100);
}

/* The box leads to the source, the number of calls in it to the table. */
static void put_node(
	struct html *html, const struct site *site, const struct page_graph *page, size_t number)
{
	const struct page_profile *part = &page->part;
	const struct graph_node *node = &page->graph->nodes[number];
	const struct profile_function *function = &part->profile->functions[node->function];
	const struct layout_node *at = &page->layout->nodes[number];
	const struct page_source *source =
		part_source(part->sources, part->source_count, function->file);
	bool linked = !function->builtin && source && source->there;
	struct buf name = {0}, text = {0};

	call_graph_name(function, &name);
	profile_function_text(function, &text);
	buf_printf(html->out, "<g class=\"function heat-%d\">", heat(node->total));
	if (linked) {
		html_put(html, MARKUP("<a href=\""));
		link_line(html, site, &part->run->id, source->signature, function->line);
		html_put(html, MARKUP("\">"));
	}
	html_put(html, MARKUP("<title>"));
	html_text_cut(html, buf_slice(&text), 400);
	html_put(html, MARKUP("</title>"));
	put_box(html, at, node, buf_slice(&name));
	if (linked)
		html_put(html, MARKUP("</a>"));
	html_put(html, MARKUP("<a href=\""));
	link_stats_function(html, site, &part->run->id, node->function, buf_slice(&text));
	part_link_thread(html, part);
	html_put(html, MARKUP("\"><title>In the table of stats</title>"));
	put_text_at(html, at->at.x,
		at->at.y - LAYOUT_LINE_HEIGHT * LAYOUT_NODE_LINES / 2 + 11 +
			3 * LAYOUT_LINE_HEIGHT);
	buf_printf(html->out, "%" PRId64 "\xc3\x97</text></a></g>\n", node->calls);
	buf_release(&name);
	buf_release(&text);
}

static void put_picture(struct html *html, const struct site *site, const struct page_graph *page)
{
	const struct graph_layout *layout = page->layout;

	html_put(html, MARKUP("<div class=\"wide picture\" tabindex=\"0\" role=\"group\" "
			      "aria-label=\"Call graph\">\n"
			      "<svg role=\"group\" aria-label=\"Functions and their calls\" "));
	html_put(html, page->full ? MARKUP("class=\"graph\" ") : MARKUP("class=\"graph fit\" "));
	buf_printf(html->out, "width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.1f %.1f\">\n<defs>",
		layout->width, layout->height, layout->width, layout->height);
	for (int i = 0; i < 10; i++)
		buf_printf(html->out,
			"<marker id=\"tip-%d\" class=\"heat-%d\" viewBox=\"0 0 8 8\" refX=\"7\" "
			"refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" "
			"markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
			"<path d=\"M0 0L8 4L0 8z\"/></marker>",
			i, i);
	html_put(html, MARKUP("</defs>\n"));
	for (size_t i = 0; i < page->graph->edge_count; i++)
		put_edge(html, page, i);
	for (size_t i = 0; i < page->graph->node_count; i++)
		put_node(html, site, page, i);
	html_put(html, MARKUP("</svg></div>\n"));
}

static void put_limit(struct html *html, struct markup name, struct markup label, double share)
{
	html_put(html, MARKUP("<label>"));
	html_put(html, label);
	html_put(
		html, MARKUP(" <input class=\"form-control\" type=\"number\" min=\"0\" max=\"100\" "
			     "step=\"any\" name=\""));
	html_put(html, name);
	buf_printf(html->out, "\" value=\"%g\"></label>\n", share * 100);
}

/* A large graph fits the window, and is small; or is as large as it is. */
static void put_size(struct html *html, const struct site *site, const struct page_graph *page)
{
	if (site->report || !page->layout || (page->layout->width < FIT_WIDTH && !page->full))
		return;
	html_put(html, MARKUP("<p><a href=\""));
	link_graph(html, site, &page->part.run->id);
	buf_printf(html->out, "?node_percent=%g&amp;edge_percent=%g", page->limits.node_share * 100,
		page->limits.edge_share * 100);
	part_link_thread(html, &page->part);
	html_put(html, page->full ? MARKUP("&amp;size=fit\">Fit into the window</a></p>\n")
				  : MARKUP("&amp;size=full\">Full size</a></p>\n"));
}

static void put_limits(struct html *html, const struct site *site, const struct page_graph *page)
{
	html_put(html, MARKUP("<form class=\"filter\" method=\"get\" action=\""));
	link_graph(html, site, &page->part.run->id);
	html_put(html, MARKUP("\">\n"));
	put_limit(html, MARKUP("node_percent"), MARKUP("Functions from % of the time"),
		page->limits.node_share);
	put_limit(html, MARKUP("edge_percent"), MARKUP("Calls from %"), page->limits.edge_share);
	part_profile_thread(html, &page->part);
	html_put(html, MARKUP("<button class=\"btn btn-outline-secondary\" type=\"submit\">Show"
			      "</button>\n</form>\n"));
}

/* The same for who does not see the picture. */
static void put_table(struct html *html, const struct site *site, const struct page_graph *page)
{
	const struct call_graph *graph = page->graph;

	html_put(html,
		MARKUP("<h2>Calls</h2>\n<div class=\"wide\"><table class=\"table\">\n"
		       "<caption class=\"visually-hidden\">The calls of the graph</caption>\n"
		       "<thead><tr><th scope=\"col\">Caller</th><th scope=\"col\">Callee</th>"
		       "<th scope=\"col\" class=\"number\">Calls</th>"
		       "<th scope=\"col\" class=\"number\">Time</th></tr></thead>\n<tbody>\n"));
	for (size_t i = 0; i < graph->edge_count && i < TABLE_ROWS; i++) {
		const struct graph_edge *edge = &graph->edges[i];

		html_put(html, MARKUP("<tr><td class=\"words\">"));
		part_function(html, site, &page->part,
			&graph->profile->functions[graph->nodes[edge->caller].function]);
		html_put(html, MARKUP("</td><td class=\"words\">"));
		part_function(html, site, &page->part,
			&graph->profile->functions[graph->nodes[edge->callee].function]);
		html_put(html, MARKUP("</td><td class=\"number\">"));
		html_count(html, edge->calls);
		html_put(html, MARKUP("</td><td class=\"number\">"));
		part_share(html, edge->total);
		html_put(html, MARKUP("</td></tr>\n"));
	}
	if (!graph->edge_count)
		html_put(html,
			MARKUP("<tr><td colspan=\"4\">No function called another.</td></tr>\n"));
	html_put(html, MARKUP("</tbody></table></div>\n"));
}

void page_graph(struct html *html, const struct site *site, const struct page_graph *page)
{
	struct layout layout = {.title = "Call Graph", .run = page->part.run, .tab = TAB_GRAPH};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Call Graph</h1>\n"));
	if (part_profile(html, &page->part)) {
		if (!site->report)
			put_limits(html, site, page);
		html_put(html,
			MARKUP("<p>A function: its share of the time with its calls, (without "
			       "them), number of calls. A box leads to the source, its number of "
			       "calls to the table of stats.</p>\n"));
		if (page->graph->cut)
			html_put(html, MARKUP("<p>Only the largest are shown.</p>\n"));
		put_size(html, site, page);
		if (page->layout)
			put_picture(html, site, page);
		else
			html_put(html, MARKUP("<p>This graph has no picture.</p>\n"));
		put_table(html, site, page);
	}
	layout_end(html, site);
}
