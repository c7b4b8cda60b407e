/*
 * lister_internal: the table as its printers see it.
 */
#ifndef SMILEY_OPS_LISTER_INTERNAL_H
#define SMILEY_OPS_LISTER_INTERNAL_H

#include "ops/lister.h"

enum cell_kind {
	CELL_NOTHING,
	CELL_TEXT,
	CELL_NUMBER
};

struct cell {
	enum cell_kind kind;
	int64_t number;
	char *text; /* owned, its length in number */
};

/* What is to be printed: columns picked, rows in order. */
struct lister_view {
	const char **names;
	size_t width;        /* columns */
	struct cell ***rows; /* rows[row][column] */
	size_t height;
};

void lister_print_table(const struct lister_view *view, size_t max_width, struct buf *out);
void lister_print_json(const struct lister_view *view, bool noindent, struct buf *out);
void lister_print_csv(const struct lister_view *view, enum lister_quote quote, struct buf *out);
void lister_print_yaml(const struct lister_view *view, struct buf *out);
void lister_print_value(const struct lister_view *view, struct buf *out);

#endif
