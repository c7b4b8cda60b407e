/*
 * code: lines of a source file as HTML.
 */
#ifndef SMILEY_WEB_CODE_H
#define SMILEY_WEB_CODE_H

#include "schemas/source_text.h"
#include "web/highlight.h"
#include "web/html.h"

#include <stdbool.h>

/* A source to be shown. Borrowed. */
struct source_code {
	struct source_text *text;        /* NULL: it is not there */
	const struct highlight *colours; /* of the whole text; NULL: none */
};

/* The first line of what belongs in front of a statement: the comment right above it, or
 * above one blank line; `line` itself when there is none. */
int64_t code_comment_start(struct source_text *source, int64_t line);

/* A statement: the lines from the first to the last of `lines` (rising), with the comment
 * in front; those that ran are marked when others are between. Lines are left out, and it
 * says so, where many did not run, and when the page grows beyond `limit` bytes. */
void code_statement(struct html *html, const struct source_code *code, const int64_t *lines,
	size_t count, size_t limit);

/* One line's text, cut when it is very long; without colours when `plain`. */
void code_line(struct html *html, const struct source_code *code, int64_t line, bool plain);

#endif
