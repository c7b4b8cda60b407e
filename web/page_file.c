#include "web/page.h"

#include "web/layout.h"
#include "web/page_part.h"

#define FOOT_BYTES (8u * 1024)
#define PLAIN_LINE_BYTES 700 /* a line without colours takes at most about so much */
#define HEAT_STEPS 8

/* The page's own rows of the table of hits. */
struct gutter {
	const struct hit_place *at, *end;
	int64_t most; /* hits of any line of the file */
	const struct line_time *time, *times_end;
};

static struct gutter gutter_of(const struct page_file *page)
{
	const struct hit_table *hits = page->hits;
	struct gutter gutter = {hits->places, hits->places + hits->count, 0, page->times->lines,
		page->times->lines + page->times->count};

	for (size_t i = 0; i < hits->count; i++) {
		if (hits->places[i].hits > gutter.most)
			gutter.most = hits->places[i].hits;
	}
	return gutter;
}

/* 0: never, HEAT_STEPS: as often as the hottest; by powers, so that both are seen. */
static int heat(int64_t hits, int64_t most)
{
	int bits = 0, most_bits = 0;

	for (; hits >> bits; bits++)
		;
	for (; most >> most_bits; most_bits++)
		;
	return most_bits ? (bits * HEAT_STEPS + most_bits - 1) / most_bits : 0;
}

static void put_count(struct html *html, const struct site *site, const struct page_file *page,
	const struct hit_place *place, bool calls)
{
	if (!site->report) {
		html_put(html, MARKUP("<a href=\""));
		html_word(html, page->source.signature); /* of the page's own address */
		html_put(html, MARKUP("/lines/"));
		html_number(html, place->line);
		html_put(html, calls ? MARKUP("?kind=call\">") : MARKUP("\">"));
	}
	html_count(html, calls ? place->calls : place->hits);
	if (calls)
		html_put(html, place->calls == 1 ? MARKUP(" call") : MARKUP(" calls"));
	if (!site->report)
		html_put(html, MARKUP("</a>"));
}

/* A cell that is left open, as put_gutter()'s last is. */
static void put_time(
	struct html *html, const struct page_file *page, struct gutter *gutter, int64_t line)
{
	while (gutter->time < gutter->times_end && gutter->time->line < line)
		gutter->time++;
	if (gutter->time == gutter->times_end || gutter->time->line != line) {
		html_put(html, MARKUP("<td>"));
		return;
	}
	html_put(html, MARKUP("<td class=\"heat-"));
	html_number(html,
		page->times->most_ns ? gutter->time->ns * HEAT_STEPS / page->times->most_ns : 0);
	html_put(html, MARKUP("\">"));
	part_time(html, gutter->time->ns);
}

static void put_gutter(struct html *html, const struct site *site, const struct page_file *page,
	struct gutter *gutter, int64_t line)
{
	const struct hit_place *place;

	while (gutter->at < gutter->end && gutter->at->line < line)
		gutter->at++;
	place = gutter->at < gutter->end && gutter->at->line == line ? gutter->at : NULL;
	if (!place) {
		html_put(html, MARKUP("<td></td><td>"));
		return;
	}
	html_put(html, MARKUP("<td>"));
	if (place->calls)
		put_count(html, site, page, place, true);
	html_put(html, MARKUP("</td><td class=\"heat-"));
	html_number(html, heat(place->hits, gutter->most));
	html_put(html, MARKUP("\">"));
	if (place->hits)
		put_count(html, site, page, place, false);
}

static void put_lines(struct html *html, const struct site *site, const struct page_file *page)
{
	struct gutter gutter = gutter_of(page);
	int64_t line = pager_first(&page->pager) + 1;
	int64_t end = line + page->pager.per_page;

	if (end > page->pager.total + 1)
		end = page->pager.total + 1;
	for (; line < end; line++) {
		size_t kept = FOOT_BYTES + (size_t)(end - line) * PLAIN_LINE_BYTES / 2;

		html_put(html, MARKUP("<tr id=\"L"));
		html_number(html, line);
		html_put(html, MARKUP("\"><th scope=\"row\"><a href=\"#L"));
		html_number(html, line);
		html_put(html, MARKUP("\">"));
		html_number(html, line);
		html_put(html, MARKUP("</a></th>"));
		put_gutter(html, site, page, &gutter, line);
		html_put(html, MARKUP("</td>"));
		put_time(html, page, &gutter, line);
		html_put(html, MARKUP("</td><td><code>"));
		code_line(html, &page->source.code, line, html->out->len + kept > PAGE_BYTES);
		html_put(html, MARKUP("</code></td></tr>\n"));
	}
}

struct links {
	const struct site *site;
	const struct page_file *page;
};

static void link_page(struct html *html, const void *context, int64_t number, int64_t per_page)
{
	const struct links *links = context;

	(void)per_page;
	link_file_page(
		html, links->site, &links->page->run->id, links->page->source.signature, number);
}

void page_file(struct html *html, const struct site *site, const struct page_file *page)
{
	struct slice path = layout_path(page->run, page->source.path);
	struct layout layout = {.title = "File", .run = page->run, .tab = TAB_FILES, .leaf = path};
	struct links links = {site, page};
	struct layout_pager pager = {
		&page->pager, "Parts of the file", link_page, &links, false, 0, 0};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1 title=\""));
	html_text_cut(html, page->source.path, 1000);
	html_put(html, MARKUP("\">"));
	html_text_cut(html, path, 1000);
	html_put(html, MARKUP("</h1>\n<p>As it was when the program ran. Beside each line is how "
			      "often it ran and "
			      "the time it took without what it called.</p>\n"));
	if (page->pager.pages > 1)
		layout_pager(html, &pager);
	html_put(html,
		MARKUP("<div class=\"wide\"><table class=\"source\">\n"
		       "<caption class=\"visually-hidden\">Lines of the file</caption>\n"
		       "<thead><tr><th scope=\"col\">Line</th><th scope=\"col\">Called</th>"
		       "<th scope=\"col\">Ran</th><th scope=\"col\">Time</th><th scope=\"col\">Source</th></tr></thead>\n"
		       "<tbody>\n"));
	put_lines(html, site, page);
	html_put(html, MARKUP("</tbody></table></div>\n"));
	if (page->pager.pages > 1)
		layout_pager(html, &pager);
	layout_end(html, site);
}
