#include "web/layout.h"
#include "web/page_part.h"
#include "web/page_profile.h"

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
		html_put(
			html, MARKUP("<p>Events were lost: there may have been more calls.</p>\n"));
	return true;
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
