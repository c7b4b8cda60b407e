#include "materializer/call_walk.h"

#include <stdlib.h>
#include <string.h>

struct call_walk {
	struct walk_taker taker;
	struct code_table *codes; /* borrowed */
	struct walk_thread **threads;
	size_t count, cap;
	const struct frame **missing; /* of a stack that is put right */
	size_t missing_cap;
};

struct call_walk *call_walk_new(const struct walk_taker *taker, struct code_table *codes)
{
	struct call_walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return NULL;
	walk->taker = *taker;
	walk->codes = codes;
	return walk;
}

void call_walk_free(struct call_walk *walk)
{
	if (!walk)
		return;
	for (size_t i = 0; i < walk->count; i++) {
		free((void *)(uintptr_t)walk->threads[i]->name.data);
		free(walk->threads[i]->calls);
		free(walk->threads[i]);
	}
	free(walk->threads);
	free(walk->missing);
	free(walk);
}

static int no_memory(struct err *err)
{
	return err_set(err, ERR_MEMORY, "out of memory");
}

static struct walk_thread *thread_new(const struct event *event, int64_t time_ns)
{
	struct walk_thread *thread = calloc(1, sizeof(*thread));
	uint8_t *name = malloc(event->thread->name.len + 1);

	if (!thread || !name) {
		free(thread);
		free(name);
		return NULL;
	}
	if (event->thread->name.len)
		memcpy(name, event->thread->name.data, event->thread->name.len);
	thread->name = (struct slice){name, event->thread->name.len};
	thread->number = event->thread->number;
	thread->ident = event->thread->ident;
	thread->now_ns = time_ns;
	return thread;
}

/* The thread last used is the first: most events are of the same as the one before. */
static int thread_of(struct call_walk *walk, const struct event *event, int64_t time_ns,
	struct walk_thread **found, struct err *err)
{
	struct walk_thread *thread;

	for (size_t i = 0; i < walk->count; i++) {
		thread = walk->threads[i];
		if (thread->number != event->thread->number)
			continue;
		walk->threads[i] = walk->threads[0];
		walk->threads[0] = *found = thread;
		return 0;
	}
	if (walk->count == walk->cap) {
		size_t cap = walk->cap ? walk->cap * 2 : 8;
		struct walk_thread **threads = realloc(walk->threads, cap * sizeof(*threads));

		if (!threads)
			return no_memory(err);
		walk->threads = threads;
		walk->cap = cap;
	}
	thread = thread_new(event, time_ns);
	if (!thread)
		return no_memory(err);
	walk->threads[walk->count++] = *found = thread;
	return walk->taker.thread ? walk->taker.thread(walk->taker.context, thread, err) : 0;
}

static struct walk_call *top_of(struct walk_thread *thread)
{
	return thread->count ? &thread->calls[thread->count - 1] : NULL;
}

static int push(struct call_walk *walk, struct walk_thread *thread, const struct frame *frame,
	bool resumed, bool joined, struct err *err)
{
	struct walk_call *call;
	int64_t code = code_table_add(walk->codes, &frame->code, err);

	if (code < 0)
		return (int)code;
	if (thread->count == thread->cap) {
		size_t cap = thread->cap ? thread->cap * 2 : 32;
		struct walk_call *calls = realloc(thread->calls, cap * sizeof(*calls));

		if (!calls)
			return no_memory(err);
		thread->calls = calls;
		thread->cap = cap;
	}
	call = &thread->calls[thread->count++];
	*call = (struct walk_call){
		.frame = frame->id,
		.depth = frame->depth,
		.code = code,
		.line = frame->line,
		.entered_ns = thread->now_ns,
	};
	return walk->taker.enter
		       ? walk->taker.enter(walk->taker.context, thread, call, resumed, joined, err)
		       : 0;
}

static int pop(struct call_walk *walk, struct walk_thread *thread, struct err *err)
{
	int rc = walk->taker.leave
			 ? walk->taker.leave(walk->taker.context, thread, top_of(thread), err)
			 : 0;

	thread->count--;
	return rc;
}

/* Leaves what is not on the event's stack, up to where both agree; notes what is missing. */
static int compare(struct call_walk *walk, struct walk_thread *thread, const struct frame *frame,
	size_t *missing, struct err *err)
{
	int rc = 0;

	for (; frame && rc == 0; frame = frame->caller) {
		while (rc == 0 && thread->count && top_of(thread)->depth > frame->depth)
			rc = pop(walk, thread, err);
		if (thread->count && top_of(thread)->depth == frame->depth) {
			if (top_of(thread)->frame == frame->id)
				break;
			rc = rc ? rc : pop(walk, thread, err);
		}
		if (*missing == walk->missing_cap) {
			size_t cap = walk->missing_cap ? walk->missing_cap * 2 : 64;
			const struct frame **list = realloc(walk->missing, cap * sizeof(*list));

			if (!list)
				return no_memory(err);
			walk->missing = list;
			walk->missing_cap = cap;
		}
		walk->missing[(*missing)++] = frame;
	}
	return rc;
}

/* Makes the thread's stack that of the event: `frame` innermost, `depth` calls in all. */
static int agree(struct call_walk *walk, struct walk_thread *thread, const struct frame *frame,
	size_t depth, struct err *err)
{
	const struct walk_call *top;
	size_t missing = 0;
	int rc = 0;

	while (rc == 0 && thread->count && top_of(thread)->depth >= depth)
		rc = pop(walk, thread, err);
	top = top_of(thread);
	if (rc || !frame || (top && top->frame == frame->id && top->depth == frame->depth))
		return rc;
	rc = compare(walk, thread, frame, &missing, err);
	while (rc == 0 && missing)
		rc = push(walk, thread, walk->missing[--missing], false, true, err);
	return rc;
}

static int pass_time(
	struct call_walk *walk, struct walk_thread *thread, int64_t time_ns, struct err *err)
{
	int64_t ns = time_ns - thread->now_ns;

	if (ns <= 0)
		return 0;
	thread->now_ns = time_ns;
	return walk->taker.spend && thread->count
		       ? walk->taker.spend(walk->taker.context, thread, top_of(thread), ns, err)
		       : 0;
}

static int begin_line(
	struct call_walk *walk, struct walk_thread *thread, int64_t line, struct err *err)
{
	struct walk_call *call = top_of(thread);

	call->line = line;
	return walk->taker.line ? walk->taker.line(walk->taker.context, thread, call, err) : 0;
}

static int tell_other(struct call_walk *walk, struct walk_thread *thread, const struct event *event,
	struct err *err)
{
	return walk->taker.other ? walk->taker.other(walk->taker.context, thread,
					   event->frame ? top_of(thread) : NULL, event, err)
				 : 0;
}

int call_walk_event(
	struct call_walk *walk, const struct event *event, int64_t time_ns, struct err *err)
{
	const struct frame *frame = event->frame;
	bool begins = event->kind == EVENT_CALL || event->kind == EVENT_RESUME;
	struct walk_thread *thread = NULL;
	int rc;

	if (!event->thread)
		return 0;
	rc = thread_of(walk, event, time_ns, &thread, err);
	rc = rc ? rc : pass_time(walk, thread, time_ns, err);
	if (rc || !frame)
		return rc ? rc : tell_other(walk, thread, event, err);
	rc = begins ? agree(walk, thread, frame->caller, frame->depth, err)
		    : agree(walk, thread, frame, frame->depth + 1, err);
	if (rc)
		return rc;
	switch (event->kind) {
	case EVENT_CALL:
	case EVENT_RESUME:
		return push(walk, thread, frame, event->kind == EVENT_RESUME, false, err);
	case EVENT_LINE:
		return begin_line(walk, thread, event->line, err);
	case EVENT_RETURN:
	case EVENT_YIELD:
	case EVENT_UNWIND:
		return pop(walk, thread, err);
	default:
		return tell_other(walk, thread, event, err);
	}
}

int call_walk_finish(struct call_walk *walk, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < walk->count; i++)
		while (rc == 0 && walk->threads[i]->count)
			rc = pop(walk, walk->threads[i], err);
	return rc;
}
