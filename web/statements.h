/*
 * statements: which lines of a Python source could run: what a report of coverage is made of. They
 * are those that coverage.py finds in the code that CPython 3.11 compiles, found here by
 * tree-sitter's grammar, so that no Python is needed to read a run.
 *
 * A statement is a line as Python means it: its first physical line stands for all of them. What
 * compiles to nothing is none (else, docstrings, global), what can never be reached neither.
 */
#ifndef SMILEY_WEB_STATEMENTS_H
#define SMILEY_WEB_STATEMENTS_H

#include "schemas/buf.h"

#include <stdbool.h>

/* Lines count from 1. */
struct statement {
	uint32_t first, last;
	bool counts; /* false: a docstring, which may run but is no statement */
};

/* A def, by the line that its code object begins with: its first decorator's. */
struct statement_function {
	uint32_t line;
	struct slice name; /* with those of the classes and functions that it is in; owned */
};

struct statements {
	struct statement *list; /* rising, not overlapping */
	size_t count;
	struct statement_function *functions; /* by line */
	size_t function_count;
};

/* The text is UTF-8 and no longer needed afterwards. NULL: it could not be read, or there is no
 * grammar. */
struct statements *statements_new(struct slice text);
void statements_free(struct statements *statements);

#endif
