/*
 * page_profile: the pages of where a run's time went. As all pages (web/page.h), from structs to
 * HTML and JSON, without I/O.
 */
#ifndef SMILEY_WEB_PAGE_PROFILE_H
#define SMILEY_WEB_PAGE_PROFILE_H

#include "materializer/call_graph.h"
#include "materializer/profile_text.h"
#include "web/flame.h"
#include "web/graph_layout.h"
#include "web/json_page.h"

/* What all of them show something of. */
struct page_profile {
	const struct run_info *run;
	const struct profile *profile;
	const struct page_source *sources; /* of files: no texts */
	size_t source_count;
};

/* Functions in a table. */
struct page_stats {
	struct page_profile part;
	const struct profile_list *list; /* sorted, and what the filter left */
	struct slice filter;             /* as the user has set it */
	struct pager pager;
};
void page_stats(struct html *html, const struct site *site, const struct page_stats *page);
void json_stats(struct json *json, const struct page_stats *page);

/* Who calls whom. */
struct page_graph {
	struct page_profile part;
	const struct call_graph *graph;
	const struct graph_layout *layout; /* NULL: there is none */
	struct graph_limits limits;        /* as asked for */
	bool full;                         /* not made to fit into the window */
};
void page_graph(struct html *html, const struct site *site, const struct page_graph *page);
void json_graph(struct json *json, const struct page_graph *page);

/* Time by path of calls. */
struct page_flame {
	struct page_profile part;
	const struct flame *flame;
	uint32_t root;         /* the node that it shows; PROFILE_NONE: all */
	bool icicle;           /* callers above */
	const uint32_t *zooms; /* in a report: the nodes that have a page */
	size_t zoom_count;
};
void page_flame(struct html *html, const struct site *site, const struct page_flame *page);
void json_flame(struct json *json, const struct page_flame *page);

/* How many characters a node's label has, of call_graph's nodes; of all edges' labels. */
size_t page_graph_chars(const struct call_graph *graph, size_t node);
#define PAGE_GRAPH_EDGE_CHARS 8

/* A part for each of the three: the empty one's words, and how complete a profile is. True: there
 * is something to show. */
bool part_profile(struct html *html, const struct page_profile *part);

/* Which thread's profile, a field of a form; nothing where there is but one. */
void part_profile_thread(struct html *html, const struct page_profile *part);
/* The same in a URL, behind other fields. */
void part_link_thread(struct html *html, const struct page_profile *part);

/* A function's name with a link to its source, if that is there. */
void part_function(struct html *html, const struct site *site, const struct page_profile *part,
	const struct profile_function *function);

/* `12.50 %` */
void part_share(struct html *html, double share);

#endif
