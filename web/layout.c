#include "web/layout.h"

#include <string.h>

#include "materializer/run_text.h"

struct slice layout_path(const struct run_info *run, struct slice path)
{
	struct slice cwd = run->started.cwd;
	size_t len = path.len;

	while (cwd.len && cwd.data[cwd.len - 1] == '/')
		cwd.len--;
	if (cwd.len && len > cwd.len + 1 && path.data[cwd.len] == '/' &&
		memcmp(path.data, cwd.data, cwd.len) == 0)
		path = (struct slice){path.data + cwd.len + 1, len - cwd.len - 1};
	while (path.len > 2 && path.data[0] == '.' && path.data[1] == '/')
		path = (struct slice){path.data + 2, path.len - 2};
	return path;
}

static void put_title(struct html *html, const struct site *site, const struct layout *layout)
{
	struct buf words = {0};

	html_word(html, layout->title);
	if (site->report) {
		html_put(html, MARKUP(" \xc2\xb7 Smiley Report: "));
		html_word(html, site->title);
		return;
	}
	if (layout->run) {
		argv_text(layout->run->started.argv, &words);
		html_put(html, MARKUP(" \xc2\xb7 "));
		html_text_cut(html, buf_slice(&words), 120);
	}
	html_put(html, MARKUP(" \xc2\xb7 Smiley"));
	buf_release(&words);
}

static void put_head(struct html *html, const struct site *site, const struct layout *layout)
{
	html_put(html, MARKUP("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
			      "<meta charset=\"utf-8\">\n"
			      "<meta name=\"viewport\" content=\"width=device-width, "
			      "initial-scale=1\">\n"
			      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>"));
	put_title(html, site, layout);
	html_put(html, MARKUP("</title>\n<link rel=\"stylesheet\" href=\""));
	link_asset(html, site, ASSET_STYLE);
	/* Not deferred: a theme that the reader chose is there before anything is drawn. */
	html_put(html, MARKUP("\">\n<script src=\""));
	link_asset(html, site, ASSET_SCRIPT);
	html_put(html, MARKUP("\"></script>\n</head>\n<body>\n"
			      "<a class=\"visually-hidden-focusable\" href=\"#content\">"
			      "Skip to the content</a>\n"));
}

static void put_navigation(struct html *html, const struct site *site)
{
	html_put(html, MARKUP("<header class=\"navbar\"><nav class=\"container-fluid\" "
			      "aria-label=\"Smiley\">\n<a class=\"navbar-brand\" href=\""));
	link_runs(html, site);
	html_put(html, MARKUP("\">Smiley</a>\n<ul class=\"nav\">"
			      "<li class=\"nav-item\"><a class=\"nav-link\" href=\""));
	link_about(html, site);
	html_put(html, MARKUP("\">About</a></li>"
			      "<li class=\"nav-item\"><a class=\"nav-link\" href=\""));
	link_help(html, site);
	html_put(html, MARKUP("\">Help</a></li></ul>\n</nav></header>\n"));
}

/* One row a tab: its name and where it is. */
static const struct {
	enum tab tab;
	const char *name;
	void (*link)(struct html *html, const struct site *site, const struct run_id *run);
	bool in_report;
} tabs[] = {
	{TAB_DETAILS, "Details", link_run, true},
	{TAB_SEARCH, "Search", link_search, false},
	{TAB_FILES, "Files", link_files, true},
	{TAB_THREADS, "Threads", link_threads, true},
	{TAB_STATS, "Stats", link_run_stats, true},
	{TAB_GRAPH, "Call Graph", link_graph, true},
	{TAB_FLAME, "Flame Graph", link_run_flame, true},
	{TAB_TREE, "Runs around", link_tree, false},
};
#define TABS (sizeof(tabs) / sizeof(tabs[0]))

static void put_crumb(struct html *html, struct slice text)
{
	html_put(html, MARKUP("<li class=\"breadcrumb-item active\" aria-current=\"page\">"));
	html_text_cut(html, text, 160);
	html_put(html, MARKUP("</li>"));
}

static void put_run_crumbs(struct html *html, const struct site *site, const struct layout *layout)
{
	char id[RUN_ID_TEXT_BYTES];
	bool on_run = layout->tab <= TAB_DETAILS && !layout->leaf.len;

	run_id_format(&layout->run->id, id);
	if (on_run) {
		put_crumb(html, slice_text(id));
		return;
	}
	html_put(html, MARKUP("<li class=\"breadcrumb-item\"><a href=\""));
	link_run(html, site, &layout->run->id);
	html_put(html, MARKUP("\">"));
	html_word(html, id);
	html_put(html, MARKUP("</a></li>"));
	for (size_t i = 0; i < TABS; i++) {
		if (tabs[i].tab != layout->tab || layout->tab == TAB_DETAILS)
			continue;
		if (!layout->leaf.len) {
			put_crumb(html, slice_text(tabs[i].name));
			return;
		}
		html_put(html, MARKUP("<li class=\"breadcrumb-item\"><a href=\""));
		tabs[i].link(html, site, &layout->run->id);
		html_put(html, MARKUP("\">"));
		html_word(html, tabs[i].name);
		html_put(html, MARKUP("</a></li>"));
	}
	put_crumb(html, layout->leaf);
}

static void put_crumbs(struct html *html, const struct site *site, const struct layout *layout)
{
	html_put(html, MARKUP("<nav aria-label=\"Where you are\"><ol class=\"breadcrumb\">"));
	if (!layout->run) {
		put_crumb(html, slice_text(layout->title));
	} else {
		if (!site->report) {
			html_put(html, MARKUP("<li class=\"breadcrumb-item\"><a href=\""));
			link_runs(html, site);
			html_put(html, MARKUP("\">Runs</a></li>"));
		}
		put_run_crumbs(html, site, layout);
	}
	html_put(html, MARKUP("</ol></nav>\n"));
}

static void put_tabs(struct html *html, const struct site *site, const struct layout *layout)
{
	html_put(html, MARKUP("<nav aria-label=\"Views of the run\">"
			      "<ul class=\"nav nav-pills\">"));
	for (size_t i = 0; i < TABS; i++) {
		if (site->report && !tabs[i].in_report)
			continue;
		html_put(html, MARKUP("<li class=\"nav-item\"><a class=\"nav-link"));
		if (tabs[i].tab == layout->tab)
			html_put(html, layout->leaf.len ? MARKUP(" active")
							: MARKUP(" active\" aria-current=\"page"));
		html_put(html, MARKUP("\" href=\""));
		tabs[i].link(html, site, &layout->run->id);
		html_put(html, MARKUP("\">"));
		html_word(html, tabs[i].name);
		html_put(html, MARKUP("</a></li>"));
	}
	html_put(html, MARKUP("</ul></nav>\n"));
}

void layout_begin(struct html *html, const struct site *site, const struct layout *layout)
{
	put_head(html, site, layout);
	put_navigation(html, site);
	html_put(html, MARKUP("<main id=\"content\" class=\"container-fluid\">\n"));
	put_crumbs(html, site, layout);
	if (layout->run && layout->tab != TAB_NONE)
		put_tabs(html, site, layout);
}

static void put_logout(struct html *html, const struct site *site)
{
	html_put(html, MARKUP("\n<form method=\"post\" action=\"/logout\">"
			      "<input type=\"hidden\" name=\"token\" value=\""));
	html_text(html, site->token);
	html_put(html, MARKUP("\"><button class=\"btn btn-outline-secondary\" type=\"submit\">"
			      "Log out</button></form>"));
}

void layout_end(struct html *html, const struct site *site)
{
	html_put(html, MARKUP("</main>\n<footer class=\"container-fluid\"><p>smiley "));
	html_word(html, site->version);
	html_put(html, MARKUP("</p>"));
	if (site->session)
		put_logout(html, site);
	html_put(html, MARKUP("</footer>\n</body>\n</html>\n"));
}

void layout_state(struct html *html, const struct run_info *run)
{
	html_put(html, MARKUP("<span class=\"badge state-"));
	html_word(html, run_state_name(run->state));
	html_put(html, MARKUP("\">"));
	html_word(html, run_state_words(run));
	html_put(html, MARKUP("</span>"));
}

static bool is_there(const struct layout_pager *pager, int64_t page)
{
	return page >= 1 && page <= pager->pager->pages &&
	       (!pager->first || (page >= pager->first && page <= pager->last));
}

static void put_page_link(struct html *html, const struct layout_pager *pager, int64_t page,
	struct markup attributes, struct markup text)
{
	bool there = is_there(pager, page) && page != pager->pager->page;

	if (!there) {
		html_put(html, MARKUP("<li class=\"page-item disabled\">"
				      "<span class=\"page-link\" aria-hidden=\"true\">"));
		html_put(html, text);
		html_put(html, MARKUP("</span></li>"));
		return;
	}
	html_put(html, MARKUP("<li class=\"page-item\"><a class=\"page-link\" href=\""));
	pager->link(html, pager->context, page, pager->pager->per_page);
	html_put(html, MARKUP("\" "));
	html_put(html, attributes);
	html_put(html, MARKUP(">"));
	html_put(html, text);
	html_put(html, MARKUP("</a></li>"));
}

static void put_page_number(struct html *html, const struct layout_pager *pager, int64_t page)
{
	bool here = page == pager->pager->page;

	if (!is_there(pager, page)) {
		html_put(html, MARKUP("<li class=\"page-item disabled\"><span class=\"page-link\" "
				      "title=\"Not in this report\">"));
		html_number(html, page);
		html_put(html, MARKUP("</span></li>"));
		return;
	}
	html_put(html, here ? MARKUP("<li class=\"page-item active\" aria-current=\"page\">"
				     "<span class=\"page-link\">")
			    : MARKUP("<li class=\"page-item\"><a class=\"page-link\" href=\""));
	if (!here) {
		pager->link(html, pager->context, page, pager->pager->per_page);
		html_put(html, MARKUP("\">"));
	}
	html_number(html, page);
	html_put(html, here ? MARKUP("</span></li>") : MARKUP("</a></li>"));
}

static void put_sizes(struct html *html, const struct layout_pager *pager)
{
	html_put(html, MARKUP("<ul class=\"pagination\"><li class=\"page-item disabled\">"
			      "<span class=\"page-link\">a page:</span></li>"));
	for (size_t i = 0; pager_sizes[i]; i++) {
		bool here = pager_sizes[i] == pager->pager->per_page;

		html_put(html, here ? MARKUP("<li class=\"page-item active\">"
					     "<span class=\"page-link\">")
				    : MARKUP("<li class=\"page-item\">"
					     "<a class=\"page-link\" rel=\"nofollow\" href=\""));
		if (!here) {
			pager->link(html, pager->context, 1, pager_sizes[i]);
			html_put(html, MARKUP("\">"));
		}
		html_number(html, pager_sizes[i]);
		html_put(html, here ? MARKUP("</span></li>") : MARKUP("</a></li>"));
	}
	html_put(html, MARKUP("</ul>"));
}

void layout_pager(struct html *html, const struct layout_pager *pager)
{
	struct pager_range ranges[3];
	size_t count = pager_ranges(pager->pager, ranges);
	int64_t page = pager->pager->page;

	html_put(html, MARKUP("<nav class=\"pages\" aria-label=\""));
	html_word(html, pager->label);
	html_put(html, MARKUP("\"><ul class=\"pagination\">"));
	put_page_link(html, pager, page > 1 ? 1 : 0, MARKUP("aria-label=\"First page\""),
		MARKUP("\xc2\xab"));
	put_page_link(html, pager, page - 1,
		MARKUP("aria-label=\"Previous page\" rel=\"prev\" data-key=\"N\""),
		MARKUP("\xe2\x80\xb9"));
	for (size_t i = 0; i < count; i++) {
		if (i)
			html_put(html, MARKUP("<li class=\"page-item disabled\"><span "
					      "class=\"page-link\">\xe2\x80\xa6</span></li>"));
		for (int64_t number = ranges[i].first; number <= ranges[i].last; number++)
			put_page_number(html, pager, number);
	}
	put_page_link(html, pager, page + 1,
		MARKUP("aria-label=\"Next page\" rel=\"next\" data-key=\"n\""),
		MARKUP("\xe2\x80\xba"));
	put_page_link(html, pager, page < pager->pager->pages ? pager->pager->pages : 0,
		MARKUP("aria-label=\"Last page\""), MARKUP("\xc2\xbb"));
	html_put(html, MARKUP("</ul>"));
	if (pager->sizes)
		put_sizes(html, pager);
	html_put(html, MARKUP("</nav>\n"));
}
