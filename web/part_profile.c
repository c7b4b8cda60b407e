#include "web/layout.h"
#include "web/page_part.h"
#include "web/page_profile.h"

#define THREADS_MAX 500

bool part_profile(struct html *html, const struct page_profile *part)
{
	const struct profile *profile = part->profile;

	if (!profile->function_count) {
		html_put(html, MARKUP("<p>No profile data was collected.</p>\n"));
		return false;
	}
	if (profile->state == RUN_RUNNING)
		html_put(html, MARKUP("<p>The run goes on: what has happened so far.</p>\n"));
	if (profile->lost_events)
		html_put(html, profile->lost_events < 0
				       ? MARKUP("<p>Recording was off for a time: there may have "
						"been more calls.</p>\n")
				       : MARKUP("<p>Events were lost: there may have been more "
						"calls.</p>\n"));
	return true;
}

void part_profile_thread(struct html *html, const struct page_profile *part)
{
	const struct profile *profile = part->profile;

	if (profile->thread_count < 2)
		return;
	html_put(html, MARKUP("<label>Thread <select class=\"form-control\" name=\"thread_id\" "
			      "data-key=\"t\"><option value=\"\">All Threads</option>"));
	for (size_t i = 0; i < profile->thread_count && i < THREADS_MAX; i++) {
		html_put(html, MARKUP("<option value=\""));
		html_number(html, profile->threads[i].number);
		html_put(html, profile->threads[i].number == profile->thread
				       ? MARKUP("\" selected>")
				       : MARKUP("\">"));
		html_text_cut(html, profile->threads[i].name, 100);
		html_put(html, MARKUP("</option>"));
	}
	html_put(html, MARKUP("</select></label>\n"));
}

void part_link_thread(struct html *html, const struct page_profile *part)
{
	if (part->profile->thread < 0)
		return;
	html_put(html, MARKUP("&amp;thread_id="));
	html_number(html, part->profile->thread);
}

void part_function(struct html *html, const struct site *site, const struct page_profile *part,
	const struct profile_function *function)
{
	const struct page_source *source =
		function->builtin ? NULL
				  : part_source(part->sources, part->source_count, function->file);
	bool linked = source && source->there;

	if (linked) {
		html_put(html, MARKUP("<a href=\""));
		link_line(html, site, &part->run->id, source->signature, function->line);
		html_put(html, MARKUP("\">"));
	}
	html_text_cut(html, function->name, 200);
	if (linked)
		html_put(html, MARKUP("</a>"));
}

void part_share(struct html *html, double share)
{
	buf_printf(html->out, "%.2f\xc2\xa0%%", share * 100);
}
