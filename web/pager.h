/*
 * pager: which page of how many, with the original's bounds: 5 to 100 items a page, 20
 * when nothing sensible is asked for, pages from 1 to the last.
 */
#ifndef SMILEY_WEB_PAGER_H
#define SMILEY_WEB_PAGER_H

#include <stddef.h>
#include <stdint.h>

#define PER_PAGE_MIN 5
#define PER_PAGE_MAX 100
#define PER_PAGE_DEFAULT 20

extern const int64_t pager_sizes[]; /* what is offered, 0 behind the last */

struct pager {
	int64_t total; /* items */
	int64_t per_page;
	int64_t page;  /* from 1 */
	int64_t pages; /* at least 1, so that every link leads somewhere */
};

/* per_page and page as the user asks, 0: nothing sensible. */
struct pager pager_make(int64_t total, int64_t page, int64_t per_page);

/* The same for pages of any size. */
struct pager pager_of_size(int64_t total, int64_t page, int64_t per_page);

/* The number of the page's first item, from 0. */
int64_t pager_first(const struct pager *pager);

/* The pages to be linked to, as ranges with gaps between: fills up to three of them and
 * returns how many. */
struct pager_range {
	int64_t first, last;
};
size_t pager_ranges(const struct pager *pager, struct pager_range ranges[3]);

#endif
