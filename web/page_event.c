#include "web/page.h"

#include <string.h>

#include "schemas/text.h"
#include "schemas/value.h"
#include "web/code.h"
#include "web/layout.h"
#include "web/page_part.h"

#define STACK_SHOWN 200
#define LOCALS_BYTES (160u * 1024) /* of the page; the stack is below */
#define VALUE_BYTES 16384
#define CHANGES_BYTES 150 /* of the names in a search */

static void put_step(struct html *html, const struct site *site, const struct page_event *page,
	int64_t seq, struct markup key, struct markup text)
{
	bool there = seq >= 0 && seq < page->run->event_count;

	html_put(html,
		there ? MARKUP("<li class=\"page-item\"><a class=\"page-link\" href=\"")
		      : MARKUP("<li class=\"page-item disabled\"><span class=\"page-link\">"));
	if (there) {
		link_event(html, site, &page->run->id, seq);
		html_put(html, MARKUP("\" data-key=\""));
		html_put(html, key);
		html_put(html, MARKUP("\">"));
	}
	html_put(html, text);
	html_put(html, there ? MARKUP("</a></li>") : MARKUP("</span></li>"));
}

static void put_steps(struct html *html, const struct site *site, const struct page_event *page)
{
	int64_t seq = page->event->seq;
	struct rows_place place = {page->row / PER_PAGE_DEFAULT + 1, PER_PAGE_DEFAULT, -1};

	html_put(html,
		MARKUP("<nav class=\"pages\" aria-label=\"Steps\"><ul class=\"pagination\">"));
	put_step(html, site, page, seq - 1, MARKUP("["), MARKUP("\xe2\x80\xb9 back"));
	put_step(html, site, page, seq + 1, MARKUP("]"), MARKUP("forward \xe2\x80\xba"));
	put_step(html, site, page, page->over_back, MARKUP("K"), MARKUP("back over"));
	put_step(html, site, page, page->over, MARKUP("J"), MARKUP("over"));
	put_step(html, site, page, page->out, MARKUP("o"), MARKUP("out"));
	html_put(html, MARKUP("</ul><ul class=\"pagination\">"));
	put_step(html, site, page, page->again_back, MARKUP("N"), MARKUP("line before"));
	put_step(html, site, page, page->again, MARKUP("n"), MARKUP("line again"));
	put_step(html, site, page, page->exception_back, MARKUP("E"), MARKUP("exception before"));
	put_step(html, site, page, page->exception, MARKUP("e"), MARKUP("next exception"));
	html_put(html, MARKUP("</ul><ul class=\"pagination\"><li class=\"page-item\">"
			      "<a class=\"page-link\" href=\""));
	link_rows(html, site, &page->run->id, &place);
	html_put(html, MARKUP("\">in the list</a></li></ul></nav>\n"));
}

/* Where the search for a step was given up, and the way on. */
static void put_looked(struct html *html, const struct site *site, const struct page_event *page,
	int64_t seq, struct markup what)
{
	if (seq < 0)
		return;
	html_put(html, MARKUP("<p>"));
	html_put(html, what);
	html_put(html, MARKUP(" was looked for up to #"));
	html_number(html, seq);
	html_put(html, MARKUP(", in vain: <a href=\""));
	link_event(html, site, &page->run->id, page->event->seq);
	html_put(html, MARKUP("?from="));
	html_number(html, seq);
	html_put(html, MARKUP("\">look on</a>.</p>\n"));
}

/* To where in the run the function changes the variable; not where the words of a search would be
 * too long, or mean something else. */
static bool begin_changes_link(struct html *html, const struct site *site,
	const struct page_event *page, struct slice name)
{
	struct slice function = page->event->frame->code.function;

	if (name.len + function.len > CHANGES_BYTES || memchr(name.data, ' ', name.len) ||
		memchr(function.data, ' ', function.len) || !name.len)
		return false;
	html_put(html, MARKUP("<a href=\""));
	link_search(html, site, &page->run->id);
	html_put(html, MARKUP("?q=in:"));
	html_url_text(html, function);
	html_put(html, MARKUP("%20var:"));
	html_url_text(html, name);
	html_put(html, MARKUP("\" title=\"Where this function changes it\">"));
	return true;
}

static void put_local(struct html *html, const struct site *site, const struct page_event *page,
	const struct local *local)
{
	bool linked;
	struct buf text = {0};

	value_repr(local->value, &text);
	html_put(html, local->changed ? MARKUP("<tr class=\"changed\">") : MARKUP("<tr>"));
	html_put(html, MARKUP("<th scope=\"row\">"));
	linked = begin_changes_link(html, site, page, local->name);
	html_put(html, MARKUP("<code>"));
	html_text_cut(html, local->name, 400);
	html_put(html, linked ? MARKUP("</code></a>") : MARKUP("</code>"));
	if (local->changed)
		html_put(html, MARKUP(" <span class=\"badge changed\">changed</span>"));
	html_put(html, MARKUP("</th><td><code class=\"value\">"));
	html_text_cut(html, buf_slice(&text), VALUE_BYTES);
	html_put(html, MARKUP("</code></td></tr>\n"));
	buf_release(&text);
}

static void put_locals(struct html *html, const struct site *site, const struct page_event *page)
{
	const struct frame *frame = page->event->frame;
	size_t shown = 0, left_out = 0;

	html_put(html, MARKUP("<h2>Variables</h2>\n<div class=\"wide\"><table class=\"table\">"
			      "<thead><tr><th scope=\"col\">Name</th>"
			      "<th scope=\"col\">Value</th></tr></thead><tbody>\n"));
	for (size_t i = 0; i < frame->local_count; i++) {
		if (!text_local_shown(&frame->locals[i]))
			continue;
		if (html->out->len < LOCALS_BYTES && ++shown)
			put_local(html, site, page, &frame->locals[i]);
		else
			left_out++;
	}
	if (shown == 0)
		html_put(html, MARKUP("<tr><td colspan=\"2\">None.</td></tr>\n"));
	if (left_out) {
		html_put(html, MARKUP("<tr><td colspan=\"2\" class=\"cut\">\xe2\x80\xa6 "));
		html_count(html, (int64_t)left_out);
		html_put(html, MARKUP(" more</td></tr>\n"));
	}
	html_put(html, MARKUP("</tbody></table></div>\n"));
}

static void put_stack(struct html *html, const struct site *site, const struct page_event *page)
{
	const struct frame *frame = page->event->frame;
	int shown = 0;

	html_put(html, MARKUP("<h2>Call stack</h2>\n<ol class=\"stack\">\n"));
	for (; frame && shown < STACK_SHOWN; frame = frame->caller, shown++) {
		html_put(html, MARKUP("<li><code>"));
		html_text_cut(html, frame->code.function, 200);
		html_put(html, MARKUP("</code> "));
		part_place(html, site, page->run,
			part_source(page->sources, page->source_count, frame->code.file),
			frame->code.file, frame->line, frame->line);
		html_put(html, MARKUP(" <a class=\"seq\" href=\""));
		link_event(html, site, &page->run->id, frame->id);
		html_put(html, MARKUP("\">called at #"));
		html_number(html, frame->id);
		html_put(html, MARKUP("</a></li>\n"));
	}
	if (frame)
		html_put(html, MARKUP("<li class=\"cut\">\xe2\x80\xa6</li>\n"));
	html_put(html, MARKUP("</ol>\n"));
}

static void put_facts(struct html *html, const struct site *site, const struct page_event *page)
{
	const struct event *event = page->event;
	struct buf text = {0};

	html_put(html,
		MARKUP("<table class=\"table facts\"><tbody>\n<tr><th scope=\"row\">Event</th>"
		       "<td>"));
	html_word(html, event_kind_name(event->kind));
	html_put(html, MARKUP("</td></tr>\n<tr><th scope=\"row\">Time</th><td>"));
	html_time(html, event->time_ns);
	html_put(html, MARKUP(", "));
	html_duration(html, event->time_ns - page->run->started.started_ns);
	html_put(html, MARKUP(" from the start</td></tr>\n"));
	if (event->thread) {
		html_put(html, MARKUP("<tr><th scope=\"row\">Thread</th><td>"));
		html_text_cut(html, event->thread->name, 400);
		html_put(html, MARKUP("</td></tr>\n"));
	}
	if (event->frame) {
		html_put(html, MARKUP("<tr><th scope=\"row\">Place</th><td>"));
		part_place(html, site, page->run,
			part_source(page->sources, page->source_count, event->frame->code.file),
			event->frame->code.file, event->line, event->line);
		html_put(html, MARKUP(" in <code>"));
		html_text_cut(html, event->frame->code.function, 200);
		html_put(html, MARKUP("</code></td></tr>\n"));
	}
	if (event->value.bytes.len) {
		value_repr(event->value, &text);
		html_put(
			html, MARKUP("<tr><th scope=\"row\">Value</th><td><code class=\"value\">"));
		html_text_cut(html, buf_slice(&text), VALUE_BYTES);
		html_put(html, MARKUP("</code></td></tr>\n"));
	}
	if (event->text.len) {
		html_put(html, MARKUP("<tr><th scope=\"row\">About</th><td>"));
		html_text_cut(html, event->text, 400);
		html_put(html, MARKUP("</td></tr>\n"));
	}
	html_put(html, MARKUP("</tbody></table>\n"));
	buf_release(&text);
}

void page_event(struct html *html, const struct site *site, const struct page_event *page)
{
	const struct event *event = page->event;
	const struct page_source *source;
	struct buf name = {0};
	struct layout layout = {.title = "Event", .run = page->run, .tab = TAB_DETAILS};

	buf_printf(&name, "#%lld", (long long)event->seq);
	layout.leaf = buf_slice(&name);
	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Event "));
	html_text(html, buf_slice(&name));
	html_put(html, MARKUP("</h1>\n"));
	buf_release(&name);
	put_steps(html, site, page);
	put_looked(html, site, page, page->looked,
		MARKUP("The next event of this call or its caller"));
	put_looked(html, site, page, page->looked_back, MARKUP("This call's event before"));
	put_facts(html, site, page);
	if (event->frame) {
		source = part_source(page->sources, page->source_count, event->frame->code.file);
		if (source && source->code.text)
			code_statement(html, &source->code, &event->line, 1, PAGE_BYTES);
		put_locals(html, site, page);
		put_stack(html, site, page);
	}
	layout_end(html, site);
}
