/*
 * site: what pages are made for, and every link between them. Served pages have the paths of
 * the server; those of a report are files of one directory, and have links only to
 * what a report has.
 */
#ifndef SMILEY_WEB_SITE_H
#define SMILEY_WEB_SITE_H

#include "schemas/run_id.h"
#include "web/asset.h"
#include "web/html.h"

#include <stdbool.h>

/* Lines in a page of a file. */
#define FILE_PAGE_LINES 400

struct site {
	bool report;
	const char *version;
	bool session;       /* who asks is logged in, and may log out */
	struct slice token; /* to be sent back with every change; empty: nothing can be changed */
	const char *title;  /* of the report */
	int64_t first_page, last_page; /* of a run's rows, that the report has; 0: all */
};

/* Is that page of a run's rows among those that are there to be linked to? */
bool site_has_page(const struct site *site, int64_t page);

/* Rows of a run: which page of how many rows, of which thread (-1: all). */
struct rows_place {
	int64_t page;
	int64_t per_page;
	int64_t thread;
};

/* Functions of a run: in which order, of which text, which page of how many. */
#define STATS_KEY "cumulative" /* the order when none is asked for */
struct stats_place {
	const char *key; /* pstats' */
	struct slice filter;
	int64_t page, per_page;
};

/* Calls of a run as a picture: of which thread (-1: all), below which call (-1: all). */
struct flame_place {
	bool icicle; /* from the top down */
	int64_t thread;
	int64_t node;
};

/* Each appends a URL, without quotes around it. */
void link_asset(struct html *html, const struct site *site, enum asset_id asset);
void link_runs(struct html *html, const struct site *site);
void link_run(struct html *html, const struct site *site, const struct run_id *run);
void link_rows(struct html *html, const struct site *site, const struct run_id *run,
	const struct rows_place *place);
/* The page of rows that has event seq, at the row that begins with first_seq. */
struct rows_at {
	int64_t seq, first_seq;
	int64_t per_page;
	int64_t thread; /* -1: all */
};
void link_rows_at(struct html *html, const struct site *site, const struct run_id *run,
	const struct rows_at *at);
/* Not in a report. */
void link_search(struct html *html, const struct site *site, const struct run_id *run);
void link_files(struct html *html, const struct site *site, const struct run_id *run);
void link_file(struct html *html, const struct site *site, const struct run_id *run,
	const char *signature);
/* The page of the file that has the line, at the line. */
void link_line(struct html *html, const struct site *site, const struct run_id *run,
	const char *signature, int64_t line);
void link_file_page(struct html *html, const struct site *site, const struct run_id *run,
	const char *signature, int64_t page);
void link_threads(struct html *html, const struct site *site, const struct run_id *run);
void link_run_stats(struct html *html, const struct site *site, const struct run_id *run);
/* place NULL: without a query, for a form. */
void link_stats(struct html *html, const struct site *site, const struct run_id *run,
	const struct stats_place *place);
/* One function among them: its text as the filter, or its number in the report. */
void link_stats_function(struct html *html, const struct site *site, const struct run_id *run,
	uint32_t number, struct slice text);
void link_graph(struct html *html, const struct site *site, const struct run_id *run);
void link_run_flame(struct html *html, const struct site *site, const struct run_id *run);
void link_flame(struct html *html, const struct site *site, const struct run_id *run,
	const struct flame_place *place);
void link_tree(struct html *html, const struct site *site, const struct run_id *run);
void link_about(struct html *html, const struct site *site);
void link_help(struct html *html, const struct site *site);
/* Served only. */
void link_event(struct html *html, const struct site *site, const struct run_id *run, int64_t seq);
/* Where a line ran, or with `calls` where functions that begin there were called. */
void link_hits(struct html *html, const struct site *site, const struct run_id *run,
	const char *signature, int64_t line, bool calls);
void link_delete(struct html *html, const struct site *site, const struct run_id *run);

#endif
