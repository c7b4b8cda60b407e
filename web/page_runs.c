#include "web/page.h"

#include "materializer/run_text.h"
#include "web/layout.h"
#include "web/page_part.h"

#define TEXT_BYTES 300

static void put_hidden_filter(struct html *html, const struct run_filter *filter)
{
	if (filter->text.len) {
		html_put(html, MARKUP("&amp;q="));
		html_url_text(html, filter->text);
	}
	if (filter->host.len) {
		html_put(html, MARKUP("&amp;host="));
		html_url_text(html, filter->host);
	}
	if (filter->group.len) {
		html_put(html, MARKUP("&amp;group="));
		html_url_text(html, filter->group);
	}
	if (filter->by_state) {
		html_put(html, MARKUP("&amp;state="));
		html_word(html, run_state_name(filter->state));
	}
}

/* The order that a header's link asks for, as it stands in the address. */
static void put_order(struct html *html, enum run_sort sort, bool reversed)
{
	if (sort == RUN_SORT_START && !reversed)
		return;
	html_put(html, reversed ? MARKUP("&amp;order=-") : MARKUP("&amp;order="));
	html_word(html, page_runs_sort(sort));
}

static void link_page(struct html *html, const void *context, int64_t page, int64_t per_page)
{
	const struct run_filter *filter = context;

	html_put(html, MARKUP("/runs?page="));
	html_number(html, page);
	html_put(html, MARKUP("&amp;per_page="));
	html_number(html, per_page);
	put_hidden_filter(html, filter);
	put_order(html, filter->sort, filter->reversed);
}

static void put_field(
	struct html *html, struct markup attributes, struct markup label, struct slice value)
{
	html_put(html, MARKUP("<label>"));
	html_put(html, label);
	html_put(html, MARKUP(" <input class=\"form-control\" type=\"search\" maxlength=\"200\" "));
	html_put(html, attributes);
	html_put(html, MARKUP(" value=\""));
	html_text(html, value);
	html_put(html, MARKUP("\"></label>\n"));
}

static void put_filter(struct html *html, const struct page_runs *page)
{
	html_put(html, MARKUP("<form class=\"filter\" method=\"get\" action=\"/runs\" "
			      "role=\"search\">\n"));
	put_field(html, MARKUP("name=\"q\" data-key=\"/\""), MARKUP("Text"), page->filter.text);
	put_field(html, MARKUP("name=\"host\""), MARKUP("Host"), page->filter.host);
	put_field(html, MARKUP("name=\"group\""), MARKUP("Group"), page->filter.group);
	html_put(html, MARKUP("<label>State <select class=\"form-control\" name=\"state\">"
			      "<option value=\"\">any</option>"));
	for (int state = RUN_RUNNING; state <= RUN_LOST; state++) {
		bool chosen = page->filter.by_state && (int)page->filter.state == state;

		html_put(html, chosen ? MARKUP("<option selected>") : MARKUP("<option>"));
		html_word(html, run_state_name((enum run_state)state));
		html_put(html, MARKUP("</option>"));
	}
	html_put(html, MARKUP("</select></label>\n"));
	if (page->filter.sort != RUN_SORT_START || page->filter.reversed) {
		html_put(html, MARKUP("<input type=\"hidden\" name=\"order\" value=\""));
		html_word(html, page->filter.reversed ? "-" : "");
		html_word(html, page_runs_sort(page->filter.sort));
		html_put(html, MARKUP("\">\n"));
	}
	part_filter_end(html, page->pager.per_page);
}

static void put_delete(struct html *html, const struct site *site, const struct run_info *run)
{
	html_put(html, MARKUP("<td>"));
	if (site->token.len) {
		html_put(html, MARKUP("<a class=\"delete\" href=\""));
		link_delete(html, site, &run->id);
		html_put(html, MARKUP("\" aria-label=\"Delete this run\" "
				      "title=\"Delete this run\">\xc3\x97</a>"));
	}
	html_put(html, MARKUP("</td>"));
}

static void put_run(struct html *html, const struct site *site, const struct run_info *run)
{
	char id[RUN_ID_TEXT_BYTES];
	struct buf text = {0};

	run_error_text(run, &text);
	html_put(html, text.len ? MARKUP("<tr class=\"error\">") : MARKUP("<tr>"));
	put_delete(html, site, run);
	html_put(html, MARKUP("<th scope=\"row\"><a href=\""));
	link_run(html, site, &run->id);
	html_put(html, MARKUP("\" title=\""));
	html_word(html, run_id_format(&run->id, id));
	html_put(html, MARKUP("\"><code>"));
	html_word(html, id);
	html_put(html, MARKUP("</code></a></th><td class=\"words description\">"));
	buf_clear(&text);
	argv_text(run->started.argv, &text);
	html_text_cut(html, buf_slice(&text), TEXT_BYTES);
	html_put(html, MARKUP("</td><td class=\"words\">"));
	html_parts_cut(html, run->started.host, '.', TEXT_BYTES);
	html_put(html, MARKUP("</td><td>"));
	layout_state(html, run);
	html_put(html, MARKUP("</td><td>"));
	html_time(html, run->started.started_ns);
	html_put(html, MARKUP("</td><td class=\"end\">"));
	if (run->has_finished)
		html_time_after(html, run->finished.finished_ns, run->started.started_ns);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	if (run->has_finished)
		html_duration(html, run->finished.finished_ns - run->started.started_ns);
	html_put(html, MARKUP("</td><td class=\"number events\">"));
	html_count(html, run->event_count);
	html_put(html, MARKUP("</td><td class=\"words\">"));
	buf_clear(&text);
	run_error_text(run, &text);
	html_text_cut(html, buf_slice(&text), TEXT_BYTES);
	html_put(html, MARKUP("</td></tr>\n"));
	buf_release(&text);
}

static void put_none(struct html *html, const struct page_runs *page)
{
	const struct run_filter *filter = &page->filter;

	html_put(html, MARKUP("<tr><td colspan=\"10\">"));
	if (filter->text.len || filter->host.len || filter->group.len || filter->by_state)
		html_put(html, MARKUP("No run is like that. <a href=\"/runs\">All runs</a>"));
	else
		html_put(html, MARKUP("No runs yet. <code>smiley run PROGRAM</code> records one."));
	html_put(html, MARKUP("</td></tr>\n"));
}

/* One row a column that runs may be sorted by: its name in addresses and its heading. */
static const struct {
	const char *word;
	struct markup heading;
	bool number; /* the first click sorts the largest first */
} columns[RUN_SORTS] = {
	[RUN_SORT_ID] = {"id", MARKUP_INIT("Id"), false},
	[RUN_SORT_DESCRIPTION] = {"description", MARKUP_INIT("Description"), false},
	[RUN_SORT_HOST] = {"host", MARKUP_INIT("Host"), false},
	[RUN_SORT_STATE] = {"state", MARKUP_INIT("State"), false},
	[RUN_SORT_START] = {"start", MARKUP_INIT("Start Time"), false},
	[RUN_SORT_END] = {"end", MARKUP_INIT("End Time"), true},
	[RUN_SORT_DURATION] = {"duration", MARKUP_INIT("Duration"), true},
	[RUN_SORT_EVENTS] = {"events", MARKUP_INIT("Events"), true},
	[RUN_SORT_ERROR] = {"error", MARKUP_INIT("Error Message"), false},
};

const char *page_runs_sort(enum run_sort sort)
{
	return columns[sort].word;
}

static void put_heading(struct html *html, const struct page_runs *page, enum run_sort sort)
{
	const struct run_filter *filter = &page->filter;
	bool here = filter->sort == sort;
	/* Starts go down by themselves: there `reversed` means up. */
	bool down = filter->reversed != (sort == RUN_SORT_START);

	html_put(html, MARKUP("<th scope=\"col\""));
	if (here)
		html_put(html, down ? MARKUP(" aria-sort=\"descending\"")
				    : MARKUP(" aria-sort=\"ascending\""));
	html_put(html, MARKUP("><a rel=\"nofollow\" href=\"/runs?per_page="));
	html_number(html, page->pager.per_page);
	put_hidden_filter(html, filter);
	put_order(html, sort, here ? !filter->reversed : columns[sort].number);
	html_put(html, MARKUP("\">"));
	html_put(html, columns[sort].heading);
	if (here)
		html_put(html, down ? MARKUP(" \xe2\x96\xbe") : MARKUP(" \xe2\x96\xb4"));
	html_put(html, MARKUP("</a></th>"));
}

static void put_headings(struct html *html, const struct page_runs *page)
{
	static const enum run_sort order[] = {RUN_SORT_ID, RUN_SORT_DESCRIPTION, RUN_SORT_HOST,
		RUN_SORT_STATE, RUN_SORT_START, RUN_SORT_END, RUN_SORT_DURATION, RUN_SORT_EVENTS,
		RUN_SORT_ERROR};

	html_put(html, MARKUP("<thead><tr><td></td>"));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		put_heading(html, page, order[i]);
	html_put(html, MARKUP("</tr></thead>\n"));
}

void page_runs(struct html *html, const struct site *site, const struct page_runs *page)
{
	struct layout layout = {.title = "Runs"};
	struct layout_pager pager = {.pager = &page->pager,
		.label = "Pages of runs",
		.link = link_page,
		.context = &page->filter,
		.sizes = true};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Runs</h1>\n"));
	put_filter(html, page);
	part_live_list(html, page);
	layout_pager(html, &pager);
	html_put(html, MARKUP("<div class=\"wide\"><table class=\"table runs\">\n"
			      "<caption class=\"visually-hidden\">Runs</caption>\n"));
	put_headings(html, page);
	html_put(html, MARKUP("<tbody>\n"));
	for (size_t i = 0; i < page->list->count; i++)
		put_run(html, site, &page->list->runs[i]);
	if (page->list->count == 0)
		put_none(html, page);
	html_put(html, MARKUP("</tbody></table></div>\n"));
	layout_pager(html, &pager);
	layout_end(html, site);
}
