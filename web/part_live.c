#include "web/page_part.h"

static void put_newest(struct html *html, const struct page_run *page)
{
	char id[RUN_ID_TEXT_BYTES];

	html_put(html, MARKUP("<a class=\"newest\" href=\"/runs/"));
	html_word(html, run_id_format(&page->run->id, id));
	html_put(html, MARKUP("?page=last&amp;per_page="));
	html_number(html, page->pager.per_page);
	if (page->thread >= 0) {
		html_put(html, MARKUP("&amp;thread_id="));
		html_number(html, page->thread);
	}
	html_put(html, MARKUP("\">Newest page</a>"));
}

void part_live_run(struct html *html, const struct site *site, const struct page_run *page)
{
	char id[RUN_ID_TEXT_BYTES];

	if (site->report || page->run->state != RUN_RUNNING)
		return;
	html_put(html, MARKUP("<div class=\"live\" data-live=\"/runs/"));
	html_word(html, run_id_format(&page->run->id, id));
	html_put(html, MARKUP("/live?threads="));
	html_number(html, (int64_t)page->thread_count);
	html_put(html, MARKUP("&amp;thread_id="));
	html_number(html, page->thread);
	html_put(html, MARKUP("\" data-rows=\""));
	html_number(html, page->pager.total);
	if (page->pager.page == page->pager.pages) {
		html_put(html, MARKUP("\" data-from=\""));
		html_number(html, page->pager.total - 1);
	}
	html_put(html, page->newest ? MARKUP("\" data-follow=\"") : MARKUP(""));
	html_put(html, page->run->paused
			       ? MARKUP("\"><p>The program is running, recording is paused. ")
			       : MARKUP("\"><p>The program is running. "));
	put_newest(html, page);
	html_put(html, MARKUP(" <a href=\"\">Refresh</a></p></div>\n"));
}

void part_live_list(struct html *html, const struct page_runs *page)
{
	html_put(html, MARKUP("<div class=\"live\" data-live=\"/runs/live?version="));
	html_number(html, (int64_t)page->version);
	html_put(html, MARKUP("\"></div>\n"));
}

void part_skipped(struct html *html, const struct site *site, const struct page_run *page,
	int64_t from, int64_t to)
{
	struct rows_place place = {from / PER_PAGE_DEFAULT + 1, PER_PAGE_DEFAULT, page->thread};

	if (from >= to)
		return;
	html_put(html, MARKUP("<tr class=\"skipped\"><td colspan=\"5\">"));
	html_count(html, to - from);
	html_put(html, MARKUP(" rows came too fast to be shown here: <a href=\""));
	link_rows(html, site, &page->run->id, &place);
	html_put(html, MARKUP("\">page "));
	html_number(html, place.page);
	html_put(html, MARKUP("</a> and on</td></tr>\n"));
}
