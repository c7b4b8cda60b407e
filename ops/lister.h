/*
 * lister: a table of cells, printed in the ways that users choose: table, json, csv, yaml,
 * value. Cells are text, whole numbers or nothing. Renders to a buf; control characters in
 * texts come out escaped.
 */
#ifndef SMILEY_OPS_LISTER_H
#define SMILEY_OPS_LISTER_H

#include "schemas/buf.h"
#include "schemas/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lister_format {
	LISTER_TABLE,
	LISTER_JSON,
	LISTER_CSV,
	LISTER_YAML,
	LISTER_VALUE
};
enum lister_quote {
	QUOTE_ALL,
	QUOTE_MINIMAL,
	QUOTE_NONE,
	QUOTE_NONNUMERIC
};

struct lister_column {
	const char *name;
	bool json_only; /* in other formats only when asked for by name */
};

struct lister_settings {
	enum lister_format format;
	const char **columns; /* those wanted, in order; none: all */
	size_t column_count;
	size_t max_width; /* of a table, 0: any */
	bool noindent;
	enum lister_quote quote;
	const char *sort_column; /* NULL: as added */
	bool descending;
};

struct lister;

/* columns (column_count of them) stay borrowed. NULL: out of memory. */
struct lister *lister_new(const struct lister_column *columns, size_t column_count);
void lister_free(struct lister *lister);

/* The cells of the table, row by row. */
void lister_text(struct lister *lister, struct slice text);
void lister_number(struct lister *lister, int64_t number);
void lister_nothing(struct lister *lister);

/* Appends all of it. ERR_USAGE: a column that is not there. */
int lister_render(struct lister *lister, const struct lister_settings *settings, struct buf *out,
	struct err *err);

/* Appends text without control, bidirectional or malformed characters: \n, \x1b, \u202e. */
void lister_escape(struct buf *out, struct slice text);

#endif
