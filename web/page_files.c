#include "web/page.h"

#include "web/code.h"
#include "web/layout.h"

void page_files(struct html *html, const struct site *site, const struct page_files *page)
{
	struct layout layout = {.title = "Files", .run = page->run, .tab = TAB_FILES};

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Files</h1>\n<ul class=\"files\">\n"));
	for (size_t i = 0; i < page->count; i++) {
		html_put(html, MARKUP("<li><a href=\""));
		link_file(html, site, &page->run->id, page->files[i].signature);
		html_put(html, MARKUP("\" title=\""));
		html_text_cut(html, page->files[i].path, 1000);
		html_put(html, MARKUP("\">"));
		html_text_cut(html, layout_path(page->run, page->files[i].path), 1000);
		html_put(html, MARKUP("</a></li>\n"));
	}
	html_put(html, MARKUP("</ul>\n"));
	if (page->count == 0)
		html_put(html, MARKUP("<p>No file of this run has been recorded yet.</p>\n"));
	layout_end(html, site);
}

void page_file(struct html *html, const struct site *site, const struct page_file *page)
{
	struct slice path = layout_path(page->run, page->source.path);
	struct layout layout = {.title = "File", .run = page->run, .tab = TAB_FILES, .leaf = path};
	int64_t lines = source_text_count(page->source.text);

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1 title=\""));
	html_text_cut(html, page->source.path, 1000);
	html_put(html, MARKUP("\">"));
	html_text_cut(html, path, 1000);
	html_put(html, MARKUP("</h1>\n<p>As it was when the program ran.</p>\n"
			      "<div class=\"wide\"><table class=\"source\">\n"
			      "<caption class=\"visually-hidden\">Lines of the file</caption>\n"
			      "<tbody>\n"));
	for (int64_t line = 1; line <= lines; line++) {
		html_put(html, MARKUP("<tr id=\"L"));
		html_number(html, line);
		html_put(html, MARKUP("\"><th scope=\"row\"><a href=\"#L"));
		html_number(html, line);
		html_put(html, MARKUP("\">"));
		html_number(html, line);
		html_put(html, MARKUP("</a></th><td><code>"));
		code_line(html, page->source.text, line);
		html_put(html, MARKUP("</code></td></tr>\n"));
	}
	html_put(html, MARKUP("</tbody></table></div>\n"));
	layout_end(html, site);
}
