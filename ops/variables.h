/*
 * variables: a table of two columns, Variable and Value, as `show` prints it.
 */
#ifndef SMILEY_OPS_VARIABLES_H
#define SMILEY_OPS_VARIABLES_H

#include "ops/lister.h"

/* NULL: out of memory. */
struct lister *variables_new(void);

/* A row. */
void variables_add(struct lister *lister, const char *name, struct slice value);

/* A row whose value was put together in `text`, which is empty then. */
void variables_add_made(struct lister *lister, const char *name, struct buf *text);

/* A row for each line of the text; only the first has the name. */
void variables_add_lines(struct lister *lister, const char *name, struct slice text);

/* Appends the table and frees it. A lister of NULL is ERR_MEMORY. */
int variables_finish(struct lister *lister, struct buf *out, struct err *err);

#endif
