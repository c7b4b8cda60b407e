/*
 * search: words that say which events are meant. An event has to be meant by all of them:
 *
 *     total            the word is in its line of source, its function's name, its value, or in
 *                      a variable that it changed
 *     var:total        it changed that variable, or set it for the first time
 *     total=7          and gave it this value: as it is shown, or a text without its quotes
 *     total!=7         any other; <, <=, >, >= compare numbers
 *     total~tea        a value that is shown with this in it; total~/t.a$/ by a regular expression
 *     return=7         a value that was given back, in the same ways; so yield~tea
 *     raise=KeyError   an exception of this type, or shown just so; raise~tea
 *     in:parse*        in this function, of which the last parts of the qualified name will do
 *     file:app.py      in this file, of which the end of the path will do
 *     line:12  kind:return
 *
 * in: and file: take patterns with * and ?. Expressions are Perl's, by PCRE2.
 */
#ifndef SMILEY_MATERIALIZER_SEARCH_H
#define SMILEY_MATERIALIZER_SEARCH_H

#include "schemas/err.h"
#include "schemas/event.h"

struct search;

/* Terms with spaces between; quotes ' or " keep spaces in a term, and go. ERR_USAGE says what
 * is wrong with a term, also when there is none. */
int search_parse(struct slice words, struct search **search, struct err *err);

/* The same of terms that are apart already: spaces and quotes count. */
int search_of(char *const *terms, size_t count, struct search **search, struct err *err);
void search_free(struct search *search);

/* What made an event one of those: for who shows it. */
struct search_match {
	const struct local *local; /* owned by the event; NULL: no variable did */
};

/* Whether the event is meant. source is the text of its line, empty where it is not known. */
bool search_meets(struct search *search, const struct event *event, struct slice source,
	struct search_match *match);

/* Whether search_meets() looks at the source: other searches can do without. */
bool search_reads_source(const struct search *search);

/* False: no event of the block of these bytes is meant. Much cheaper than to look at them. */
bool search_may_meet(const struct search *search, struct slice block);

/* The only kind of events that are meant, or EVENT_KINDS: several may be. */
enum event_kind search_kind(const struct search *search);

#endif
