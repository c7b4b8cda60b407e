/*
 * help_record: random run records, as messages.
 */
#ifndef SMILEY_TESTS_LIB_HELP_RECORD_H
#define SMILEY_TESTS_LIB_HELP_RECORD_H

#include "schemas/message.h"
#include "tests/lib/help_block.h"

/* Appends one message of this schema, TraceBlock included. */
void random_message(enum schema_id id, uint64_t seed, struct buf *message);

/* Decodes a run record (not a TraceBlock) and appends what encoding it again gives. */
int record_again(enum schema_id id, struct slice body, struct buf *message, struct err *err);

#endif
