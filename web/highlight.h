/*
 * highlight: which parts of a Python source are keywords, strings and so on, found by
 * tree-sitter with its grammar of Python. What is no Python is coloured as far as it reads as
 * some; a source that is too large, or takes too long, is not.
 *
 * Not shared between threads; the same text gives the same spans.
 */
#ifndef SMILEY_WEB_HIGHLIGHT_H
#define SMILEY_WEB_HIGHLIGHT_H

#include "schemas/buf.h"

enum highlight_class {
	HIGHLIGHT_NONE,
	HIGHLIGHT_KEYWORD,
	HIGHLIGHT_STRING,
	HIGHLIGHT_COMMENT,
	HIGHLIGHT_NUMBER,
	HIGHLIGHT_CONSTANT,
	HIGHLIGHT_FUNCTION,
	HIGHLIGHT_TYPE,
	HIGHLIGHT_DECORATOR,
	HIGHLIGHT_CLASSES
};

/* Bytes of the text. Spans rise, do not overlap, and may go over the ends of lines. */
struct highlight_span {
	uint32_t start, end;
	enum highlight_class class;
};

struct highlight {
	struct highlight_span *spans;
	size_t count;
};

/* The text is UTF-8 and no longer needed afterwards. NULL: it is not to be coloured. */
struct highlight *highlight_new(struct slice text);
void highlight_free(struct highlight *highlight);

/* The place in spans of the first that ends behind the offset; count: none. */
size_t highlight_find(const struct highlight *highlight, size_t offset);

#endif
