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
	struct frame_state *next; /* in the free list, or a hash chain of suspended ones */
	int size_class;
	int slot_count; /* the plan's */
	struct dict_slots dict;
	struct slot slots[];
};

/* An unused frame_state for this plan, zeroed. NULL: out of memory. */
struct frame_state *frame_new(struct plan *plan);
void frame_free(struct frame_state *state);

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
bool thread_push(struct thread_state *thread, struct frame_state *state);

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
