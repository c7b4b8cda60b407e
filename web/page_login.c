#include "web/page.h"

#include "web/layout.h"

void page_login(struct html *html, const struct site *site, const struct page_login *page)
{
	struct layout layout = {.title = "Log in"};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Log in</h1>\n"
			      "<p>Who sees these pages sees every value that was recorded, so they "
			      "are for those who know this server's secret: what is in the file "
			      "that it was started with (<code>--token-file</code>).</p>\n"));
	if (page->problem) {
		html_put(html, MARKUP("<p role=\"alert\"><strong>"));
		html_word(html, page->problem);
		html_put(html, MARKUP("</strong></p>\n"));
	}
	html_put(html, MARKUP("<form class=\"filter\" method=\"post\" action=\"/login\">\n"
			      "<input type=\"hidden\" name=\"next\" value=\""));
	html_text(html, page->next);
	html_put(html, MARKUP("\">\n<label>Secret <input class=\"form-control\" type=\"password\" "
			      "name=\"secret\" maxlength=\"200\" required "
			      "autocomplete=\"current-password\"></label>\n"
			      "<button class=\"btn btn-primary\" type=\"submit\">Log in</button>\n"
			      "</form>\n"));
	layout_end(html, site);
}
