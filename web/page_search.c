#include "web/page.h"

#include "web/layout.h"
#include "web/page_part.h"

#define FOOT_BYTES (16u * 1024)
#define WHAT_BYTES 2000

static void put_form(struct html *html, const struct site *site, const struct page_search *page)
{
	html_put(html, MARKUP("<form class=\"filter search\" method=\"get\" action=\""));
	link_search(html, site, &page->run->id);
	html_put(
		html, MARKUP("\">\n<label>What is looked for <input class=\"form-control\" "
			     "type=\"search\" name=\"q\" maxlength=\"200\" required data-key=\"/\" "
			     "placeholder=\"total=7, name~tea, raise=KeyError\" value=\""));
	html_text(html, page->words);
	html_put(html, MARKUP("\"></label>\n<label>Beginning with "
			      "<select class=\"form-control\" name=\"direction\">"
			      "<option value=\"forward\">the first</option>"
			      "<option value=\"backward\""));
	if (page->backward)
		html_put(html, MARKUP(" selected"));
	html_put(html, MARKUP(">the last</option></select></label>\n"));
	part_filter_end(html, page->per_page);
	if (!page->mistake)
		return;
	html_put(html, MARKUP("<p class=\"alert alert-danger\" role=\"alert\">"));
	html_word(html, page->mistake);
	html_put(html, MARKUP("</p>\n"));
}

/* What may be typed, each a search by itself. */
static void put_words(struct html *html)
{
	static const struct {
		struct markup term, meaning;
	} terms[] = {
		{MARKUP_INIT("total"),
			MARKUP_INIT("a text in the line of source, a function that was called, "
				    "a variable that changed, or a value")},
		{MARKUP_INIT("var:total"), MARKUP_INIT("each change of a variable")},
		{MARKUP_INIT("total=7"),
			MARKUP_INIT(
				"when it was given this value; "
				"<code>!=</code> any other, <code>&lt; &lt;= &gt; &gt;=</code> numbers")},
		{MARKUP_INIT("name~tea"), MARKUP_INIT("a value with this text in it; "
						      "<code>name~/t.a$/</code> by an expression")},
		{MARKUP_INIT("return=None"),
			MARKUP_INIT("what was returned, or with <code>yield</code> yielded, "
				    "in the same ways")},
		{MARKUP_INIT("raise=KeyError"), MARKUP_INIT("an exception by its type or text")},
		{MARKUP_INIT("in:parse* file:app.py line:12 kind:call"),
			MARKUP_INIT("where: all terms have to hold")},
		{MARKUP_INIT("&quot;due = 0&quot;"), MARKUP_INIT("quotes keep spaces")},
	};

	html_put(html, MARKUP("<table class=\"table terms\">\n<caption class=\"visually-hidden\">"
			      "What may be looked for</caption>\n<thead><tr><th scope=\"col\">Term"
			      "</th><th scope=\"col\">Finds</th></tr></thead>\n<tbody>\n"));
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		html_put(html, MARKUP("<tr><td><code>"));
		html_put(html, terms[i].term);
		html_put(html, MARKUP("</code></td><td>"));
		html_put(html, terms[i].meaning);
		html_put(html, MARKUP("</td></tr>\n"));
	}
	html_put(html, MARKUP("</tbody></table>\n"));
}

static void put_found(struct html *html, const struct site *site, const struct page_search *page,
	const struct page_found *found, size_t limit)
{
	html_put(html, MARKUP("<tr>"));
	part_event_cells(html, site, page->run, found->seq, found->time_ns, found->thread);
	html_put(html, MARKUP("<td class=\"words\">"));
	if (found->path.len) {
		html_text_cut(html, layout_path(page->run, found->path), 200);
		html_put(html, MARKUP(":"));
		html_number(html, found->line);
	}
	html_put(html, MARKUP("</td><td class=\"words\">"));
	html_text_cut(html, found->function, 120);
	html_put(html, MARKUP("</td><td>"));
	html_word(html, event_kind_name(found->kind));
	html_put(html, MARKUP("</td><td class=\"data\"><code>"));
	html_text_cut(html, found->what, html->out->len > limit ? 60 : WHAT_BYTES);
	html_put(html, MARKUP("</code></td></tr>\n"));
}

static void put_table(struct html *html, const struct site *site, const struct page_search *page)
{
	html_put(html, MARKUP("<div class=\"wide\"><table class=\"table hits\">\n"
			      "<caption class=\"visually-hidden\">What was found</caption>\n"
			      "<thead><tr><th scope=\"col\">Event</th><th scope=\"col\">Time</th>"
			      "<th scope=\"col\">Thread</th><th scope=\"col\">Where</th>"
			      "<th scope=\"col\">Function</th><th scope=\"col\">Kind</th>"
			      "<th scope=\"col\">What</th></tr></thead>\n<tbody>\n"));
	for (size_t i = 0; i < page->count; i++) {
		size_t used = html->out->len;
		size_t room = used < PAGE_BYTES - FOOT_BYTES ? PAGE_BYTES - FOOT_BYTES - used : 0;

		put_found(html, site, page, &page->found[i], used + room / (page->count - i) / 2);
	}
	html_put(html, MARKUP("</tbody></table></div>\n"));
}

static void put_next(struct html *html, const struct site *site, const struct page_search *page)
{
	html_put(html, page->hasty ? MARKUP("<p>There was time to look ")
				   : MARKUP("<p>There may be more "));
	html_put(html, page->backward ? MARKUP("down to event #") : MARKUP("behind event #"));
	html_number(html, page->backward ? page->next + 1 : page->next - 1);
	html_put(html, MARKUP(": <a rel=\"next\" data-key=\"f\" href=\""));
	link_search(html, site, &page->run->id);
	html_put(html, MARKUP("?q="));
	html_url_text(html, page->words);
	html_put(html, page->backward ? MARKUP("&amp;direction=backward&amp;from=")
				      : MARKUP("&amp;from="));
	html_number(html, page->next);
	html_put(html, MARKUP("&amp;per_page="));
	html_number(html, page->per_page);
	html_put(html, MARKUP("\">go on from there</a></p>\n"));
}

static void put_result(struct html *html, const struct site *site, const struct page_search *page)
{
	if (page->count)
		put_table(html, site, page);
	else if (page->next < 0)
		html_put(html, page->from < 0
				       ? MARKUP("<p>No event of this run is meant.</p>\n")
				       : MARKUP("<p>No further event of this run is meant.</p>\n"));
	if (page->next >= 0)
		put_next(html, site, page);
	else if (page->count)
		html_put(html, MARKUP("<p>That is all.</p>\n"));
}

void page_search(struct html *html, const struct site *site, const struct page_search *page)
{
	struct layout layout = {.title = "Search", .run = page->run, .tab = TAB_SEARCH};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Search</h1>\n"));
	put_form(html, site, page);
	if (page->words.len && !page->mistake)
		put_result(html, site, page);
	else
		put_words(html);
	layout_end(html, site);
}
