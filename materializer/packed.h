/*
 * packed: values as the store keeps them, made smaller once, before they are written anywhere: the
 * write-ahead log, the memory tables and the table files all get these bytes.
 *
 * The first byte tells how: PACKED_PLAIN, the value itself follows; PACKED_LZ4, the length
 * that it comes to (4 bytes, little-endian), then one LZ4 block. The same value always gives the
 * same bytes within one version of LZ4; what readers see of it does not depend on that.
 */
#ifndef SMILEY_MATERIALIZER_PACKED_H
#define SMILEY_MATERIALIZER_PACKED_H

#include "schemas/buf.h"

/* Replaces what is in packed; packed->failed when there is no memory. */
void packed_make(struct slice value, struct buf *packed);

/* The value of packed bytes, in themselves or in `room`. False: they are none, or no memory. */
bool packed_open(struct slice packed, struct buf *room, struct slice *value);

#endif
