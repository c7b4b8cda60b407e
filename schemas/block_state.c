#include "schemas/block_internal.h"

#include <stdlib.h>

/* What a frame or a thread may keep for the next block that uses it. */
#define KEEP_LOCALS 64
#define KEEP_STACK 1024

static void frame_free(struct cursor_frame *frame)
{
	if (!frame)
		return;
	free(frame->locals);
	free(frame->removed);
	free(frame);
}

static int live_add(struct block_cursor *cursor, struct cursor_frame *frame, struct err *err)
{
	struct frame_list *live = &cursor->live;

	if (cursor_grow((void **)&live->items, &live->cap, live->count + 1, sizeof(*live->items),
		    err) < 0)
		return ERR_MEMORY;
	if (id_map_add(&cursor->frame_ids, frame->frame.id, frame) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	frame->live_at = live->count;
	live->items[live->count++] = frame;
	return 0;
}

static void frame_keep(struct block_cursor *cursor, struct cursor_frame *frame)
{
	struct frame_list *spare = &cursor->spare;

	if (frame->cap > KEEP_LOCALS || frame->removed_cap > KEEP_LOCALS ||
		cursor_grow((void **)&spare->items, &spare->cap, spare->count + 1,
			sizeof(*spare->items), NULL) < 0)
		frame_free(frame);
	else
		spare->items[spare->count++] = frame;
}

static struct cursor_frame *frame_take(struct block_cursor *cursor, int64_t id)
{
	struct cursor_frame *frame;

	if (cursor->spare.count == 0) {
		frame = calloc(1, sizeof(*frame));
		if (!frame)
			return NULL;
	} else {
		frame = cursor->spare.items[--cursor->spare.count];
	}
	frame->frame = (struct frame){.id = id};
	frame->thread = NULL;
	frame->sorted = 0;
	frame->count = 0;
	frame->holes = 0;
	frame->changed_from = 0;
	frame->changed_to = 0;
	frame->removed_count = 0;
	return frame;
}

int state_frame(
	struct block_cursor *cursor, int64_t id, struct cursor_frame **frame, struct err *err)
{
	struct cursor_frame *made = frame_take(cursor, id);

	if (!made)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (live_add(cursor, made, err) < 0) {
		frame_free(made);
		return ERR_MEMORY;
	}
	*frame = made;
	return 0;
}

void state_set_code(struct block_cursor *cursor, struct cursor_frame *frame, size_t code)
{
	frame->code = code;
	frame->frame.code = cursor->codes[code];
}

static void thread_count_frames(struct cursor_thread *thread)
{
	thread->thread.frame_count = thread->hidden + thread->count;
}

int state_push(struct block_cursor *cursor, struct cursor_frame *frame, struct err *err)
{
	struct cursor_thread *thread = cursor->thread;

	if (cursor_grow((void **)&thread->stack, &thread->cap, thread->count + 1,
		    sizeof(*thread->stack), err) < 0)
		return ERR_MEMORY;
	frame->thread = thread;
	frame->position = thread->count;
	frame->frame.depth = thread->hidden + thread->count;
	frame->frame.caller = thread->count ? &thread->stack[thread->count - 1]->frame : NULL;
	thread->stack[thread->count++] = frame;
	thread_count_frames(thread);
	return 0;
}

/* Suspends all that is on the stack from `position` up. */
static void stack_cut(struct cursor_thread *thread, size_t position)
{
	while (thread->count > position) {
		struct cursor_frame *frame = thread->stack[--thread->count];

		frame->thread = NULL;
		frame->frame.caller = NULL;
		frame->frame.depth = 0;
	}
	thread_count_frames(thread);
}

void state_suspend(struct cursor_frame *frame)
{
	if (frame->thread)
		stack_cut(frame->thread, frame->position);
}

void state_forget(struct block_cursor *cursor, struct cursor_frame *frame)
{
	struct frame_list *live = &cursor->live;
	struct cursor_frame *last = live->items[--live->count];

	live->items[frame->live_at] = last;
	last->live_at = frame->live_at;
	id_map_remove(&cursor->frame_ids, frame->frame.id);
	frame_keep(cursor, frame);
}

static int thread_take(
	struct block_cursor *cursor, int64_t number, struct cursor_thread **thread, struct err *err)
{
	struct thread_list *threads = &cursor->threads;
	struct cursor_thread *made;

	if (cursor->thread_count == threads->count) {
		if (cursor_grow((void **)&threads->items, &threads->cap, threads->count + 1,
			    sizeof(*threads->items), err) < 0)
			return ERR_MEMORY;
		made = calloc(1, sizeof(*made));
		if (!made)
			return err_set(err, ERR_MEMORY, "out of memory");
		threads->items[threads->count++] = made;
	}
	made = threads->items[cursor->thread_count];
	if (id_map_add(&cursor->thread_ids, number, made) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	cursor->thread_count++;
	made->thread = (struct thread){.number = number};
	made->count = 0;
	*thread = made;
	return 0;
}

int state_thread(
	struct block_cursor *cursor, int64_t number, struct cursor_thread **thread, struct err *err)
{
	*thread = id_map_find(&cursor->thread_ids, number);
	if (!*thread)
		return thread_take(cursor, number, thread, err);
	stack_cut(*thread, 0);
	return 0;
}

void state_clear(struct block_cursor *cursor)
{
	for (size_t i = 0; i < cursor->thread_count; i++) {
		struct cursor_thread *thread = cursor->threads.items[i];

		id_map_remove(&cursor->thread_ids, thread->thread.number);
		thread->count = 0;
		if (thread->cap > KEEP_STACK) {
			free(thread->stack);
			thread->stack = NULL;
			thread->cap = 0;
		}
	}
	cursor->thread_count = 0;
	while (cursor->live.count > 0)
		state_forget(cursor, cursor->live.items[cursor->live.count - 1]);
	cursor->thread = NULL;
	cursor->target = NULL;
	cursor->leaving = NULL;
}

void state_free(struct block_cursor *cursor)
{
	state_clear(cursor);
	for (size_t i = 0; i < cursor->spare.count; i++)
		frame_free(cursor->spare.items[i]);
	for (size_t i = 0; i < cursor->threads.count; i++) {
		free(cursor->threads.items[i]->stack);
		free(cursor->threads.items[i]);
	}
	free(cursor->live.items);
	free(cursor->spare.items);
	free(cursor->threads.items);
	id_map_release(&cursor->frame_ids);
	id_map_release(&cursor->thread_ids);
}
