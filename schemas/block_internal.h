/*
 * block_internal: the state of a block_cursor, shared by block_cursor.c (reads items),
 * block_state.c (threads and frames), block_locals.c (locals), block_splice.c and block_restate.c.
 *
 * Names, codes and values are slices into the block's bytes; only a value that a Resize or a
 * Splice has changed is a copy, in the arena. Everything that has been allocated is used
 * again for the next block. No size here is taken from the bytes: tables grow as items
 * arrive, so memory is bounded by a multiple of the block's size.
 */
#ifndef SMILEY_SCHEMAS_BLOCK_INTERNAL_H
#define SMILEY_SCHEMAS_BLOCK_INTERNAL_H

#include "schemas/avro.h"
#include "schemas/block.h"
#include "schemas/id_map_internal.h"
#include "schemas/value.h"

struct cursor_frame {
	struct frame frame;           /* as events show it */
	size_t code;                  /* index of its code */
	struct cursor_thread *thread; /* whose stack it is on; NULL: suspended */
	size_t position;              /* on that stack, from the bottom */
	size_t live_at;               /* where it is in cursor->live */
	/* locals[0, sorted) are in order and without doubles, locals[sorted, count) are as
	 * they came: locals_settle() joins them. One whose value has no bytes is a hole: unset
	 * by this event, `changed` if by a Change. Owned. */
	struct local *locals;
	size_t sorted, count, cap, holes;
	size_t changed_from, changed_to; /* outside of it no local's `changed` is set */
	struct slice *removed;           /* owned */
	size_t removed_count, removed_cap;
};

struct cursor_thread {
	struct thread thread; /* as events show it */
	size_t name;          /* index of its name */
	size_t hidden;
	struct cursor_frame **stack; /* owned array of borrowed frames */
	size_t count, cap;
};

struct frame_list {
	struct cursor_frame **items;
	size_t count, cap;
};

struct thread_list {
	struct cursor_thread **items;
	size_t count, cap;
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, cap;
	uint8_t bytes[];
};

struct block_cursor {
	struct block_head head;
	struct avro_in in;
	int64_t items, events; /* read so far */
	int64_t time_ns;       /* of the last event */
	int failed;            /* 0, or the code that every further step returns */

	struct name_table names;
	struct slice *name_slices; /* = names.names, owned */
	size_t *hints;             /* by name: where in a frame's locals it was last found */
	size_t name_cap, hint_cap;
	struct code *codes;
	size_t code_count, code_cap;
	int64_t code_item; /* which item the last Code, or its Cost, is */
	/* What stands before the next event and tells of it. */
	int64_t pause_ns;
	struct slice through;
	struct builtin_calls *builtins; /* owned */
	size_t builtin_count, builtin_cap;
	bool builtins_told; /* they are the last event's */

	struct frame_list live;       /* owned: on a stack or suspended */
	struct frame_list spare;      /* owned: of blocks before */
	struct thread_list threads;   /* owned */
	size_t thread_count;          /* how many of them this block has stated */
	struct id_map frame_ids;      /* id to struct cursor_frame, the live ones */
	struct id_map thread_ids;     /* number to struct cursor_thread */
	struct cursor_thread *thread; /* current; NULL: none yet */
	struct cursor_frame *target;  /* whose locals the next items are about; NULL: nobody's */
	struct cursor_frame *leaving; /* off its stack with the next step; NULL: none */
	bool leaving_suspends;        /* it is kept as suspended then */

	struct arena_chunk *arena;
	struct local *scratch;
	size_t scratch_cap;
	struct event event;
};

/* Makes *array, of *cap elements of `bytes`, at least `need` elements long. */
int cursor_grow(void **array, size_t *cap, size_t need, size_t bytes, struct err *err);

/* ERR_FORMAT with the place in the block in front of `what`. */
int cursor_bad(const struct block_cursor *cursor, const char *what, struct err *err);

/* Room for len bytes until the next block; NULL: out of memory. */
uint8_t *cursor_arena(struct block_cursor *cursor, size_t len);

/* Threads and frames (block_state.c). */

/* Forgets everything that the block before has stated. */
void state_clear(struct block_cursor *cursor);
void state_free(struct block_cursor *cursor);
/* States thread `number`, with an empty stack: what was on it is suspended. *thread is it. */
int state_thread(struct block_cursor *cursor, int64_t number, struct cursor_thread **thread,
	struct err *err);
/* A new frame without locals, suspended. The id is not in use. */
int state_frame(
	struct block_cursor *cursor, int64_t id, struct cursor_frame **frame, struct err *err);
void state_set_code(struct block_cursor *cursor, struct cursor_frame *frame, size_t code);
/* Puts a suspended frame on top of the current thread's stack. */
int state_push(struct block_cursor *cursor, struct cursor_frame *frame, struct err *err);
/* Takes a frame, and those above it, off its stack: they are suspended. */
void state_suspend(struct cursor_frame *frame);
/* Forgets a suspended frame. */
void state_forget(struct block_cursor *cursor, struct cursor_frame *frame);

/* Locals of one frame (block_locals.c). A name is given by its index. */

/* Sets a local; `changed` only adds the flag. */
int locals_set(struct block_cursor *cursor, struct cursor_frame *frame, size_t name,
	struct slice value, bool changed, struct err *err);
/* Takes a local away, if it is there; `changed` lists it as removed. */
int locals_unset(struct block_cursor *cursor, struct cursor_frame *frame, size_t name, bool changed,
	struct err *err);
/* Changes a container's length, and items that it shows. ERR_FORMAT when the local is none. */
struct splice {
	int64_t length;
	int64_t at, drop; /* not negative */
	int64_t count;    /* items that come */
	struct slice items;
};
int locals_splice(struct block_cursor *cursor, struct cursor_frame *frame, size_t name,
	const struct splice *splice, struct err *err);
/* The same for its value (block_splice.c). */
int container_splice(struct block_cursor *cursor, struct slice *value, const struct splice *splice,
	struct err *err);
/* Brings the frame as events show it up to date. */
int locals_settle(struct block_cursor *cursor, struct cursor_frame *frame, struct err *err);
/* A new event of the frame begins: nothing has changed, nothing is removed. */
void locals_begin(struct cursor_frame *frame);

#endif
