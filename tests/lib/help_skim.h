/*
 * help_skim: reads a block by the skim's fast way and by its slow one, the cursor.
 */
#ifndef SMILEY_TESTS_LIB_HELP_SKIM_H
#define SMILEY_TESTS_LIB_HELP_SKIM_H

#include "schemas/block_skim.h"

struct skim_pair {
	struct block_skimmer *fast, *slow;
};

void skim_pair_init(struct skim_pair *pair); /* out of memory aborts */
void skim_pair_release(struct skim_pair *pair);

/* Reads it both ways. NULL: both say the same, *rc is what they returned. Else in what they
 * differ; *event is where, -1: in whether it is a block. */
const char *skim_pair_differs(struct skim_pair *pair, struct slice body, int *rc, int64_t *event);

#endif
