/*
 * page_part: pieces that several pages of a run have.
 */
#ifndef SMILEY_WEB_PAGE_PART_H
#define SMILEY_WEB_PAGE_PART_H

#include "web/page.h"

/* What is known of a run, as a table of names and values. */
void part_run_facts(struct html *html, const struct site *site, const struct run_info *run);

/* The source of that path, or NULL. */
const struct page_source *part_source(
	const struct page_source *sources, size_t count, struct slice path);

/* A place: the file below the run's directory, a link where its text is there. last is the
 * first line again where there is one line only. */
void part_place(struct html *html, const struct site *site, const struct run_info *run,
	const struct page_source *source, struct slice path, int64_t first, int64_t last);

/* A value's text, and a row's changes as a list of names and values; short once the page has
 * reached `limit` bytes. */
void part_value(struct html *html, struct slice value, size_t limit);
void part_changes(struct html *html, const struct row *row, size_t limit);

/* `12.3 µs`, `1.25 ms`, `0.513 s` */
void part_time(struct html *html, int64_t ns);

/* A table of runs: id, description, state, start, error. */
void part_runs(
	struct html *html, const struct site *site, const struct run_info *runs, size_t count);

/* Pages that follow what runs: what the script needs to do so (live.h), and without it a link
 * to the newest page. */
void part_live_run(struct html *html, const struct site *site, const struct page_run *page);
void part_live_list(struct html *html, const struct page_runs *page);
/* A row in place of those from number `from` up to, not with, number `to`. */
void part_skipped(struct html *html, const struct site *site, const struct page_run *page,
	int64_t from, int64_t to);

/* The first cells of a row for an event: its number, a link; since when; its thread. */
void part_event_cells(struct html *html, const struct site *site, const struct run_info *run,
	int64_t seq, int64_t time_ns, struct slice thread);

/* The end of a form that chooses what a page lists: what it keeps, its button. */
void part_filter_end(struct html *html, int64_t per_page);

#endif
