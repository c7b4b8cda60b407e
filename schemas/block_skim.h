/*
 * block_skim: a whole block at once, without its values: what sums, counts and indexes over
 * events need, several times faster than a block_cursor. It accepts just the blocks that the
 * cursor accepts, refuses the others with the cursor's words, and says of each event what
 * the cursor says; only readers who show values need the cursor.
 *
 * The events of a block are one array, so that who derives something from them loops
 * over it: see materializer/fold_block.c. Event i has the sequence number
 * head.first_seq + i.
 */
#ifndef SMILEY_SCHEMAS_BLOCK_SKIM_H
#define SMILEY_SCHEMAS_BLOCK_SKIM_H

#include "schemas/block.h"

#define SKIM_NONE UINT32_MAX /* no frame, no thread */

struct skim_event {
	int64_t time_ns;  /* since 1970 UTC */
	int64_t line;     /* 0 without a frame */
	uint32_t frame;   /* index in frames; SKIM_NONE for thread, task, gap */
	uint32_t thread;  /* index in threads; SKIM_NONE only for a gap before any thread */
	uint32_t locals;  /* that have a value in the frame, now */
	uint32_t removed; /* of them names that lost their value with this event */
	uint32_t changed; /* locals that the event changed, or set for the first time */
	uint8_t kind;     /* enum event_kind */
};

/* One frame may have several entries, with one id: each time that it is called, stated or
 * resumed it has another. The same goes for threads, of one number, and codes. */
struct skim_frame {
	int64_t id;      /* sequence number of its call event */
	uint32_t code;   /* index in codes */
	uint32_t depth;  /* recorded frames below it on its thread's stack, hidden ones included */
	uint32_t caller; /* index in frames; SKIM_NONE: none, or hidden. Not with by_cursor */
};

struct skim_thread {
	int64_t number;
	struct slice name;
};

/* What stood before an event (struct event has the same fields); most events have none. */
struct skim_ahead {
	uint32_t event; /* index in events */
	int64_t pause_ns;
	struct slice through;
	size_t builtin, builtin_count; /* its builtins: from this index in builtins on */
};

/* Everything is owned by the skimmer, names lie in the block. */
struct block_skim {
	struct block_head head;
	const struct skim_event *events; /* head.event_count of them */
	const struct skim_frame *frames;
	const struct skim_thread *threads;
	const struct code *codes;
	const struct skim_ahead *aheads; /* in the order of their events */
	const struct builtin_calls *builtins;
	size_t frame_count, thread_count, code_count, ahead_count;
	bool by_cursor; /* the block had to be read by the cursor */
};

struct block_skimmer;

struct block_skimmer *block_skimmer_new(void); /* NULL: out of memory */
void block_skimmer_free(struct block_skimmer *skimmer);

/* Reads the block; *skim is valid until the next read, as long as body is. ERR_FORMAT when
 * the bytes are not a block. Memory is bounded by a multiple of the largest block. */
int block_skimmer_read(struct block_skimmer *skimmer, struct slice body,
	const struct block_skim **skim, struct err *err);

/* How many blocks have had to be read by the cursor: those that are wrong, and those in which
 * a thread or a frame is stated twice or which have very many frames and locals. */
int64_t block_skimmer_slow_blocks(const struct block_skimmer *skimmer);

/* The same by the cursor alone, which is slow: what every other way must come to. For tests. */
int block_skimmer_read_slowly(struct block_skimmer *skimmer, struct slice body,
	const struct block_skim **skim, struct err *err);

#endif
