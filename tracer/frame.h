/*
 * frame: what the tracer remembers of each running or suspended frame, and each thread.
 *
 * No reference to a value is held: a slot keeps the pointer it last saw, only to compare
 * it, and the fingerprint of what was written. A frame is found by the address of the
 * interpreter's frame, and believed only while the code object there is still its own.
 */
#ifndef SMILEY_TRACER_FRAME_H
#define SMILEY_TRACER_FRAME_H

#include "tracer/capture.h"
#include "tracer/names.h"
#include "tracer/plan.h"
#include "tracer/pycompat_internal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slot {
	PyObject *value; /* last seen there; only compared */
	uint64_t hash;   /* struct print of it; 0: absent */
	int64_t length;
	uint64_t version;   /* of a shallow dict when it was last looked at; 0: look again */
	int64_t changed_at; /* sequence number + 1 of the event that wrote it as changed */
	uint8_t watch;      /* enum slot_watch, as slot_put() said last */
};

/* A module's or class body's names, in the order of its dict. */
struct dict_slot {
	struct slot slot;
	struct name *name; /* NULL: never shown */
	PyObject *key;     /* only compared */
	bool secret;
	bool fixed;
};

struct dict_slots {
	struct dict_slot *slots;
	size_t count, room;
	uint64_t version; /* of the dict when it was last walked */
};

struct frame_state {
	py_frame *frame;    /* where; only compared, or read while its event is handled */
	PyCodeObject *code; /* only compared */
	struct plan *plan;  /* the code's: gone with it when the frame went away untold */
	int64_t id;
	int line;              /* of its latest event */
	int64_t task;          /* number of the task that it is the outermost frame of; 0: none */
	uint32_t block;        /* the block in which it has been stated with all its locals */
	uint32_t doubts;       /* the tracer's when all slots were last looked at */
	uint32_t stated_bytes; /* that its locals took when they were last written whole */
	/* Slots whose value can change without a store; and those that only this frame can
	 * reach, so that it must load them first: nobody else has a reference (to a thing
	 * that gc or a debugger does not show: see doubts). */
	uint64_t movable;
	uint64_t private;
	bool yielded;             /* a generator's, left by a yield that was told */
	bool by_site;             /* a site has told that it runs: its code has sites (engine.h) */
	struct frame_state *next; /* in the free list, or a hash chain of suspended ones */
	int size_class;           /* of frame_free_lists; FRAME_CLASSES: none */
	int slot_count;           /* the plan's */
	struct dict_slots dict;
	struct slot slots[];
};

/* Free ones: with room for FRAME_FEW_SLOTS, twice as many, and so on. */
#define FRAME_FEW_SLOTS 4
#define FRAME_CLASSES 8
extern struct frame_state *frame_free_lists[FRAME_CLASSES];

/* What has just been taken from a list, or made, is the plan's, and zeroed. */
static inline struct frame_state *frame_fresh(
	struct frame_state *state, struct plan *plan, int size_class)
{
	memset(state, 0, sizeof(*state));
	for (int i = 0; i < plan->slot_count; i++)
		memset(&state->slots[i], 0, sizeof(state->slots[i]));
	state->size_class = size_class;
	state->slot_count = plan->slot_count;
	state->plan = plan;
	return state;
}

/* An unused frame_state for this plan, zeroed. NULL: out of memory. In line when it has so few
 * slots as nearly all have. */
struct frame_state *frame_new_slow(struct plan *plan);
static inline struct frame_state *frame_new(struct plan *plan)
{
	int class = plan->slot_count > FRAME_FEW_SLOTS;
	struct frame_state *state = frame_free_lists[class];

	if (__builtin_expect(!state || plan->slot_count > 2 * FRAME_FEW_SLOTS, 0))
		return frame_new_slow(plan);
	frame_free_lists[class] = state->next;
	return frame_fresh(state, plan, class);
}

void frame_free_slow(struct frame_state *state);
static inline void frame_free(struct frame_state *state)
{
	if (__builtin_expect(!state || state->size_class > 1 || state->dict.slots, 0)) {
		frame_free_slow(state);
		return;
	}
	state->next = frame_free_lists[state->size_class];
	frame_free_lists[state->size_class] = state;
}

struct builtins;

struct thread_state {
	struct thread_state *next;
	PyThreadState *python; /* only compared */
	uint64_t python_id;    /* PyThreadState.id, never reused */
	int64_t number;
	unsigned long ident;
	struct name *name;
	bool name_known;            /* threading has told it; else a stand-in, asked again */
	uint32_t block;             /* the block in which it and its stack have been stated */
	bool started;               /* its thread event has been written */
	struct frame_state **stack; /* recorded frames, outermost first */
	size_t depth, room;
	Py_tracefunc user_function; /* the program's own trace function, called after ours */
	Py_tracefunc user_profile;  /* the same of its profile function */
	struct builtins *builtins;  /* owned; NULL: none has been called */
	int64_t task;               /* as the last task event said; 0: none */
	bool task_left;             /* its step has ended: what is not another task is none */
};

struct thread_list {
	struct thread_state *first;
	struct thread_state *current; /* whose event came last */
	int64_t count;
};

/* The thread's state; made at its first event. NULL: out of memory. */
struct thread_state *thread_get_slow(struct thread_list *list, PyThreadState *python);
static inline struct thread_state *thread_get(struct thread_list *list, PyThreadState *python)
{
	struct thread_state *current = list->current;

	if (__builtin_expect(
		    current && current->python == python && current->python_id == python->id, 1))
		return current;
	return thread_get_slow(list, python);
}

/* False: out of memory. */
bool thread_push_slow(struct thread_state *thread, struct frame_state *state);
static inline bool thread_push(struct thread_state *thread, struct frame_state *state)
{
	if (__builtin_expect(thread->depth == thread->room, 0))
		return thread_push_slow(thread, state);
	thread->stack[thread->depth++] = state;
	return true;
}

static inline struct frame_state *thread_top(const struct thread_state *thread)
{
	return thread->depth ? thread->stack[thread->depth - 1] : NULL;
}

/* Generators and coroutines that are suspended, by the address of their frames. */
#define SUSPENDED_FIRST_BUCKETS 256
struct suspended {
	struct frame_state **buckets;
	size_t bucket_count, count;
};
int suspended_init(struct suspended *suspended);
void suspended_add(struct suspended *suspended, struct frame_state *state);
/* Takes it out; NULL: not there. */
struct frame_state *suspended_take(struct suspended *suspended, py_frame *frame);
void suspended_clear(struct suspended *suspended);

#endif
