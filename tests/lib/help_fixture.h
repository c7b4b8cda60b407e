/*
 * help_fixture: what tests of the block cursor start from. Each gets a block that defines
 * names a to d and code f at line 10, and a cursor.
 */
#ifndef SMILEY_TESTS_LIB_HELP_FIXTURE_H
#define SMILEY_TESTS_LIB_HELP_FIXTURE_H

#include "schemas/block.h"
#include "tests/lib/help_block.h"

/* One block being written, and the cursor that reads it. */
struct fixture {
	struct build build;
	struct buf body;
	struct block_cursor *cursor;
	struct err err;
	const struct event *event;
	int64_t name[4]; /* a b c d */
	int64_t code;    /* f at line 10 */
};

/* For cmocka_unit_test_setup_teardown(). */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Thread 0, named d, with an empty stack. */
void fixture_thread(struct fixture *f);

#endif
