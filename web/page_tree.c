#include "web/page.h"

#include "web/layout.h"
#include "web/page_part.h"

static void put_list(struct html *html, const struct site *site, const struct run_list *list)
{
	if (list->count == 0) {
		html_put(html, MARKUP("<p>None.</p>\n"));
		return;
	}
	part_runs(html, site, list->runs, list->count);
	if (list->total > (int64_t)list->count) {
		html_put(html, MARKUP("<p class=\"cut\">\xe2\x80\xa6 of "));
		html_count(html, list->total);
		html_put(html, MARKUP("</p>\n"));
	}
}

void page_tree(struct html *html, const struct site *site, const struct page_tree *page)
{
	struct layout layout = {.title = "Runs around", .run = page->run, .tab = TAB_TREE};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Runs around this one</h1>\n<h2>Started by</h2>\n"));
	if (page->parent)
		part_runs(html, site, page->parent, 1);
	else if (page->run->started.has_parent)
		html_put(html, MARKUP("<p>A run that is not here.</p>\n"));
	else
		html_put(html, MARKUP("<p>No traced program.</p>\n"));
	html_put(html, MARKUP("<h2>Programs that it started</h2>\n"));
	put_list(html, site, page->children);
	if (page->group) {
		html_put(html, MARKUP("<h2>Group "));
		html_text_cut(html, page->run->started.group, 200);
		html_put(html, MARKUP("</h2>\n"));
		put_list(html, site, page->group);
	}
	layout_end(html, site);
}
