/*
 * layout: what all pages share: head, navigation, breadcrumbs, a run's tabs, the pager.
 */
#ifndef SMILEY_WEB_LAYOUT_H
#define SMILEY_WEB_LAYOUT_H

#include "materializer/query.h"
#include "web/pager.h"
#include "web/site.h"

enum tab {
	TAB_NONE,
	TAB_DETAILS,
	TAB_SEARCH,
	TAB_FILES,
	TAB_THREADS,
	TAB_STATS,
	TAB_GRAPH,
	TAB_FLAME,
	TAB_TREE
};

struct layout {
	const char *title;          /* of the page */
	const struct run_info *run; /* that it is about; NULL: none */
	enum tab tab;
	struct slice leaf; /* the last breadcrumb behind the tab's; empty: none */
};

void layout_begin(struct html *html, const struct site *site, const struct layout *layout);
void layout_end(struct html *html, const struct site *site);

/* A run's state as a word with a colour. */
void layout_state(struct html *html, const struct run_info *run);

/* Links to other pages; link() writes the URL of one. */
struct layout_pager {
	const struct pager *pager;
	const char *label; /* what is paged, for who cannot see it */
	void (*link)(struct html *html, const void *context, int64_t page, int64_t per_page);
	const void *context;
	bool sizes; /* offer other page sizes */
	/* Pages from first to last are there, others named only; 0: all are. */
	int64_t first, last;
};
void layout_pager(struct html *html, const struct layout_pager *pager);

/* The path below the run's directory; the whole when it is not there. */
struct slice layout_path(const struct run_info *run, struct slice path);

#endif
