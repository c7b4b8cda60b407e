#include "tracer/frame.h"

#include "schemas/err.h"

#include <stdlib.h>
#include <string.h>

struct frame_state *frame_free_lists[FRAME_CLASSES];

static int size_class(int slot_count)
{
	int slots = FRAME_FEW_SLOTS;

	for (int class = 0; class < FRAME_CLASSES; class ++, slots *= 2)
		if (slot_count <= slots)
			return class;
	return FRAME_CLASSES;
}

struct frame_state *frame_new_slow(struct plan *plan)
{
	int class = size_class(plan->slot_count);
	struct frame_state *state;

	if (class < FRAME_CLASSES && frame_free_lists[class]) {
		state = frame_free_lists[class];
		frame_free_lists[class] = state->next;
	} else {
		size_t slots = class < FRAME_CLASSES ? (size_t)FRAME_FEW_SLOTS << class
						     : (size_t)plan->slot_count;

		state = malloc(sizeof(*state) + slots * sizeof(struct slot));
		if (!state)
			return NULL;
	}
	return frame_fresh(state, plan, class);
}

void frame_free_slow(struct frame_state *state)
{
	if (!state)
		return;
	free(state->dict.slots);
	if (state->size_class >= FRAME_CLASSES) {
		free(state);
		return;
	}
	state->next = frame_free_lists[state->size_class];
	frame_free_lists[state->size_class] = state;
}

struct thread_state *thread_get_slow(struct thread_list *list, PyThreadState *python)
{
	struct thread_state *thread;

	for (thread = list->first; thread; thread = thread->next)
		if (thread->python == python && thread->python_id == python->id)
			return thread;
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		return NULL;
	thread->python = python;
	thread->python_id = python->id;
	thread->ident = python->thread_id;
	thread->number = list->count++;
	thread->next = list->first;
	list->first = thread;
	return thread;
}

bool thread_push_slow(struct thread_state *thread, struct frame_state *state)
{
	size_t room = thread->room ? thread->room * 2 : 64;
	struct frame_state **stack = realloc(thread->stack, room * sizeof(*stack));

	if (!stack)
		return false;
	thread->stack = stack;
	thread->room = room;
	return thread_push(thread, state);
}

int suspended_init(struct suspended *suspended)
{
	*suspended = (struct suspended){.bucket_count = SUSPENDED_FIRST_BUCKETS};
	suspended->buckets = calloc(suspended->bucket_count, sizeof(struct frame_state *));
	return suspended->buckets ? 0 : ERR_MEMORY;
}

static struct frame_state **bucket_of(
	struct frame_state **buckets, size_t bucket_count, const py_frame *frame)
{
	uint64_t hash = ((uintptr_t)frame >> 4) * 0x9e3779b97f4a7c15u;

	return &buckets[(hash >> 32) & (bucket_count - 1)];
}

static void suspended_grow(struct suspended *suspended)
{
	size_t bucket_count = suspended->bucket_count * 2;
	struct frame_state **buckets = calloc(bucket_count, sizeof(*buckets));

	if (!buckets)
		return;
	for (size_t i = 0; i < suspended->bucket_count; i++) {
		struct frame_state *state = suspended->buckets[i];

		while (state) {
			struct frame_state *next = state->next;
			struct frame_state **bucket =
				bucket_of(buckets, bucket_count, state->frame);

			state->next = *bucket;
			*bucket = state;
			state = next;
		}
	}
	free(suspended->buckets);
	suspended->buckets = buckets;
	suspended->bucket_count = bucket_count;
}

void suspended_add(struct suspended *suspended, struct frame_state *state)
{
	struct frame_state **bucket;

	if (suspended->count >= suspended->bucket_count)
		suspended_grow(suspended);
	bucket = bucket_of(suspended->buckets, suspended->bucket_count, state->frame);
	if (*bucket) /* perhaps with an older one at this address */
		frame_free(suspended_take(suspended, state->frame));
	state->next = *bucket;
	*bucket = state;
	suspended->count++;
}

struct frame_state *suspended_take(struct suspended *suspended, py_frame *frame)
{
	struct frame_state **at = bucket_of(suspended->buckets, suspended->bucket_count, frame);

	for (; *at; at = &(*at)->next)
		if ((*at)->frame == frame) {
			struct frame_state *state = *at;

			*at = state->next;
			suspended->count--;
			return state;
		}
	return NULL;
}

void suspended_clear(struct suspended *suspended)
{
	for (size_t i = 0; i < suspended->bucket_count; i++)
		while (suspended->buckets[i]) {
			struct frame_state *state = suspended->buckets[i];

			suspended->buckets[i] = state->next;
			frame_free(state);
		}
	suspended->count = 0;
}
