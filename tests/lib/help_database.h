/*
 * help_database: a database below a directory of its own, with its log and who asks it: what
 * tests of the fold and of questions start from. What fails fails the test.
 */
#ifndef SMILEY_TESTS_LIB_HELP_DATABASE_H
#define SMILEY_TESTS_LIB_HELP_DATABASE_H

#include "materializer/database.h"
#include "materializer/query.h"
#include "tests/lib/help_run.h"

struct fixture {
	char *dir;
	struct database_paths paths;
	struct log *log;
	struct query *query; /* NULL before publish() */
	struct told told;    /* to be published */
	struct buf out;      /* what a sink was told */
	struct err err;
};

/* For cmocka_unit_test_setup_teardown(). */
int database_setup(void **state);
int database_teardown(void **state);

/* Fails the test with f->err when rc is negative. */
void good(const struct fixture *f, int rc);

/* Appends what was told to the log, and forgets it. */
void append(struct fixture *f);

/* The same, folds it, and opens the query or brings it up to date. */
void publish(struct fixture *f);

#endif
