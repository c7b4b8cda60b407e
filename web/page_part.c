#include "web/page_part.h"

#include "materializer/run_text.h"
#include "web/layout.h"

#define TEXT_BYTES 4000
#define VALUE_BYTES 800

const struct page_source *part_source(
	const struct page_source *sources, size_t count, struct slice path)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_equal(sources[i].path, path))
			return &sources[i];
	}
	return NULL;
}

void part_place(struct html *html, const struct site *site, const struct run_info *run,
	const struct page_source *source, struct slice path, int64_t first, int64_t last)
{
	bool linked = source && source->there;

	if (linked) {
		html_put(html, MARKUP("<a href=\""));
		link_line(html, site, &run->id, source->signature, first);
		html_put(html, MARKUP("\" title=\""));
	} else {
		html_put(html, MARKUP("<span title=\""));
	}
	html_text_cut(html, path, 1000);
	html_put(html, MARKUP("\">"));
	html_parts_cut(html, layout_path(run, path), '/', 200);
	html_put(html, MARKUP(":"));
	html_number(html, first);
	if (last != first) {
		html_put(html, MARKUP(" - "));
		html_number(html, last);
	}
	html_put(html, linked ? MARKUP("</a>") : MARKUP("</span>"));
}

static void begin_fact(struct html *html, struct markup name)
{
	html_put(html, MARKUP("<tr><th scope=\"row\">"));
	html_put(html, name);
	html_put(html, MARKUP("</th><td>"));
}

static void end_fact(struct html *html)
{
	html_put(html, MARKUP("</td></tr>\n"));
}

static void put_fact(struct html *html, struct markup name, struct slice text)
{
	if (!text.len)
		return;
	begin_fact(html, name);
	html_text_cut(html, text, TEXT_BYTES);
	end_fact(html);
}

static void put_made(struct html *html, struct markup name, struct buf *text)
{
	put_fact(html, name, buf_slice(text));
	buf_clear(text);
}

static void put_times(struct html *html, const struct run_info *run)
{
	begin_fact(html, MARKUP("Start"));
	html_time(html, run->started.started_ns);
	end_fact(html);
	begin_fact(html, MARKUP("End"));
	if (run->has_finished) {
		html_time_after(html, run->finished.finished_ns, run->started.started_ns);
		html_put(html, MARKUP(" after "));
		html_duration(html, run->finished.finished_ns - run->started.started_ns);
		html_put(html, MARKUP(" "));
	}
	layout_state(html, run);
	end_fact(html);
	begin_fact(html, MARKUP("Events"));
	html_put(html, MARKUP("<span id=\"event-count\">"));
	html_count(html, run->event_count);
	html_put(html, run->has_finished ? MARKUP("</span>") : MARKUP("</span> so far"));
	end_fact(html);
}

static void put_surroundings(struct html *html, const struct site *site, const struct run_info *run)
{
	char id[RUN_ID_TEXT_BYTES];

	begin_fact(html, MARKUP("Process"));
	html_number(html, run->started.pid);
	html_put(html, MARKUP(" on "));
	html_text_cut(html, run->started.host, 200);
	html_put(html, MARKUP(", by "));
	html_text_cut(html, run->started.user, 200);
	html_put(html, MARKUP(", Python "));
	html_text_cut(html, run->started.python, 200);
	end_fact(html);
	put_fact(html, MARKUP("Group"), run->started.group);
	if (!run->started.has_parent)
		return;
	begin_fact(html, MARKUP("Parent"));
	run_id_format(&run->started.parent, id);
	if (!site->report) {
		html_put(html, MARKUP("<a href=\""));
		link_run(html, site, &run->started.parent);
		html_put(html, MARKUP("\">"));
	}
	html_word(html, id);
	if (!site->report)
		html_put(html, MARKUP("</a>"));
	end_fact(html);
}

void part_run_facts(struct html *html, const struct site *site, const struct run_info *run)
{
	struct buf text = {0};

	html_put(html, MARKUP("<table class=\"table facts of-run\">\n"
			      "<caption class=\"visually-hidden\">Run Details</caption><tbody>\n"));
	put_fact(html, MARKUP("Working Directory"), run->started.cwd);
	argv_text(run->started.argv, &text);
	put_made(html, MARKUP("Description"), &text);
	put_times(html, run);
	put_surroundings(html, site, run);
	run_error_text(run, &text);
	put_made(html, MARKUP("Error"), &text);
	traceback_text(&run->finished, &text);
	if (text.len) {
		begin_fact(html, MARKUP("Traceback"));
		html_put(html, MARKUP("<details><summary>"));
		html_text_cut(html, run->finished.error_type, 200);
		html_put(html, MARKUP("</summary><pre>"));
		html_text_cut(html, buf_slice(&text), TEXT_BYTES);
		html_put(html, MARKUP("</pre></details>"));
		end_fact(html);
	}
	buf_release(&text);
	html_put(html, MARKUP("</tbody></table>\n"));
}

void part_runs(
	struct html *html, const struct site *site, const struct run_info *runs, size_t count)
{
	char id[RUN_ID_TEXT_BYTES];
	struct buf text = {0};

	html_put(html, MARKUP("<div class=\"wide\"><table class=\"table\"><thead><tr>"
			      "<th scope=\"col\">Id</th><th scope=\"col\">Description</th>"
			      "<th scope=\"col\">State</th><th scope=\"col\">Start Time</th>"
			      "<th scope=\"col\">Error Message</th></tr></thead><tbody>\n"));
	for (size_t i = 0; i < count; i++) {
		html_put(html, MARKUP("<tr><th scope=\"row\"><a href=\""));
		link_run(html, site, &runs[i].id);
		html_put(html, MARKUP("\"><code>"));
		html_word(html, run_id_format(&runs[i].id, id));
		html_put(html, MARKUP("</code></a></th><td class=\"words\">"));
		buf_clear(&text);
		argv_text(runs[i].started.argv, &text);
		html_text_cut(html, buf_slice(&text), 300);
		html_put(html, MARKUP("</td><td>"));
		layout_state(html, &runs[i]);
		html_put(html, MARKUP("</td><td>"));
		html_time(html, runs[i].started.started_ns);
		html_put(html, MARKUP("</td><td class=\"words\">"));
		buf_clear(&text);
		run_error_text(&runs[i], &text);
		html_text_cut(html, buf_slice(&text), 300);
		html_put(html, MARKUP("</td></tr>\n"));
	}
	html_put(html, MARKUP("</tbody></table></div>\n"));
	buf_release(&text);
}

void part_event_cells(struct html *html, const struct site *site, const struct run_info *run,
	int64_t seq, int64_t time_ns, struct slice thread)
{
	html_put(html, MARKUP("<th scope=\"row\" class=\"number\"><a href=\""));
	link_event(html, site, &run->id, seq);
	html_put(html, MARKUP("\" title=\"This event and all that is known there\">#"));
	html_number(html, seq);
	html_put(html, MARKUP("</a></th><td>"));
	html_since(html, time_ns - run->started.started_ns);
	html_put(html, MARKUP("</td><td class=\"words\">"));
	html_text_cut(html, thread, 100);
	html_put(html, MARKUP("</td>"));
}

void part_filter_end(struct html *html, int64_t per_page)
{
	html_put(html, MARKUP("<input type=\"hidden\" name=\"per_page\" value=\""));
	html_number(html, per_page);
	html_put(html, MARKUP("\">\n<button class=\"btn btn-outline-secondary\" type=\"submit\">"
			      "Show</button>\n</form>\n"));
}

void part_value(struct html *html, struct slice value, size_t limit)
{
	html_put(html, MARKUP("<code class=\"value\">"));
	html_text_cut(html, value, html->out->len > limit ? 60 : VALUE_BYTES);
	html_put(html, MARKUP("</code>"));
}

void part_changes(struct html *html, const struct row *row, size_t limit)
{
	html_put(html, MARKUP("<dl>"));
	for (size_t i = 0; i < row->change_count; i++) {
		if (html->out->len > limit) {
			html_put(html, MARKUP("<dt class=\"cut\">\xe2\x80\xa6</dt><dd>"));
			html_number(html, (int64_t)(row->change_count - i));
			html_put(html, MARKUP(" more</dd>"));
			break;
		}
		html_put(html, MARKUP("<dt>"));
		html_text_cut(html, row->changes[i].name, 200);
		html_put(html, MARKUP("</dt><dd>"));
		if (row->changes[i].value.len)
			part_value(html, row->changes[i].value, limit);
		else
			html_put(html, MARKUP("<span class=\"gone\">deleted</span>"));
		html_put(html, MARKUP("</dd>"));
	}
	html_put(html, MARKUP("</dl>"));
}

void part_time(struct html *html, int64_t ns)
{
	if (ns < 1000000)
		buf_printf(html->out, "%.1f \xc2\xb5s", (double)ns / 1e3);
	else if (ns < 1000000000)
		buf_printf(html->out, "%.2f ms", (double)ns / 1e6);
	else
		buf_printf(html->out, "%.3f s", (double)ns / 1e9);
}
