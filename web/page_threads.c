#include "web/page.h"

#include "web/layout.h"

static void put_thread(struct html *html, const struct site *site, const struct page_threads *page,
	const struct thread_info *thread)
{
	struct rows_place place = {1, PER_PAGE_DEFAULT, thread->number};

	html_put(html, MARKUP("<tr><th scope=\"row\">"));
	if (!site->report) {
		html_put(html, MARKUP("<a href=\""));
		link_rows(html, site, &page->run->id, &place);
		html_put(html, MARKUP("\">"));
	}
	html_text_cut(html, thread->name, 400);
	if (!site->report)
		html_put(html, MARKUP("</a>"));
	html_put(html, MARKUP("</th><td>"));
	html_time(html, thread->start_ns);
	html_put(html, MARKUP("</td><td>"));
	html_time(html, thread->end_ns);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	if (thread->event_count >= 0)
		html_count(html, thread->event_count);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	if (thread->location_count >= 0)
		html_count(html, thread->location_count);
	html_put(html, MARKUP("</td></tr>\n"));
}

void page_threads(struct html *html, const struct site *site, const struct page_threads *page)
{
	struct layout layout = {.title = "Threads", .run = page->run, .tab = TAB_THREADS};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Threads</h1>\n<div class=\"wide\"><table class=\"table\">\n"
			      "<thead><tr><th scope=\"col\">Id</th><th scope=\"col\">Start</th>"
			      "<th scope=\"col\">End</th><th scope=\"col\">Num Events</th>"
			      "<th scope=\"col\">Num Unique Locations</th></tr></thead>\n"
			      "<tbody>\n"));
	for (size_t i = 0; i < page->count; i++)
		put_thread(html, site, page, &page->threads[i]);
	if (page->count == 0)
		html_put(html, MARKUP("<tr><td colspan=\"5\">No events yet.</td></tr>\n"));
	html_put(html, MARKUP("</tbody></table></div>\n"));
	if (!page->run->has_finished)
		html_put(html, MARKUP("<p>The rest is known when the run has ended.</p>\n"));
	layout_end(html, site);
}
