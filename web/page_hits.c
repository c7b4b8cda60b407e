#include "web/page.h"

#include "web/layout.h"
#include "web/page_part.h"

#define FOOT_BYTES (16u * 1024)

struct links {
	const struct site *site;
	const struct page_hits *page;
};

static void link_page(struct html *html, const void *context, int64_t number, int64_t per_page)
{
	const struct links *links = context;
	const struct page_hits *page = links->page;
	bool calls = page->kind == EVENT_CALL;

	link_hits(html, links->site, &page->run->id, page->source.signature, page->line, calls);
	html_put(html, calls ? MARKUP("&amp;page=") : MARKUP("?page="));
	html_number(html, number);
	html_put(html, MARKUP("&amp;per_page="));
	html_number(html, per_page);
	if (!page->variable.len)
		return;
	html_put(html, MARKUP("&amp;var="));
	html_url_text(html, page->variable);
}

/* The other kind of event of the line, when there are any. */
static void put_other(struct html *html, const struct site *site, const struct page_hits *page)
{
	bool calls = page->kind == EVENT_LINE;
	int64_t count = calls ? page->calls : page->hits;

	if (!count)
		return;
	html_put(html, MARKUP("<p><a href=\""));
	link_hits(html, site, &page->run->id, page->source.signature, page->line, calls);
	html_put(html, MARKUP("\">"));
	html_put(html,
		calls ? MARKUP("Calls of what begins here: ") : MARKUP("Runs of this line: "));
	html_count(html, count);
	html_put(html, MARKUP("</a></p>\n"));
}

static void put_variable(struct html *html, const struct page_hits *page)
{
	html_put(html, MARKUP("<form class=\"filter\" method=\"get\">\n"));
	if (page->kind == EVENT_CALL)
		html_put(html, MARKUP("<input type=\"hidden\" name=\"kind\" value=\"call\">"));
	html_put(html, MARKUP("<label>Value of the variable <input class=\"form-control\" "
			      "name=\"var\" maxlength=\"200\" value=\""));
	html_text(html, page->variable);
	html_put(html, MARKUP("\"></label>\n"));
	part_filter_end(html, page->pager.per_page);
}

static void put_hit(struct html *html, const struct site *site, const struct page_hits *page,
	const struct row *row, size_t limit)
{
	html_put(html, MARKUP("<tr id=\"seq-"));
	html_number(html, row->first_seq);
	html_put(html, MARKUP("\">"));
	part_event_cells(html, site, page->run, row->first_seq, row->time_ns, row->thread_name);
	html_put(html, MARKUP("<td class=\"words\">"));
	html_text_cut(html, row->function, 120);
	html_put(html, MARKUP("</td>"));
	if (page->variable.len) {
		html_put(html, MARKUP("<td class=\"data\">"));
		if (row->value.len)
			part_value(html, row->value, limit);
		else
			html_put(html, MARKUP("<span class=\"gone\">not set</span>"));
		html_put(html, MARKUP("</td>"));
	}
	html_put(html, MARKUP("<td class=\"data\">"));
	if (row->change_count)
		part_changes(html, row, limit);
	html_put(html, MARKUP("</td></tr>\n"));
}

static void put_hits(struct html *html, const struct site *site, const struct page_hits *page)
{
	size_t count = page->rows->count;

	html_put(html, MARKUP("<div class=\"wide\"><table class=\"table hits\">\n"
			      "<caption class=\"visually-hidden\">Each time</caption>\n"
			      "<thead><tr><th scope=\"col\">Event</th><th scope=\"col\">Time</th>"
			      "<th scope=\"col\">Thread</th><th scope=\"col\">Function</th>"));
	if (page->variable.len) {
		html_put(html, MARKUP("<th scope=\"col\">"));
		html_text_cut(html, page->variable, 100);
		html_put(html, MARKUP("</th>"));
	}
	html_put(html, MARKUP("<th scope=\"col\">Changed</th></tr></thead>\n<tbody>\n"));
	for (size_t i = 0; i < count; i++) {
		size_t used = html->out->len;
		size_t room = used < PAGE_BYTES - FOOT_BYTES ? PAGE_BYTES - FOOT_BYTES - used : 0;

		put_hit(html, site, page, &page->rows->rows[i], used + room / (count - i) / 2);
	}
	if (count == 0)
		html_put(html, page->kind == EVENT_CALL
				       ? MARKUP("<tr><td colspan=\"5\">Nothing that begins here "
						"was called.</td></tr>\n")
				       : MARKUP("<tr><td colspan=\"5\">This line did not run."
						"</td></tr>\n"));
	html_put(html, MARKUP("</tbody></table></div>\n"));
}

static void put_heading(struct html *html, const struct site *site, const struct page_hits *page)
{
	html_put(html, MARKUP("<h1>"));
	html_put(html,
		page->kind == EVENT_CALL ? MARKUP("Calls from line ") : MARKUP("Runs of line "));
	html_number(html, page->line);
	html_put(html, MARKUP(" of <a href=\""));
	link_line(html, site, &page->run->id, page->source.signature, page->line);
	html_put(html, MARKUP("\" title=\""));
	html_text_cut(html, page->source.path, 1000);
	html_put(html, MARKUP("\">"));
	html_text_cut(html, layout_path(page->run, page->source.path), 400);
	html_put(html, MARKUP("</a>: "));
	html_count(html, page->pager.total);
	html_put(html, MARKUP("</h1>\n"));
	code_statement(html, &page->source.code, &page->line, 1, PAGE_BYTES);
	html_put(html, MARKUP("\n"));
}

void page_hits(struct html *html, const struct site *site, const struct page_hits *page)
{
	struct buf leaf = {0};
	struct slice path = layout_path(page->run, page->source.path);
	struct layout layout = {.title = "Line", .run = page->run, .tab = TAB_FILES};
	struct links links = {site, page};
	struct layout_pager pager = {
		&page->pager, "Pages of the list", link_page, &links, true, 0, 0};

	buf_append(&leaf, path.data, path.len);
	buf_printf(&leaf, ":%lld", (long long)page->line);
	layout.leaf = buf_slice(&leaf);
	layout_begin(html, site, &layout);
	put_heading(html, site, page);
	put_other(html, site, page);
	put_variable(html, page);
	layout_pager(html, &pager);
	put_hits(html, site, page);
	layout_pager(html, &pager);
	layout_end(html, site);
	buf_release(&leaf);
}
