/*
 * row_rule: where display rows begin. The pages show a run as rows, one after the other:
 * every event but a line is a row of its own, and lines that follow each other are one.
 *
 * A line goes on with the row before it when that ends in a line of the same call, further
 * up in the file, and no variable known by then has got another value: variables that
 * are new do not part rows. Rows depend on the events and their order alone, not on how
 * blocks cut them, and every view of a run has the same rows.
 */
#ifndef SMILEY_MATERIALIZER_ROW_RULE_H
#define SMILEY_MATERIALIZER_ROW_RULE_H

#include "schemas/event.h"

#include <stdbool.h>

/* What there is to know of the event before. Zeroed: there is none. */
struct row_mark {
	bool is_line;
	int64_t frame;
	int64_t line;
	size_t local_count;
};

/* True when the event begins a row. The mark, of the event before, becomes this one's. */
bool row_begins(struct row_mark *mark, const struct event *event);

#endif
