#include "web/page.h"

#include "web/code.h"
#include "web/layout.h"
#include "web/page_part.h"

#define FOOT_BYTES (24u * 1024) /* kept for what stands below the rows */

struct links {
	const struct site *site;
	const struct page_run *page;
};

static void link_page(struct html *html, const void *context, int64_t page, int64_t per_page)
{
	const struct links *links = context;
	struct rows_place place = {page, per_page, links->page->thread};

	link_rows(html, links->site, &links->page->run->id, &place);
}

static void put_threads(struct html *html, const struct page_run *page)
{
	char id[RUN_ID_TEXT_BYTES];

	html_put(html, MARKUP("<form class=\"filter\" method=\"get\" action=\"/runs/"));
	html_word(html, run_id_format(&page->run->id, id));
	html_put(html,
		MARKUP("\">\n<label>Thread <select class=\"form-control\" "
		       "name=\"thread_id\" data-key=\"t\"><option value=\"\">All Threads</option>"));
	for (size_t i = 0; i < page->thread_count; i++) {
		bool chosen = page->threads[i].number == page->thread;

		html_put(html, MARKUP("<option value=\""));
		html_number(html, page->threads[i].number);
		html_put(html, chosen ? MARKUP("\" selected>") : MARKUP("\">"));
		html_text_cut(html, page->threads[i].name, 100);
		html_put(html, MARKUP("</option>"));
	}
	html_put(html, MARKUP("</select></label>\n"));
	part_filter_end(html, page->pager.per_page);
}

static void put_find(struct html *html, const struct site *site, const struct page_run *page,
	int64_t seq, struct markup key, struct markup text)
{
	struct rows_at at = {seq, seq, page->pager.per_page, page->thread};

	if (seq < 0) {
		html_put(html,
			MARKUP("<li class=\"page-item disabled\"><span class=\"page-link\">"));
		html_put(html, text);
		html_put(html, MARKUP("</span></li>"));
		return;
	}
	html_put(html, MARKUP("<li class=\"page-item\"><a class=\"page-link\" href=\""));
	link_rows_at(html, site, &page->run->id, &at);
	html_put(html, key);
	html_put(html, MARKUP("\">"));
	html_put(html, text);
	html_put(html, MARKUP("</a></li>"));
}

/* Kinds of events that are seldom: how many there are, and the way to those next to the page. */
static void put_finds(struct html *html, const struct site *site, const struct page_run *page)
{
	static const struct {
		enum event_kind kind;
		struct markup name, key_before, key_behind;
	} kinds[] = {
		{EVENT_EXCEPTION, MARKUP_INIT("Exceptions: "), MARKUP_INIT("\" data-key=\"E"),
			MARKUP_INIT("\" data-key=\"e")},
		{EVENT_GAP, MARKUP_INIT("Gaps: "), MARKUP_INIT(""), MARKUP_INIT("")},
	};

	if (!page->kinds[EVENT_EXCEPTION] && !page->kinds[EVENT_GAP])
		return;
	html_put(html, MARKUP("<nav class=\"pages\" aria-label=\"Events of note\">"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!page->kinds[kinds[i].kind])
			continue;
		html_put(html, MARKUP("<ul class=\"pagination\"><li class=\"page-item disabled\">"
				      "<span class=\"page-link\">"));
		html_put(html, kinds[i].name);
		html_count(html, page->kinds[kinds[i].kind]);
		html_put(html, MARKUP("</span></li>"));
		put_find(html, site, page, page->before[kinds[i].kind], kinds[i].key_before,
			MARKUP("\xe2\x80\xb9 before this page"));
		put_find(html, site, page, page->behind[kinds[i].kind], kinds[i].key_behind,
			MARKUP("after it \xe2\x80\xba"));
		html_put(html, MARKUP("</ul>"));
	}
	html_put(html, MARKUP("</nav>\n"));
}

static void put_jump(struct html *html, const struct site *site, const struct page_run *page)
{
	html_put(html, MARKUP("<form class=\"filter\" method=\"get\" action=\""));
	link_run(html, site, &page->run->id);
	html_put(html, MARKUP("\">\n<label>Go to event, time or line <input class=\"form-control\" "
			      "name=\"to\" maxlength=\"200\" required data-key=\"g\" "
			      "placeholder=\"120, 1.5s, 10:31:07, app.py:12\"></label>\n"
			      "<input type=\"hidden\" name=\"from\" value=\""));
	html_number(html, page->rows->count ? page->rows->rows[page->rows->count - 1].last_seq : 0);
	html_put(html, MARKUP("\">\n<input type=\"hidden\" name=\"per_page\" value=\""));
	html_number(html, page->pager.per_page);
	html_put(html, MARKUP("\">\n<button class=\"btn btn-outline-secondary\" type=\"submit\">"
			      "Go</button>\n</form>\n"));
}

/* What the row's kind is called: as the original does, the call of a module is `module`. */
static const char *kind_name(const struct row *row)
{
	if (row->kind == EVENT_CALL && slice_equal(row->function, slice_text("<module>")))
		return "module";
	return event_kind_name(row->kind);
}

static void put_location(struct html *html, const struct site *site, const struct page_run *page,
	const struct row *row, const struct page_source *source)
{
	html_put(html, MARKUP("<td class=\"place\">"));
	if (row->frame >= 0) {
		part_place(html, site, page->run, source, row->file, row->lines[0],
			row->lines[row->line_count - 1]);
		html_put(html, MARKUP("<br><span class=\"function\">"));
		html_parts_cut(html, row->function, '.', 120);
		html_put(html, MARKUP("</span> "));
	}
	if (site->report) {
		html_put(html, MARKUP("<a class=\"seq\" href=\"#seq-"));
		html_number(html, row->first_seq);
	} else {
		html_put(html, MARKUP("<a class=\"seq\" href=\""));
		link_event(html, site, &page->run->id, row->first_seq);
	}
	html_put(html, site->report ? MARKUP("\" title=\"This row\">#")
				    : MARKUP("\" title=\"This event and all that is known "
					     "there\">#"));
	html_number(html, row->first_seq);
	html_put(html, MARKUP("</a></td>"));
}

static void put_data(struct html *html, const struct row *row, size_t limit)
{
	html_put(html, MARKUP("<td class=\"data\">"));
	if (row->change_count)
		part_changes(html, row, limit);
	if (row->value.len)
		part_value(html, row->value, limit);
	html_put(html, MARKUP("</td>"));
}

/* Rows that are in no code. */
static void put_remark(struct html *html, const struct row *row)
{
	html_put(html, MARKUP("<td colspan=\"2\" class=\"remark\">"));
	if (row->kind == EVENT_GAP) {
		if (row->lost >= 0) {
			html_count(html, row->lost);
			html_put(html, row->lost == 1 ? MARKUP(" event") : MARKUP(" events"));
			html_put(html, MARKUP(" lost here: "));
		}
		html_text_cut(html, row->text, 400);
		if (row->off_ns >= 0) {
			html_put(html, MARKUP("; recording goes on after "));
			html_duration(html, row->off_ns);
		}
	} else if (row->kind == EVENT_TASK) {
		html_put(html, row->text.len ? MARKUP("task ") : MARKUP("no task"));
		html_text_cut(html, row->text, 400);
	} else {
		html_put(html, MARKUP("thread "));
		html_text_cut(html, row->thread_name, 400);
		html_put(html, MARKUP(" started"));
	}
	html_put(html, MARKUP("</td>"));
}

static void put_row(struct html *html, const struct site *site, const struct page_run *page,
	const struct row *row, size_t limit)
{
	const struct page_source *source =
		part_source(page->sources, page->source_count, row->file);

	html_put(html, MARKUP("<tr id=\"seq-"));
	html_number(html, row->first_seq);
	html_put(html, MARKUP("\" class=\"row-"));
	html_word(html, event_kind_name(row->kind));
	html_put(html, MARKUP("\">"));
	put_location(html, site, page, row, source);
	if (page->thread_count > 1) {
		html_put(html, MARKUP("<td class=\"words\">"));
		html_text_cut(html, row->thread_name, 100);
		html_put(html, MARKUP("</td>"));
	}
	html_put(html, MARKUP("<td>"));
	html_word(html, kind_name(row));
	html_put(html, MARKUP("</td>"));
	if (row->frame < 0) {
		put_remark(html, row);
	} else {
		html_put(html, MARKUP("<td class=\"statement\">"));
		if (source && source->code.text)
			code_statement(html, &source->code, row->lines, row->line_count, limit);
		html_put(html, MARKUP("</td>"));
		put_data(html, row, limit);
	}
	html_put(html, MARKUP("</tr>\n"));
}

/* Events that nobody has: in no row, as they were never told. */
static void put_missing(struct html *html, const struct page_run *page, int64_t missing)
{
	html_put(html, MARKUP("<tr class=\"row-gap\"><td class=\"place\"></td>"));
	if (page->thread_count > 1)
		html_put(html, MARKUP("<td></td>"));
	html_put(html, MARKUP("<td>gap</td><td colspan=\"2\" class=\"remark\">"));
	html_count(html, missing);
	html_put(html, missing == 1 ? MARKUP(" event is") : MARKUP(" events are"));
	html_put(html,
		MARKUP(" missing here: the log does not have them, or not any more.</td></tr>\n"));
}

static void put_children(
	struct html *html, const struct page_run *page, const struct row *row, size_t limit)
{
	for (size_t i = 0; i < page->child_count; i++) {
		const struct page_child *child = &page->children[i];

		if (child->seq < row->first_seq || child->seq > row->last_seq ||
			html->out->len > limit)
			continue;
		html_put(html, MARKUP("<tr class=\"row-note\"><td class=\"place\"></td>"));
		if (page->thread_count > 1)
			html_put(html, MARKUP("<td></td>"));
		html_put(html,
			MARKUP("<td>process</td><td colspan=\"2\" class=\"remark\">not traced: "
			       "<code>"));
		html_text_cut(html, child->command, 400);
		html_put(html, MARKUP("</code>, "));
		html_text_cut(html, child->reason, 400);
		html_put(html, MARKUP("</td></tr>\n"));
	}
}

void page_run_rows(struct html *html, const struct site *site, const struct page_run *page)
{
	size_t count = page->rows->count;

	for (size_t i = 0; i < count; i++) {
		size_t used = html->out->len;
		size_t room = used < PAGE_BYTES - FOOT_BYTES ? PAGE_BYTES - FOOT_BYTES - used : 0;

		/* What the rows before did not need is there for those behind. */
		size_t limit = used + room / (count - i) / 2;
		const struct row *row = &page->rows->rows[i];

		if (row->missing)
			put_missing(html, page, row->missing);
		put_children(html, page, row, limit);
		put_row(html, site, page, row, limit);
	}
}

static void put_rows(struct html *html, const struct site *site, const struct page_run *page)
{
	html_put(html, MARKUP("<div class=\"wide\"><table class=\"table rows\">\n"
			      "<caption class=\"visually-hidden\">What the program did</caption>\n"
			      "<thead><tr><th scope=\"col\">Location</th>"));
	if (page->thread_count > 1)
		html_put(html, MARKUP("<th scope=\"col\">Thread</th>"));
	html_put(html, MARKUP("<th scope=\"col\">Event</th><th scope=\"col\">Statement</th>"
			      "<th scope=\"col\">Data</th></tr></thead>\n<tbody>\n"));
	page_run_rows(html, site, page);
	if (page->missing_behind)
		put_missing(html, page, page->missing_behind);
	if (page->rows->count == 0)
		html_put(html, MARKUP("<tr><td colspan=\"5\">No events yet.</td></tr>\n"));
	html_put(html, MARKUP("</tbody></table></div>\n"));
}

void page_run(struct html *html, const struct site *site, const struct page_run *page)
{
	struct layout layout = {.title = "Run", .run = page->run, .tab = TAB_DETAILS};
	struct links links = {site, page};
	struct layout_pager pager = {.pager = &page->pager,
		.label = "Pages of the run",
		.link = link_page,
		.context = &links,
		.sizes = !site->report,
		.first = site->first_page,
		.last = site->last_page};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Run Details</h1>\n"));
	part_run_facts(html, site, page->run);
	html_put(html, MARKUP("<h2>Events</h2>\n"));
	if (!site->report) {
		html_put(html, MARKUP("<!--served--><div class=\"tools\">\n"));
		if (page->thread_count > 1)
			put_threads(html, page);
		put_jump(html, site, page);
		put_finds(html, site, page);
		html_put(html, MARKUP("</div><!--/-->"));
	}
	part_live_run(html, site, page);
	layout_pager(html, &pager);
	put_rows(html, site, page);
	layout_pager(html, &pager);
	layout_end(html, site);
}
