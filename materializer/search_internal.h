/*
 * search's inside, shared by search.c (which events are meant) and search_terms.c (what is asked).
 */
#ifndef SMILEY_MATERIALIZER_SEARCH_INTERNAL_H
#define SMILEY_MATERIALIZER_SEARCH_INTERNAL_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "materializer/search.h"

#define TERMS_MAX 32

enum subject {
	SUBJECT_ANY, /* a word anywhere */
	SUBJECT_VARIABLE,
	SUBJECT_VALUE, /* of an event of the term's kind */
	SUBJECT_FUNCTION,
	SUBJECT_FILE,
	SUBJECT_LINE,
	SUBJECT_KIND,
};

enum comparison {
	COMPARE_NOT, /* there is nothing to compare with */
	COMPARE_EQUAL,
	COMPARE_UNEQUAL,
	COMPARE_LESS,
	COMPARE_LESS_EQUAL,
	COMPARE_MORE,
	COMPARE_MORE_EQUAL,
	COMPARE_HAS,
	COMPARE_MATCHES,
};

struct term {
	enum subject subject;
	enum comparison comparison;
	enum event_kind kind;
	struct slice name; /* of a variable: in text */
	const char *word;  /* what it is compared with: in text */
	size_t word_len;
	double number; /* the same as a number, or that of a line */
	pcre2_code *regex;
	char *text;    /* owned */
	char *pattern; /* of fnmatch(), owned: the word behind a star and what separates it */
};

struct search {
	struct term terms[TERMS_MAX];
	size_t count;
	struct buf shown; /* a value's text */
	pcre2_match_data *matched;
	pcre2_match_context *limits;
};

#endif
