#include "web/site.h"

#include <string.h>

static void put_run(struct html *html, const struct run_id *run)
{
	char id[RUN_ID_TEXT_BYTES];

	html_put(html, MARKUP("/runs/"));
	html_word(html, run_id_format(run, id));
}

bool site_has_page(const struct site *site, int64_t page)
{
	return !site->first_page || (page >= site->first_page && page <= site->last_page);
}

void link_asset(struct html *html, const struct site *site, enum asset_id id)
{
	struct asset asset = asset_get(id);

	html_put(html, site->report ? MARKUP("") : MARKUP("/static/"));
	html_word(html, site->report ? asset.plain_name : asset.name);
}

void link_runs(struct html *html, const struct site *site)
{
	html_put(html, site->report ? MARKUP("index.html") : MARKUP("/runs"));
}

void link_run(struct html *html, const struct site *site, const struct run_id *run)
{
	if (site->report)
		html_put(html, MARKUP("index.html"));
	else
		put_run(html, run);
}

void link_rows(struct html *html, const struct site *site, const struct run_id *run,
	const struct rows_place *place)
{
	if (site->report) {
		html_put(html, MARKUP("trace-"));
		html_number(html, place->page);
		html_put(html, MARKUP(".html"));
		return;
	}
	put_run(html, run);
	html_put(html, MARKUP("?page="));
	html_number(html, place->page);
	html_put(html, MARKUP("&amp;per_page="));
	html_number(html, place->per_page);
	if (place->thread < 0)
		return;
	html_put(html, MARKUP("&amp;thread_id="));
	html_number(html, place->thread);
}

void link_rows_at(struct html *html, const struct site *site, const struct run_id *run,
	const struct rows_at *at)
{
	(void)site;
	put_run(html, run);
	html_put(html, MARKUP("?seq="));
	html_number(html, at->seq);
	html_put(html, MARKUP("&amp;per_page="));
	html_number(html, at->per_page);
	if (at->thread >= 0) {
		html_put(html, MARKUP("&amp;thread_id="));
		html_number(html, at->thread);
	}
	html_put(html, MARKUP("#seq-"));
	html_number(html, at->first_seq);
}

void link_files(struct html *html, const struct site *site, const struct run_id *run)
{
	if (site->report) {
		html_put(html, MARKUP("files.html"));
		return;
	}
	put_run(html, run);
	html_put(html, MARKUP("/files"));
}

void link_file(
	struct html *html, const struct site *site, const struct run_id *run, const char *signature)
{
	link_file_page(html, site, run, signature, 1);
}

void link_file_page(struct html *html, const struct site *site, const struct run_id *run,
	const char *signature, int64_t page)
{
	if (site->report) {
		html_put(html, MARKUP("file-"));
	} else {
		put_run(html, run);
		html_put(html, MARKUP("/files/"));
	}
	html_word(html, signature);
	if (page > 1) {
		html_put(html, site->report ? MARKUP("-") : MARKUP("?page="));
		html_number(html, page);
	}
	if (site->report)
		html_put(html, MARKUP(".html"));
}

void link_line(struct html *html, const struct site *site, const struct run_id *run,
	const char *signature, int64_t line)
{
	link_file_page(html, site, run, signature, line < 1 ? 1 : (line - 1) / FILE_PAGE_LINES + 1);
	html_put(html, MARKUP("#L"));
	html_number(html, line);
}

void link_hits(struct html *html, const struct site *site, const struct run_id *run,
	const char *signature, int64_t line, bool calls)
{
	(void)site;
	put_run(html, run);
	html_put(html, MARKUP("/files/"));
	html_word(html, signature);
	html_put(html, MARKUP("/lines/"));
	html_number(html, line);
	if (calls)
		html_put(html, MARKUP("?kind=call"));
}

void link_threads(struct html *html, const struct site *site, const struct run_id *run)
{
	if (site->report) {
		html_put(html, MARKUP("threads.html"));
		return;
	}
	put_run(html, run);
	html_put(html, MARKUP("/threads"));
}

void link_search(struct html *html, const struct site *site, const struct run_id *run)
{
	(void)site;
	put_run(html, run);
	html_put(html, MARKUP("/search"));
}

void link_run_stats(struct html *html, const struct site *site, const struct run_id *run)
{
	link_stats(html, site, run, NULL);
}

void link_stats(struct html *html, const struct site *site, const struct run_id *run,
	const struct stats_place *place)
{
	if (site->report) {
		html_put(html, MARKUP("stats"));
		if (place && strcmp(place->key, STATS_KEY) != 0) {
			html_put(html, MARKUP("-"));
			html_word(html, place->key);
		}
		html_put(html, MARKUP(".html"));
		return;
	}
	put_run(html, run);
	html_put(html, MARKUP("/stats"));
	if (!place)
		return;
	html_put(html, MARKUP("?sort="));
	html_word(html, place->key);
	html_put(html, MARKUP("&amp;page="));
	html_number(html, place->page);
	html_put(html, MARKUP("&amp;per_page="));
	html_number(html, place->per_page);
	if (!place->filter.len)
		return;
	html_put(html, MARKUP("&amp;q="));
	html_url_text(html, place->filter);
}

void link_stats_function(struct html *html, const struct site *site, const struct run_id *run,
	uint32_t number, struct slice text)
{
	link_stats(html, site, run, NULL);
	if (site->report) {
		html_put(html, MARKUP("#f-"));
		html_number(html, number);
		return;
	}
	html_put(html, MARKUP("?q="));
	html_url_text(html, text);
}

void link_graph(struct html *html, const struct site *site, const struct run_id *run)
{
	if (site->report) {
		html_put(html, MARKUP("call_graph.html"));
		return;
	}
	put_run(html, run);
	html_put(html, MARKUP("/stats/graph"));
}

void link_run_flame(struct html *html, const struct site *site, const struct run_id *run)
{
	if (site->report) {
		html_put(html, MARKUP("flame.html"));
		return;
	}
	put_run(html, run);
	html_put(html, MARKUP("/stats/flame"));
}

void link_flame(struct html *html, const struct site *site, const struct run_id *run,
	const struct flame_place *place)
{
	if (site->report) {
		html_put(html, place->icicle ? MARKUP("icicle") : MARKUP("flame"));
		if (place->thread >= 0) {
			html_put(html, MARKUP("-thread-"));
			html_number(html, place->thread);
		} else if (place->node >= 0) {
			html_put(html, MARKUP("-"));
			html_number(html, place->node);
		}
		html_put(html, MARKUP(".html"));
		return;
	}
	link_run_flame(html, site, run);
	html_put(html, place->icicle ? MARKUP("?view=icicle") : MARKUP("?view=flame"));
	if (place->thread >= 0) {
		html_put(html, MARKUP("&amp;thread_id="));
		html_number(html, place->thread);
	}
	if (place->node >= 0) {
		html_put(html, MARKUP("&amp;node="));
		html_number(html, place->node);
	}
}

void link_tree(struct html *html, const struct site *site, const struct run_id *run)
{
	(void)site;
	put_run(html, run);
	html_put(html, MARKUP("/tree"));
}

void link_about(struct html *html, const struct site *site)
{
	html_put(html, site->report ? MARKUP("about.html") : MARKUP("/about"));
}

void link_help(struct html *html, const struct site *site)
{
	html_put(html, site->report ? MARKUP("help.html") : MARKUP("/help"));
}

void link_event(struct html *html, const struct site *site, const struct run_id *run, int64_t seq)
{
	(void)site;
	put_run(html, run);
	html_put(html, MARKUP("/at/"));
	html_number(html, seq);
}

void link_delete(struct html *html, const struct site *site, const struct run_id *run)
{
	(void)site;
	put_run(html, run);
	html_put(html, MARKUP("/delete"));
}
