/*
 * page: one function a page, from structs to HTML: no store, no clock, no I/O, so that
 * `smiley server`, `smiley report` and tests make the very same.
 */
#ifndef SMILEY_WEB_PAGE_H
#define SMILEY_WEB_PAGE_H

#include "materializer/hit_entry.h"
#include "materializer/query_files.h"
#include "materializer/query_rows.h"
#include "materializer/query_run_list.h"
#include "web/code.h"
#include "web/line_time.h"
#include "web/pager.h"
#include "web/site.h"

/* A page is not larger; what of sources and values does not fit is cut, and says so. */
#define PAGE_BYTES (256u * 1024)

struct page_runs {
	const struct run_list *list;
	struct run_filter filter; /* as the user has set it */
	struct pager pager;
	uint64_t version; /* of the database, for who is told when it changes */
};
/* What a column that runs are sorted by is called in addresses; there a '-' before it turns
 * the order round. */
const char *page_runs_sort(enum run_sort sort);
void page_runs(struct html *html, const struct site *site, const struct page_runs *page);

/* A source file that a page shows something of. */
struct page_source {
	struct slice path;
	bool there; /* else the run has none of that path */
	char signature[FILE_SIGNATURE_BYTES];
	struct source_code code;
};

/* A thread to choose. */
struct page_thread {
	int64_t number;
	struct slice name;
};

/* A process that the run started and that is not traced. */
struct page_child {
	int64_t seq; /* the event before which it was started */
	struct slice command, reason;
};

struct page_run {
	const struct run_info *run;
	const struct row_page *rows;
	const struct page_source *sources;
	size_t source_count;
	const struct page_thread *threads;
	size_t thread_count;
	int64_t thread; /* whose rows these are, ROW_VIEW_ALL: everybody's */
	struct pager pager;
	const struct page_child *children; /* of the page's rows */
	size_t child_count;
	int64_t missing_behind;     /* events behind the last row, which is the run's last */
	int64_t kinds[EVENT_KINDS]; /* how many events the run has of each */
	/* The last before the page and the first behind it, of exceptions and gaps; -1: none. */
	int64_t before[EVENT_KINDS], behind[EVENT_KINDS];
	bool newest; /* the last page was asked for as such: it is followed */
};
void page_run(struct html *html, const struct site *site, const struct page_run *page);
/* The rows alone: <tr>s for the page's table. */
void page_run_rows(struct html *html, const struct site *site, const struct page_run *page);

/* What of a file ran. */
struct file_hits {
	int64_t lines; /* that ran */
	int64_t hits;  /* of all lines */
	int64_t calls; /* of its functions */
};

/* Where a jump leads: of JSON alone, a browser is sent there. */
struct page_jump {
	const struct run_info *run;
	int64_t seq, row;
};

struct page_files {
	const struct run_info *run;
	const struct file_info *files;
	struct file_hits *hits; /* one a file */
	size_t count;
};
void page_files(struct html *html, const struct site *site, const struct page_files *page);

struct page_file {
	const struct run_info *run;
	struct page_source source;
	const struct hit_table *hits; /* of this file, sorted */
	const struct line_times *times;
	struct pager pager; /* its lines */
};
void page_file(struct html *html, const struct site *site, const struct page_file *page);

/* An event that a search found. */
struct page_found {
	int64_t seq, time_ns;
	enum event_kind kind;
	int64_t line; /* 0: it is in no function */
	struct slice thread, path, function;
	struct slice what; /* in words: search_hit_text() */
	struct slice variable, value;
};

struct page_search {
	const struct run_info *run;
	struct slice words;  /* as the user has typed them */
	const char *mistake; /* in the words; NULL: none */
	bool backward;
	int64_t from; /* the event that was begun with; -1: the first of all */
	const struct page_found *found;
	size_t count;
	int64_t next; /* where to go on, -1: all has been searched */
	bool hasty;   /* it was left there because of the time */
	int64_t per_page;
};
void page_search(struct html *html, const struct site *site, const struct page_search *page);

/* Where a line ran, or a function was called. */
struct page_hits {
	const struct run_info *run;
	struct page_source source;
	int64_t line;
	enum event_kind kind;        /* EVENT_LINE or EVENT_CALL */
	int64_t hits, calls;         /* how often */
	struct slice variable;       /* whose value is wanted at each; empty: none's */
	const struct row_page *rows; /* one an event, with that value as theirs */
	struct pager pager;
};
void page_hits(struct html *html, const struct site *site, const struct page_hits *page);

struct page_threads {
	const struct run_info *run;
	const struct thread_info *threads;
	size_t count;
};
void page_threads(struct html *html, const struct site *site, const struct page_threads *page);

/* One event with all that is known there. Sequence numbers of other events are -1 where there
 * is none, or none was found near. */
struct page_event {
	const struct run_info *run;
	const struct event *event;
	const struct page_source *sources;
	size_t source_count;
	int64_t over, over_back;   /* the next and last event of the same call */
	int64_t again, again_back; /* the next and last time that its line ran */
	int64_t exception, exception_back;
	int64_t out; /* the next event of its caller */
	/* Up to where the next and the last event of these calls were looked for in vain; -1: all
	 * there is. */
	int64_t looked, looked_back;
	int64_t row; /* the number of the row that it is in */
};
void page_event(struct html *html, const struct site *site, const struct page_event *page);

struct page_tree {
	const struct run_info *run;
	const struct run_info *parent; /* NULL: none, or not here */
	const struct run_list *children;
	const struct run_list *group; /* other runs of its group; NULL: it has none */
};
void page_tree(struct html *html, const struct site *site, const struct page_tree *page);

/* Asks before a run is deleted. */
struct page_delete {
	const struct run_info *run;
};
void page_delete(struct html *html, const struct site *site, const struct page_delete *page);

/* Asks for the server's secret. */
struct page_login {
	struct slice next;   /* path to go on to */
	const char *problem; /* with the secret that was sent; NULL: none was */
};
void page_login(struct html *html, const struct site *site, const struct page_login *page);

void page_about(struct html *html, const struct site *site);
void page_help(struct html *html, const struct site *site);

/* What went wrong, in words, and what the user can do. */
struct page_error {
	int status;
	const char *title;
	struct slice reason;
};
void page_error(struct html *html, const struct site *site, const struct page_error *page);

#endif
