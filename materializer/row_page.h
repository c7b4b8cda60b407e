/*
 * row_page: puts the rows of a page together, event by event. Texts are copied, since an
 * event's live only until the next.
 */
#ifndef SMILEY_MATERIALIZER_ROW_PAGE_H
#define SMILEY_MATERIALIZER_ROW_PAGE_H

#include "materializer/query_rows.h"

/* Starts the page; release it whatever follows. */
int row_page_init(struct row_page *page, struct err *err);

/* The next row, begun by this event. */
int row_page_begin(
	struct row_page *page, int64_t number, const struct event *event, struct err *err);

/* One more event of the last row. */
int row_page_extend(struct row_page *page, const struct event *event, struct err *err);

/* To be called when no row follows: before it rows have no lines and changes. */
void row_page_finish(struct row_page *page);

#endif
