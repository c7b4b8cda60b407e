/*
 * html: writes HTML to a buf. There are two types, and the compiler keeps them apart: markup,
 * which can only be made of a literal in our sources, goes out as it is; text, a slice
 * from wherever, goes through the one escaper.
 *
 *     html_put(html, MARKUP("<td title=\""));
 *     html_text(html, path);
 *     html_put(html, MARKUP("\">"));
 *
 * Text is as safe between tags as in an attribute's double quotes. Control characters and
 * those that turn the direction of text come out visible (\x1b, \u202e), what is not UTF-8
 * as U+FFFD; line ends and tabs stay.
 */
#ifndef SMILEY_WEB_HTML_H
#define SMILEY_WEB_HTML_H

#include "schemas/buf.h"

#include <stdint.h>

struct html {
	struct buf *out; /* borrowed; whether memory ran out is in it */
};

struct markup {
	const char *bytes;
	size_t len;
};

/* Refuses what is no string literal. */
#define MARKUP_INIT(literal)                       \
	{                                          \
		"" literal "", sizeof(literal) - 1 \
	} /* in tables */
#define MARKUP(literal) ((struct markup)MARKUP_INIT(literal))

void html_put(struct html *html, struct markup markup);
void html_text(struct html *html, struct slice text);
void html_word(struct html *html, const char *text);
void html_number(struct html *html, int64_t number);
/* With a thin space between thousands. */
void html_count(struct html *html, int64_t number);

/* As html_text(), cut behind `max` bytes with an ellipsis. True: it was cut. */
bool html_text_cut(struct html *html, struct slice text, size_t max);
/* The same of a path or a dotted name, which a browser may break behind that character. */
bool html_parts_cut(struct html *html, struct slice name, char behind, size_t max);

/* `2026-11-22 20:50:37.503`, local time, in a <time> element; nothing for 0. */
void html_time(struct html *html, int64_t time_ns);
/* The same without the date where it is that of the other time. */
void html_time_after(struct html *html, int64_t time_ns, int64_t other_ns);
/* Time since something, to the microsecond: `+0.513204 s`. */
void html_since(struct html *html, int64_t since_ns);
/* `0.513 s`, `2 min 3 s`. */
void html_duration(struct html *html, int64_t duration_ns);

/* A path, or one part of a URL's query: percent-encoded; '/' stays as it is. */
void html_url_text(struct html *html, struct slice text);

#endif
