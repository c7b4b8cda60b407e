#include <stdlib.h>

#include "web/layout.h"
#include "web/page_part.h"
#include "web/page_profile.h"

#define WIDTH 1200.0
#define BOX_HEIGHT 18.0
#define CHAR_WIDTH 6.6
#define CHARS_MIN 3
#define PATH_MAX_NODES 12
#define TABLE_ROWS 80
#define THREADS_MAX 50
#define COLOURS 6

static bool has_page(const struct site *site, const struct page_flame *page, uint32_t node)
{
	if (!site->report || node == PROFILE_NONE)
		return true;
	if (page->part.profile->thread >= 0)
		return false;
	for (size_t i = 0; i < page->zoom_count; i++)
		if (page->zooms[i] == node)
			return true;
	return false;
}

static void put_link(
	struct html *html, const struct site *site, const struct page_flame *page, uint32_t node)
{
	struct flame_place place = {page->icicle, page->part.profile->thread,
		node == PROFILE_NONE ? -1 : (int64_t)node};

	html_put(html, MARKUP("<a href=\""));
	link_flame(html, site, &page->part.run->id, &place);
	html_put(html, MARKUP("\">"));
}

/* The function of a node; NULL: it has none. */
static const struct profile_function *function_of(const struct page_flame *page, uint32_t node)
{
	const struct profile *profile = page->part.profile;
	uint32_t function = node == PROFILE_NONE ? PROFILE_NONE : profile->nodes[node].function;

	return function == PROFILE_NONE ? NULL : &profile->functions[function];
}

static struct slice name_of(const struct page_flame *page, uint32_t node)
{
	const struct profile_function *function = function_of(page, node);

	if (function)
		return function->name;
	return slice_text(node == PROFILE_NONE ? "all" : "(other paths)");
}

/* As many characters as fit; from the front, for names differ there. */
static void put_label(struct html *html, struct slice name, double width)
{
	size_t room = width > 6 ? (size_t)((width - 6) / CHAR_WIDTH) : 0, at = 0, chars = 0;
	bool cut;

	if (room < CHARS_MIN)
		return;
	for (size_t i = 0; i < name.len; i++)
		chars += (name.data[i] & 0xc0) != 0x80;
	cut = chars > room;
	for (chars = cut ? room - 1 : room; at < name.len; at++) {
		bool begins = (name.data[at] & 0xc0) != 0x80;

		if (begins && !chars)
			break;
		chars -= begins;
	}
	name.len = at;
	html_text(html, name);
	if (cut)
		html_put(html, MARKUP("\xe2\x80\xa6"));
}

/* Functions of one file have one colour. */
static int colour_of(const struct profile_function *function)
{
	unsigned hash = 5381;

	for (size_t i = 0; function && i < function->file.len; i++)
		hash = hash * 33 + function->file.data[i];
	return function ? (int)(hash % COLOURS) : COLOURS;
}

/* What a screen reader says, and a pointer shows. */
static void put_title(struct html *html, const struct page_flame *page, const struct flame_box *box)
{
	const struct profile_function *function = function_of(page, box->node);

	html_put(html, MARKUP("<title>"));
	html_text_cut(html, name_of(page, box->node), 200);
	if (function && !function->builtin) {
		html_put(html, MARKUP(" ("));
		html_text_cut(html, layout_path(page->part.run, function->file), 200);
		html_put(html, MARKUP(":"));
		html_number(html, function->line);
		html_put(html, MARKUP(")"));
	}
	html_put(html, MARKUP(", "));
	part_time(html, box->node == PROFILE_NONE
				? page->flame->ns
				: page->part.profile->nodes[box->node].cumulative_ns);
	html_put(html, MARKUP(", "));
	part_share(html, box->width);
	if (box->node != PROFILE_NONE) {
		html_put(html, MARKUP(", calls: "));
		html_number(html, page->part.profile->nodes[box->node].calls);
	}
	html_put(html, MARKUP("</title>"));
}

static void put_box(struct html *html, const struct site *site, const struct page_flame *page,
	const struct flame_box *box)
{
	uint32_t row = page->icicle ? box->level : page->flame->levels - 1 - box->level;
	double x = box->x * WIDTH, y = row * BOX_HEIGHT, width = box->width * WIDTH;
	bool linked = has_page(site, page, box->node) && box->node != page->root;

	if (linked)
		put_link(html, site, page, box->node);
	buf_printf(
		html->out, "<g class=\"box colour-%d\">", colour_of(function_of(page, box->node)));
	put_title(html, page, box);
	buf_printf(html->out, "<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%.0f\"/>", x, y,
		width > 0.6 ? width - 0.4 : width, BOX_HEIGHT - 1);
	if (width > 6 + CHARS_MIN * CHAR_WIDTH) {
		buf_printf(html->out, "<text x=\"%.2f\" y=\"%.1f\">", x + 3, y + 13);
		put_label(html, name_of(page, box->node), width);
		html_put(html, MARKUP("</text>"));
	}
	html_put(html, linked ? MARKUP("</g></a>\n") : MARKUP("</g>\n"));
}

static void put_picture(struct html *html, const struct site *site, const struct page_flame *page)
{
	double height = page->flame->levels * BOX_HEIGHT;

	html_put(html, MARKUP("<div class=\"wide picture\">\n<svg class=\"flame\" role=\"group\" "
			      "aria-label=\"Time by path of calls\" "));
	buf_printf(html->out, "width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">\n", WIDTH,
		height, WIDTH, height);
	for (size_t i = 0; i < page->flame->count; i++)
		put_box(html, site, page, &page->flame->boxes[i]);
	html_put(html, MARKUP("</svg></div>\n"));
	if (page->flame->cut)
		html_put(
			html, MARKUP("<p>Calls that would be too narrow or too deep to be seen are "
				     "left out: zoom in to see them.</p>\n"));
}

/* From everything to where the picture begins, each a way back. */
static void put_path(struct html *html, const struct site *site, const struct page_flame *page)
{
	const struct profile_node *nodes = page->part.profile->nodes;
	uint32_t path[PATH_MAX_NODES], node = page->root;
	size_t count = 0;

	if (node == PROFILE_NONE)
		return;
	for (; node != PROFILE_NONE && count < PATH_MAX_NODES; node = nodes[node].parent)
		path[count++] = node;
	html_put(html, MARKUP("<nav aria-label=\"Zoomed\"><ol class=\"breadcrumb zoomed\">"
			      "<li class=\"breadcrumb-item\">"));
	put_link(html, site, page, PROFILE_NONE);
	html_put(html, MARKUP("all</a></li>"));
	if (node != PROFILE_NONE)
		html_put(html, MARKUP("<li class=\"breadcrumb-item\">\xe2\x80\xa6</li>"));
	while (count) {
		bool here = path[--count] == page->root;
		bool linked = !here && has_page(site, page, path[count]);

		html_put(html, here ? MARKUP("<li class=\"breadcrumb-item active\" "
					     "aria-current=\"true\">")
				    : MARKUP("<li class=\"breadcrumb-item\">"));
		if (linked)
			put_link(html, site, page, path[count]);
		html_text_cut(html, name_of(page, path[count]), 80);
		html_put(html, linked ? MARKUP("</a></li>") : MARKUP("</li>"));
	}
	html_put(html, MARKUP("</ol></nav>\n"));
}

static void put_choice(struct html *html, const struct site *site, const struct page_flame *page,
	bool here, bool icicle, int64_t thread)
{
	html_put(html, here ? MARKUP("<li class=\"page-item active\" aria-current=\"true\">"
				     "<span class=\"page-link\">")
			    : MARKUP("<li class=\"page-item\">"));
	if (here)
		return;
	/* Nodes have other numbers for another thread. */
	struct flame_place place = {icicle, thread,
		page->root == PROFILE_NONE || thread != page->part.profile->thread
			? -1
			: (int64_t)page->root};

	html_put(html, MARKUP("<a class=\"page-link\" href=\""));
	link_flame(html, site, &page->part.run->id, &place);
	html_put(html, MARKUP("\">"));
}

static void end_choice(struct html *html, bool here)
{
	html_put(html, here ? MARKUP("</span></li>") : MARKUP("</a></li>"));
}

static void put_choices(struct html *html, const struct site *site, const struct page_flame *page)
{
	const struct profile *profile = page->part.profile;
	size_t threads_max = site->report ? FLAME_THREADS_MAX : THREADS_MAX;

	html_put(html,
		MARKUP("<nav class=\"pages\" aria-label=\"Views\"><ul class=\"pagination\">"));
	for (int icicle = 0; icicle < 2; icicle++) {
		bool here = page->icicle == icicle;

		put_choice(html, site, page, here, icicle, profile->thread);
		html_put(html, icicle ? MARKUP("icicle") : MARKUP("flame"));
		end_choice(html, here);
	}
	html_put(html, MARKUP("</ul>"));
	if (profile->thread_count > 1) {
		html_put(html, MARKUP("<ul class=\"pagination\">"));
		put_choice(html, site, page, profile->thread < 0, page->icicle, -1);
		html_put(html, MARKUP("all threads"));
		end_choice(html, profile->thread < 0);
		for (size_t i = 0; i < profile->thread_count && i < threads_max; i++) {
			bool here = profile->thread == profile->threads[i].number;

			put_choice(
				html, site, page, here, page->icicle, profile->threads[i].number);
			html_text_cut(html, profile->threads[i].name, 60);
			end_choice(html, here);
		}
		html_put(html, MARKUP("</ul>"));
	}
	html_put(html, MARKUP("</nav>\n"));
}

static int wider(const void *left, const void *right)
{
	const struct flame_box *a = left, *b = right;

	if (a->width != b->width)
		return a->width < b->width ? 1 : -1;
	return (a->node > b->node) - (a->node < b->node);
}

static void put_row(struct html *html, const struct site *site, const struct page_flame *page,
	const struct flame_box *box)
{
	const struct profile_node *node = &page->part.profile->nodes[box->node];
	bool linked = has_page(site, page, box->node) && box->node != page->root;

	html_put(html, MARKUP("<tr><th scope=\"row\" class=\"words\">"));
	if (linked)
		put_link(html, site, page, box->node);
	html_text_cut(html, name_of(page, box->node), 200);
	html_put(html, linked ? MARKUP("</a></th><td class=\"words\">")
			      : MARKUP("</th><td class=\"words\">"));
	if (node->parent != PROFILE_NONE)
		html_text_cut(html, name_of(page, node->parent), 200);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	html_number(html, box->level);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	html_count(html, node->calls);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	part_time(html, node->cumulative_ns);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	part_time(html, node->self_ns);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	part_share(html, box->width);
	html_put(html, MARKUP("</td></tr>\n"));
}

/* The same for who does not see the picture. */
static void put_table(struct html *html, const struct site *site, const struct page_flame *page)
{
	struct flame_box *boxes = malloc((page->flame->count + 1) * sizeof(*boxes));
	size_t shown = 0;

	if (!boxes) {
		html->out->failed = true;
		return;
	}
	for (size_t i = 0; i < page->flame->count; i++)
		boxes[i] = page->flame->boxes[i];
	qsort(boxes, page->flame->count, sizeof(*boxes), wider);
	html_put(html, MARKUP("<h2>Paths</h2>\n<div class=\"wide\"><table class=\"table\">\n"
			      "<caption class=\"visually-hidden\">The same calls, the largest first"
			      "</caption>\n<thead><tr><th scope=\"col\">Function</th>"
			      "<th scope=\"col\">Called by</th>"
			      "<th scope=\"col\" class=\"number\">Depth</th>"
			      "<th scope=\"col\" class=\"number\">Calls</th>"
			      "<th scope=\"col\" class=\"number\">Time</th>"
			      "<th scope=\"col\" class=\"number\">Of its own</th>"
			      "<th scope=\"col\" class=\"number\">Share</th></tr></thead>\n"
			      "<tbody>\n"));
	for (size_t i = 0; i < page->flame->count && shown < TABLE_ROWS; i++) {
		if (boxes[i].node == PROFILE_NONE)
			continue;
		put_row(html, site, page, &boxes[i]);
		shown++;
	}
	html_put(html, MARKUP("</tbody></table></div>\n"));
	free(boxes);
}

/* How the picture is read, and which of its boxes zoom. */
static void put_words(struct html *html, const struct site *site, const struct page_flame *page)
{
	bool zooms = !site->report || page->part.profile->thread < 0;

	html_put(html, MARKUP("<p>Width is time. What a function called is "));
	html_put(html, page->icicle ? MARKUP("below it.") : MARKUP("above it."));
	html_put(html, zooms ? MARKUP(" A box zooms.</p>\n") : MARKUP("</p>\n"));
	if (!site->report || !zooms || page->zoom_count < FLAME_ZOOMS_MAX)
		return;
	html_put(html, MARKUP("<p>Of a report the "));
	html_number(html, FLAME_ZOOMS_MAX);
	html_put(html,
		MARKUP(" largest boxes do; <code>smiley server</code> zooms into any.</p>\n"));
}

void page_flame(struct html *html, const struct site *site, const struct page_flame *page)
{
	struct layout layout = {.title = "Flame Graph", .run = page->part.run, .tab = TAB_FLAME};

	layout_begin(html, site, &layout);
	html_put(html, page->icicle ? MARKUP("<h1>Icicle Graph</h1>\n")
				    : MARKUP("<h1>Flame Graph</h1>\n"));
	if (part_profile(html, &page->part)) {
		put_choices(html, site, page);
		put_path(html, site, page);
		put_words(html, site, page);
		put_picture(html, site, page);
		put_table(html, site, page);
	}
	layout_end(html, site);
}
