#include "web/page.h"

#include "web/layout.h"
#include "web/page_part.h"

void page_delete(struct html *html, const struct site *site, const struct page_delete *page)
{
	struct layout layout = {.title = "Delete", .run = page->run, .leaf = slice_text("Delete")};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Delete this run?</h1>\n"
			      "<p>Its events, its variables and the files that no other run "
			      "needs go, here and in every database made of the same log. "
			      "Nothing brings them back.</p>\n"));
	part_run_facts(html, site, page->run);
	html_put(html, MARKUP("<form class=\"filter\" method=\"post\" action=\""));
	link_delete(html, site, &page->run->id);
	html_put(html, MARKUP("\">\n<input type=\"hidden\" name=\"token\" value=\""));
	html_text(html, site->token);
	html_put(html,
		MARKUP("\">\n<button class=\"btn btn-danger\" type=\"submit\">Delete</button>\n"
		       "<a class=\"btn btn-outline-secondary\" href=\""));
	link_run(html, site, &page->run->id);
	html_put(html, MARKUP("\">Keep</a>\n</form>\n"));
	layout_end(html, site);
}

void page_about(struct html *html, const struct site *site)
{
	struct layout layout = {.title = "About"};

	layout_begin(html, site, &layout);
	html_put(
		html, MARKUP("<h1>About Smiley</h1>\n"
			     "<p>Smiley spies on your Python programs and records what they do: "
			     "each call, line, return and exception, with the variables there. "
			     "These pages show what was recorded.</p>\n"
			     "<p>Everything shown comes from this machine's database; no page asks "
			     "any other host for anything.</p>\n<p>Version "));
	html_word(html, site->version);
	html_put(html, MARKUP(". Styled with Bootstrap 5, sources coloured by "
			      "tree-sitter and its grammar of Python (MIT license).</p>\n"));
	layout_end(html, site);
}

/* The same as in assets/smiley.js. */
static void put_keys(struct html *html)
{
	static const char *const keys[][2] = {
		{"j", "next row"},
		{"k", "row before"},
		{"Enter", "open what the row names"},
		{"n", "next page; at an event: the next time that its line ran"},
		{"N", "page before; at an event: the time before"},
		{"e", "next exception"},
		{"E", "exception before"},
		{"]", "step forward: the next event"},
		{"[", "step back: the event before"},
		{"J", "step over: the next event of the same call"},
		{"K", "step back over"},
		{"o", "step out: to the caller"},
		{"g", "go to an event, a time or a line"},
		{"/", "search"},
		{"t", "choose a thread"},
		{"D", "theme: the browser's, light, dark"},
		{"?", "these keys"},
		{"Esc", "leave a field, close this"},
	};

	html_put(html,
		MARKUP("<h2 id=\"keys\">Keys</h2>\n<p>Where the browser runs the pages' script; "
		       "without it every page works the same by its links. <kbd>?</kbd> shows "
		       "these on any page, and turns them off for who does not want them.</p>\n"
		       "<table class=\"table facts keys\"><tbody>\n"));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		html_put(html, MARKUP("<tr><th scope=\"row\"><kbd>"));
		html_word(html, keys[i][0]);
		html_put(html, MARKUP("</kbd></th><td>"));
		html_word(html, keys[i][1]);
		html_put(html, MARKUP("</td></tr>\n"));
	}
	html_put(html, MARKUP("</tbody></table>\n"));
}

void page_help(struct html *html, const struct site *site)
{
	struct layout layout = {.title = "Help"};

	layout_begin(html, site, &layout);
	html_put(html,
		MARKUP("<h1>Help</h1>\n<h2>Reading a run</h2>\n"
		       "<p>Each row is one event, or several lines of one call that ran one "
		       "after the other without changing a variable that was known before. "
		       "Of such lines, those that ran are marked when others stand between "
		       "them. Data shows the variables that the row set, compared with the same "
		       "call's row before; what a call returned; or the exception.</p>\n"
		       "<p>A row of the kind <strong>gap</strong> says that something was not "
		       "recorded, and why: recording was paused, the trace ends at a limit, or so "
		       "many events were lost.</p>\n"));
	html_put(html,
		MARKUP("<h2>Links that stay</h2>\n"
		       "<p>Pages are numbered, and while a program runs there are more of them. "
		       "The number behind # names an event for good. In a report it leads to the "
		       "event's row; at <code>smiley server</code> to a page with all variables and "
		       "the call stack there, with steps back and forward, over a call, and out to "
		       "its caller.</p>\n<h2>Recording</h2>\n"
		       "<p><code>smiley run PROGRAM</code> records a program; "
		       "<code>smiley help</code> tells the rest.</p>\n"));
	put_keys(html);
	layout_end(html, site);
}

void page_error(struct html *html, const struct site *site, const struct page_error *page)
{
	struct layout layout = {.title = page->title};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>"));
	html_word(html, page->title);
	html_put(html, MARKUP("</h1>\n<p>"));
	html_text_cut(html, page->reason, 1000);
	html_put(html, MARKUP("</p>\n<p><a href=\""));
	link_runs(html, site);
	html_put(html, MARKUP("\">All runs</a></p>\n"));
	layout_end(html, site);
}
