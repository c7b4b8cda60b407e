/*
 * avro_c: what Avro C, which knows nothing of this project, makes of our bytes. For tests
 * and fuzz targets, which include avro_c.c; a difference is said on stderr and aborts.
 *
 * Avro C 1.11 allocates by declared lengths and leaks when it fails: give it only bytes
 * that our own decoder has accepted.
 */
#ifndef SMILEY_TESTS_LIB_AVRO_C_H
#define SMILEY_TESTS_LIB_AVRO_C_H

#include "schemas/block.h"
#include "schemas/item.h"

#include <avro.h>

/* A new value of the schema, read from the whole body. avro_value_decref() it. */
void avro_c_decode(enum schema_id id, struct slice body, avro_value_t *value);

/* Appends the value's bytes. */
void avro_c_encode(avro_value_t *value, struct buf *out);

/* Decodes and encodes again: nothing may change. */
void avro_c_same_bytes(enum schema_id id, struct slice body);

/*
 * Reads the block with Avro C and follows its items by a second, slow and simple
 * understanding of trace_block.avsc; what the cursor says, opened on the same body and
 * known to accept it, must be the same for every event.
 */
void avro_c_same_events(struct slice body, struct block_cursor *cursor);

/* Frees the parsed schemas. */
void avro_c_release(void);

#endif
