/*
 * block_skim_internal: the state of a block_skimmer, shared by block_skim.c (reads items),
 * block_skim_lines.c (lines in a row), block_skim_state.c (threads, frames, names of locals)
 * and block_skim_slow.c (the cursor's events as a skim).
 *
 * The fast way knows blocks as the tracer writes them. What is rare or wrong makes a function
 * return NULL or false, "odd": then the cursor reads the block from its begin and decides. So
 * nothing here reports an error, but nothing may be accepted that the cursor refuses.
 */
#ifndef SMILEY_SCHEMAS_BLOCK_SKIM_INTERNAL_H
#define SMILEY_SCHEMAS_BLOCK_SKIM_INTERNAL_H

#include "schemas/avro.h"
#include "schemas/block_skim.h"
#include "schemas/id_map_internal.h"

/* Of 64 locals, a bit each, by their number in the block. */
struct local_bits {
	uint64_t present;   /* has a value */
	uint64_t container; /* which is one, so that a Resize is right */
	uint64_t changed;   /* by the frame's latest event */
	uint64_t removed;   /* the same, taken away by a Change */
};

/* A frame on a stack or suspended. */
struct skim_live {
	struct skim_live *spare;  /* the next one that is not in use */
	struct skim_stack *stack; /* NULL: suspended */
	int64_t id;
	int64_t line;
	uint32_t slot; /* its place in all */
	uint32_t code;
	uint32_t entry;                     /* in frames */
	uint32_t present, changed, removed; /* bits set in all words */
	uint32_t words;
	struct local_bits *bits; /* owned */
};

struct skim_stack {
	struct skim_live **items; /* owned array of borrowed frames */
	size_t count, cap;
	size_t hidden;
	uint32_t entry; /* in threads */
};

struct block_skimmer {
	const uint8_t *end;
	int64_t time_ns;                          /* of the last event */
	struct skim_event *events, *next, *limit; /* owned; the next free one; behind the last */
	struct skim_event *open;  /* the event that items may still belong to; NULL: none */
	struct skim_live *target; /* whose locals the next items are about; NULL: nobody's */
	struct skim_stack *stack; /* of the current thread; NULL: none yet */
	bool leaving, suspends;   /* the open event's frame leaves its stack; and is kept */

	struct slice *names; /* owned */
	uint32_t *locals;    /* owned, by name: number as a local + 1, 0: none yet */
	size_t name_count, name_cap, local_cap;
	uint32_t *interned; /* owned: open addressing, name's index + 1, 0: empty */
	size_t interned_cap, interned_count;
	uint32_t *local_names; /* owned: name's index, by number */
	size_t local_name_cap;

	struct code *codes;
	struct skim_frame *frames;
	struct skim_thread *threads;
	size_t code_count, code_cap, frame_count, frame_cap, thread_count, thread_cap;
	const uint8_t *code_end; /* behind the last Code, or its Cost; NULL: none yet */

	/* aheads[ahead_count] is that of the next event, when `ahead` says there is something. */
	struct skim_ahead *aheads;
	struct builtin_calls *builtins;
	size_t ahead_count, ahead_cap, builtin_count, builtin_cap;
	bool ahead;

	struct skim_live **all; /* owned */
	size_t all_count, all_cap, bits_bytes;
	struct skim_live *spare;
	uint32_t *called; /* by event: slot + 1 of the frame that this call made, 0: none */
	size_t called_cap, event_cap;
	struct id_map stated;       /* id to frame, of frames that were called before the block */
	struct id_map numbers;      /* of threads to stacks */
	struct skim_stack **stacks; /* owned */
	size_t stack_count, stack_cap, stacks_used;

	struct block_cursor *cursor; /* NULL: not needed yet */
	int64_t slow_blocks;
	struct block_skim skim;
};

/* Begins a block: forgets all of the one before. */
bool skim_begin(struct block_skimmer *s, const struct block_head *head);
/* Ends one: what it came to is in s->skim. */
void skim_finish(struct block_skimmer *s);
void skim_release(struct block_skimmer *s);

/* The number of a name as a local, plus one: the same text has the same one. 0: odd. */
uint32_t skim_intern(struct block_skimmer *s, size_t name);

/* Room for the local of this number. */
bool skim_widen(struct block_skimmer *s, struct skim_live *frame, size_t words);

struct skim_live *skim_find(const struct block_skimmer *s, int64_t id);
/* A new frame, suspended, without locals; its id is not in use. NULL: odd. */
struct skim_live *skim_frame_new(struct block_skimmer *s, int64_t id);
/* Puts a suspended frame on the current stack, with a new entry. */
bool skim_push(struct block_skimmer *s, struct skim_live *frame);
/* A frame that has left its stack for good. */
void skim_forget(struct block_skimmer *s, struct skim_live *frame);
/* States a thread, which must be new in the block, and makes it current. */
bool skim_thread(struct block_skimmer *s, int64_t number, struct slice name, size_t hidden);

/* What stands before the next event, to be filled in; NULL: odd. */
struct skim_ahead *skim_ahead(struct block_skimmer *s);
bool skim_builtin(struct block_skimmer *s, struct slice name, int64_t calls, int64_t ns);

/* Reads lines of the frame on top and the locals that they change from `at`, where the Line of the
 * first of them is, takes what it read off *left and returns the place behind: nothing is read, and
 * nothing has changed, where that is not simple. No event may be open. */
const uint8_t *skim_lines(struct block_skimmer *s, const uint8_t *at, int64_t *left);

bool skim_widen_array(void *array, size_t *cap, size_t need, size_t bytes);

/* Makes an array, the pointer to which is at `array`, at least `need` elements long. */
static inline bool skim_grow(void *array, size_t *cap, size_t need, size_t bytes)
{
	return need <= *cap || skim_widen_array(array, cap, need, bytes);
}

/* By the cursor: fills in s->skim. */
int skim_slowly(struct block_skimmer *s, struct slice body, struct err *err);

#endif
