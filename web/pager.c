#include "web/pager.h"

#define ALL_SHOWN 7   /* so many pages are all linked to */
#define END_SHOWN 5   /* near an end, so many from that end */
#define MIDDLE_SIDE 2 /* else so many on either side */

const int64_t pager_sizes[] = {5, 10, 20, 50, 100, 0};

static int64_t bounded(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

struct pager pager_make(int64_t total, int64_t page, int64_t per_page)
{
	return pager_of_size(total, page,
		per_page <= 0 ? PER_PAGE_DEFAULT : bounded(per_page, PER_PAGE_MIN, PER_PAGE_MAX));
}

struct pager pager_of_size(int64_t total, int64_t page, int64_t per_page)
{
	struct pager pager = {.total = total, .per_page = per_page};

	pager.pages = total / pager.per_page + (total % pager.per_page != 0);
	if (pager.pages == 0)
		pager.pages = 1;
	pager.page = bounded(page, 1, pager.pages);
	return pager;
}

int64_t pager_first(const struct pager *pager)
{
	return (pager->page - 1) * pager->per_page;
}

size_t pager_ranges(const struct pager *pager, struct pager_range ranges[3])
{
	int64_t page = pager->page, last = pager->pages;

	if (last <= ALL_SHOWN) {
		ranges[0] = (struct pager_range){1, last};
		return 1;
	}
	if (page <= END_SHOWN) {
		ranges[0] = (struct pager_range){1, END_SHOWN};
		ranges[1] = (struct pager_range){last, last};
		return 2;
	}
	ranges[0] = (struct pager_range){1, 1};
	if (page >= last - END_SHOWN + 1) {
		ranges[1] = (struct pager_range){last - END_SHOWN + 1, last};
		return 2;
	}
	ranges[1] = (struct pager_range){page - MIDDLE_SIDE, page + MIDDLE_SIDE};
	ranges[2] = (struct pager_range){last, last};
	return 3;
}
