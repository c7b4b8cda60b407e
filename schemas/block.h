/*
 * block: reads TraceBlock messages, and cuts them.
 *
 * A block is bytes from outside: every function here checks bounds, accepts just what
 * trace_block.avsc allows, and never allocates by a declared length.
 */
#ifndef SMILEY_SCHEMAS_BLOCK_H
#define SMILEY_SCHEMAS_BLOCK_H

#include "schemas/buf.h"
#include "schemas/err.h"
#include "schemas/event.h"
#include "schemas/run_id.h"

struct block_head {
	struct run_id run;
	int64_t first_seq;
	int64_t event_count;
	int64_t base_ns;
	int64_t item_count;
	struct slice items; /* encoded items, without the array's count and end */
};

/* Reads the head of a TraceBlock body (the message without its 5 header bytes). The items
 * array must be one Avro block (as every known writer but Java's blocking encoder makes);
 * the items themselves are not looked at. head->items points into body. */
int block_head_parse(struct slice body, struct block_head *head, struct err *err);

/* The checks of counts that every block has to pass; block_head_parse() and the cursor make
 * them. */
int block_head_check(const struct block_head *head, struct err *err);

/* Appends a whole message (wire header and body) for these items. */
void block_encode(const struct block_head *head, struct buf *message);

/*
 * block_cursor: walks the events of a block and keeps the state they build: threads,
 * stacks, frames, locals. One cursor serves any number of blocks, one after the other;
 * its memory is bounded by the largest of them.
 */
struct block_cursor;

struct block_cursor *block_cursor_new(void); /* NULL: out of memory */
void block_cursor_free(struct block_cursor *cursor);

/* Starts a block; body stays borrowed until the next open or free. All state of the
 * block before is forgotten: a block decodes alone. */
int block_cursor_open(struct block_cursor *cursor, struct slice body, struct err *err);

/* As block_cursor_open() for items that are still in a spool: head as the tracer wrote it. */
int block_cursor_open_items(
	struct block_cursor *cursor, const struct block_head *head, struct err *err);

/* 1: *event is the next event, owned by the cursor until its next step. 0: the block is
 * at its end. Negative: the bytes are not a block (ERR_FORMAT). */
int block_cursor_next(struct block_cursor *cursor, const struct event **event, struct err *err);

/* How many bytes and items of head->items have been read so far. */
size_t block_cursor_offset(const struct block_cursor *cursor);
int64_t block_cursor_items(const struct block_cursor *cursor);

/* The time of the last event read; base_ns before the first: the base_ns of a block that
 * goes on here. */
int64_t block_cursor_time_ns(const struct block_cursor *cursor);

/*
 * After any number of steps: appends to `items` what a new block needs stated before the
 * rest of this block's items can follow in it unchanged: all names and codes so far in
 * their order, every thread, frame and local known, suspended frames included, the
 * current thread last. Adds their number to *item_count. So a shipper may cut a block
 * that is still being written wherever an event ends.
 */
int block_cursor_restate(
	struct block_cursor *cursor, struct buf *items, int64_t *item_count, struct err *err);

#endif
