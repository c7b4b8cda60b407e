#include <inttypes.h>
#include <string.h>

#include "web/layout.h"
#include "web/page_part.h"
#include "web/page_profile.h"

/* What is kept for the rest behind the table. */
#define FOOT_BYTES 8192

/* One key for each order that there is, of pstats' many names. */
static const char *const keys[] = {
	"calls", "pcalls", "time", "cumulative", "name", "file", "line", "nfl", "stdname"};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

struct links {
	const struct site *site;
	const struct page_stats *page;
};

static void put_link(const struct links *links, struct html *html, const char *key, int64_t page,
	int64_t per_page)
{
	struct stats_place place = {key, links->page->filter, page, per_page};

	link_stats(html, links->site, &links->page->part.run->id, &place);
	part_link_thread(html, &links->page->part);
}

static void link_page(struct html *html, const void *context, int64_t page, int64_t per_page)
{
	const struct links *links = context;

	put_link(links, html, links->page->list->sort->key, page, per_page);
}

/* Two names of one order have the same words. */
static bool is_sorted_by(const struct page_stats *page, const char *key)
{
	return strcmp(profile_sort_find(key)->words, page->list->sort->words) == 0;
}

static void put_keys(struct html *html, const struct links *links)
{
	const struct page_stats *page = links->page;

	html_put(html, MARKUP("<nav aria-label=\"Order\"><ul class=\"pagination orders\">"
			      "<li class=\"page-item disabled\"><span class=\"page-link\">"
			      "sorted by:</span></li>"));
	for (size_t i = 0; i < KEYS; i++) {
		bool here = is_sorted_by(page, keys[i]);

		html_put(html, here ? MARKUP("<li class=\"page-item active\" aria-current=\"true\">"
					     "<span class=\"page-link\">")
				    : MARKUP("<li class=\"page-item\"><a class=\"page-link\" "
					     "rel=\"nofollow\" href=\""));
		if (!here) {
			put_link(links, html, keys[i], 1, page->pager.per_page);
			html_put(html, MARKUP("\" title=\""));
			html_word(html, profile_sort_find(keys[i])->words);
			html_put(html, MARKUP("\">"));
		}
		html_word(html, keys[i]);
		html_put(html, here ? MARKUP("</span></li>") : MARKUP("</a></li>"));
	}
	html_put(html, MARKUP("</ul></nav>\n"));
}

static void put_filter(struct html *html, const struct links *links)
{
	const struct page_stats *page = links->page;

	html_put(html, MARKUP("<form class=\"filter\" method=\"get\" role=\"search\" action=\""));
	link_stats(html, links->site, &page->part.run->id, NULL);
	html_put(html, MARKUP("\">\n<label>Functions <input class=\"form-control\" type=\"search\" "
			      "name=\"q\" data-key=\"/\" maxlength=\"200\" value=\""));
	html_text(html, page->filter);
	html_put(html, MARKUP("\"></label>\n"));
	part_profile_thread(html, &page->part);
	html_put(html, MARKUP("<input type=\"hidden\" name=\"sort\" value=\""));
	html_word(html, page->list->sort->key);
	html_put(html, MARKUP("\">\n"));
	part_filter_end(html, page->pager.per_page);
}

static void put_totals(struct html *html, const struct profile *profile)
{
	html_put(html, MARKUP("<table class=\"table facts\"><tbody>\n<tr><th scope=\"row\">"
			      "Function calls</th><td>"));
	html_count(html, profile->calls);
	if (profile->primitive_calls != profile->calls) {
		html_put(
			html, MARKUP("</td></tr>\n<tr><th scope=\"row\">Primitive calls</th><td>"));
		html_count(html, profile->primitive_calls);
	}
	html_put(html, MARKUP("</td></tr>\n<tr><th scope=\"row\">Total time</th><td>"));
	buf_printf(html->out, "%.3f s", (double)profile->self_ns / 1e9);
	html_put(html, MARKUP("</td></tr>\n</tbody></table>\n"));
}

/* Short runs would show nothing but zeros with pstats' three decimals. */
static void put_seconds(struct html *html, const struct profile *profile, int64_t ns, int64_t calls)
{
	double seconds = calls ? (double)ns / (double)calls / 1e9 : 0;

	html_put(html, MARKUP("<td class=\"number\">"));
	buf_printf(html->out, profile->self_ns < 10000000000 ? "%.6f" : "%.3f", seconds);
	html_put(html, MARKUP("</td>"));
}

static void put_times(
	struct html *html, const struct profile *profile, const struct profile_times *times)
{
	html_put(html, MARKUP("<td class=\"number\">"));
	html_count(html, times->calls);
	if (times->primitive_calls != times->calls) {
		html_put(html, MARKUP("/"));
		html_count(html, times->primitive_calls);
	}
	html_put(html, MARKUP("</td>"));
	put_seconds(html, profile, times->self_ns, 1);
	put_seconds(html, profile, times->self_ns, times->calls);
	put_seconds(html, profile, times->cumulative_ns, 1);
	put_seconds(html, profile, times->cumulative_ns, times->primitive_calls);
}

static void put_row(struct html *html, const struct site *site, const struct page_profile *part,
	uint32_t number)
{
	const struct profile_function *function = &part->profile->functions[number];
	const struct page_source *source =
		part_source(part->sources, part->source_count, function->file);

	html_put(html, MARKUP("<tr id=\"f-"));
	html_number(html, number);
	html_put(html, MARKUP("\">"));
	put_times(html, part->profile, &function->times);
	html_put(html, MARKUP("<th scope=\"row\" class=\"words\"><code>"));
	part_function(html, site, part, function);
	html_put(html, MARKUP("</code></th><td class=\"place\">"));
	if (function->builtin) {
		html_put(html, MARKUP("written in C</td><td></td></tr>\n"));
		return;
	}
	if (source && source->there) {
		html_put(html, MARKUP("<a href=\""));
		link_file(html, site, &part->run->id, source->signature);
		html_put(html, MARKUP("\" title=\""));
	} else {
		html_put(html, MARKUP("<span title=\""));
	}
	html_text_cut(html, function->file, 1000);
	html_put(html, MARKUP("\">"));
	html_text_cut(html, layout_path(part->run, function->file), 200);
	html_put(html, source && source->there ? MARKUP("</a>") : MARKUP("</span>"));
	html_put(html, MARKUP("</td><td class=\"number\">"));
	html_number(html, function->line);
	html_put(html, MARKUP("</td></tr>\n"));
}

/* A column's name, with a link to the order by it where there is one. */
static void put_column(struct html *html, const struct links *links, const char *name,
	const char *key, bool number)
{
	html_put(html, MARKUP("<th scope=\"col\""));
	if (number)
		html_put(html, MARKUP(" class=\"number\""));
	if (key && is_sorted_by(links->page, key)) {
		html_put(html, *key == 'n' || *key == 'f' || *key == 'l'
				       ? MARKUP(" aria-sort=\"ascending\"")
				       : MARKUP(" aria-sort=\"descending\""));
		key = NULL;
	}
	html_put(html, MARKUP(">"));
	if (key) {
		html_put(html, MARKUP("<a rel=\"nofollow\" href=\""));
		put_link(links, html, key, 1, links->page->pager.per_page);
		html_put(html, MARKUP("\">"));
	}
	html_word(html, name);
	html_put(html, key ? MARKUP("</a></th>") : MARKUP("</th>"));
}

static void put_table(struct html *html, const struct links *links)
{
	const struct page_stats *page = links->page;
	int64_t first = pager_first(&page->pager), at = first;
	int64_t end = first + page->pager.per_page;

	html_put(html, MARKUP("<div class=\"wide\"><table class=\"table stats\">\n"
			      "<caption class=\"visually-hidden\">Functions</caption>\n"
			      "<thead><tr>"));
	put_column(html, links, "ncalls", "calls", true);
	put_column(html, links, "tottime", "time", true);
	put_column(html, links, "percall", NULL, true);
	put_column(html, links, "cumtime", "cumulative", true);
	put_column(html, links, "percall", NULL, true);
	put_column(html, links, "function", "name", false);
	put_column(html, links, "filename", "file", false);
	put_column(html, links, "lineno", "line", true);
	html_put(html, MARKUP("</tr></thead>\n<tbody>\n"));
	for (; at < end && at < (int64_t)page->list->count; at++) {
		if (html->out->len > PAGE_BYTES - FOOT_BYTES)
			break;
		put_row(html, links->site, &page->part, page->list->functions[at]);
	}
	if (!page->list->count)
		html_put(html, MARKUP("<tr><td colspan=\"8\">No function has that in its name or "
				      "place.</td></tr>\n"));
	html_put(html, MARKUP("</tbody></table></div>\n"));
	if (links->site->report && at < (int64_t)page->list->count) {
		html_put(html, MARKUP("<p>The first "));
		html_count(html, at);
		html_put(html, MARKUP(" of "));
		html_count(html, (int64_t)page->list->count);
		html_put(html, MARKUP(" functions.</p>\n"));
	}
}

void page_stats(struct html *html, const struct site *site, const struct page_stats *page)
{
	struct layout layout = {.title = "Stats", .run = page->part.run, .tab = TAB_STATS};
	struct links links = {site, page};
	struct layout_pager pager = {.pager = &page->pager,
		.label = "Pages of functions",
		.link = link_page,
		.context = &links,
		.sizes = true};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Stats</h1>\n"));
	if (part_profile(html, &page->part)) {
		put_totals(html, page->part.profile);
		if (!site->report)
			put_filter(html, &links);
		put_keys(html, &links);
		if (!site->report)
			layout_pager(html, &pager);
		put_table(html, &links);
		if (!site->report)
			layout_pager(html, &pager);
	}
	layout_end(html, site);
}
