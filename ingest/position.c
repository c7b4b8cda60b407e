#include "ingest/log.h"

#include <string.h>

/* Implementations write positions so that their bytes sort as the log does. */
int position_compare(const struct position *a, const struct position *b)
{
	size_t common = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->bytes, b->bytes, common);

	if (order != 0)
		return order < 0 ? -1 : 1;
	return (a->len > b->len) - (a->len < b->len);
}
