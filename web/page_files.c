#include "web/page.h"

#include "web/layout.h"

static void put_file(struct html *html, const struct site *site, const struct page_files *page,
	const struct file_info *file, const struct file_hits *hits)
{
	html_put(html, MARKUP("<tr><th scope=\"row\" class=\"words\"><a href=\""));
	link_file(html, site, &page->run->id, file->signature);
	html_put(html, MARKUP("\" title=\""));
	html_text_cut(html, file->path, 1000);
	html_put(html, MARKUP("\">"));
	html_text_cut(html, layout_path(page->run, file->path), 1000);
	html_put(html, MARKUP("</a></th><td class=\"number\">"));
	html_count(html, hits->lines);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	html_count(html, hits->hits);
	html_put(html, MARKUP("</td><td class=\"number\">"));
	html_count(html, hits->calls);
	html_put(html, MARKUP("</td></tr>\n"));
}

void page_files(struct html *html, const struct site *site, const struct page_files *page)
{
	struct layout layout = {.title = "Files", .run = page->run, .tab = TAB_FILES};
	size_t shown = 0;

	layout_begin(html, site, &layout);
	html_put(html, MARKUP("<h1>Files</h1>\n"));
	if (page->count == 0) {
		html_put(html, MARKUP("<p>No file of this run has been recorded yet.</p>\n"));
		layout_end(html, site);
		return;
	}
	html_put(html, MARKUP("<div class=\"wide\"><table class=\"table files\">\n"
			      "<thead><tr><th scope=\"col\">File</th>"
			      "<th scope=\"col\" class=\"number\">Lines run</th>"
			      "<th scope=\"col\" class=\"number\">Line events</th>"
			      "<th scope=\"col\" class=\"number\">Calls</th></tr></thead>\n"
			      "<tbody>\n"));
	for (; shown < page->count && html->out->len < PAGE_BYTES - 8192; shown++)
		put_file(html, site, page, &page->files[shown], &page->hits[shown]);
	html_put(html, MARKUP("</tbody></table></div>\n"));
	if (shown < page->count) {
		html_put(html, MARKUP("<p class=\"cut\">\xe2\x80\xa6 "));
		html_count(html, (int64_t)(page->count - shown));
		html_put(html, MARKUP(" more files</p>\n"));
	}
	layout_end(html, site);
}
