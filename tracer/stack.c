#include "tracer/stack.h"

#include "tracer/builtins.h"
#include "tracer/locals.h"
#include "tracer/pause.h"
#include "tracer/threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_AWAITING 64 /* of those that await one another: the innermost */

/* Takes the top frame off; should the program come back to it, it is found again. */
static void park_top(struct tracer *tracer, struct thread_state *thread)
{
	stream_unready(&tracer->stream);
	suspended_add(&tracer->suspended, thread->stack[--thread->depth]);
	thread->block = 0; /* what the block says of this stack is no longer so */
}

/* Is the state's frame this one, or a caller of it? */
static bool in_chain(const struct frame_state *state, const py_frame *frame)
{
	for (; frame; frame = py_frame_previous(frame))
		if (frame == state->frame)
			return py_frame_code(frame) == state->code;
	return false;
}

void stack_sync_slow(struct tracer *tracer, struct thread_state *thread, py_frame *caller)
{
	while (thread->depth && !in_chain(thread_top(thread), caller))
		park_top(tracer, thread);
}

struct frame_state *stack_suspended_frame(struct tracer *tracer, py_frame *frame, struct plan *plan)
{
	struct frame_state *state = suspended_take(&tracer->suspended, frame);

	if (state && state->code == py_frame_code(frame) && state->plan == plan &&
		state->slot_count == plan->slot_count) {
		state->yielded = false;
		return state;
	}
	frame_free(state);
	state = stack_new_frame(frame, plan);
	if (state)
		state->id = tracer->stream.seq;
	return state;
}

struct frame_state *stack_frame_slow(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame)
{
	struct plan *plan = plan_of(tracer, py_frame_code(frame));
	struct frame_state *state;

	if (!plan || !plan->recorded)
		return NULL;
	stack_sync_slow(tracer, thread, frame);
	state = thread_top(thread);
	if (state && state->frame == frame)
		return state;
	/* It was running before it was traced, or comes back after a switch of stacks. */
	state = stack_suspended_frame(tracer, frame, plan);
	if (!state)
		return NULL;
	if (!thread_push(thread, state)) {
		frame_free(state);
		return NULL;
	}
	thread->block = 0;
	return state;
}

void stack_adopt_callers(struct tracer *tracer, struct thread_state *thread, const py_frame *frame)
{
	py_frame *callers[MOST_AWAITING], *caller = py_frame_previous(frame);
	const struct frame_state *top = thread_top(thread);
	size_t count = 0;

	while (caller && count < MOST_AWAITING && py_frame_is_generator(caller) &&
		!(top && top->frame == caller)) {
		callers[count++] = caller;
		caller = py_frame_previous(caller);
	}
	while (count > 0)
		stack_frame(tracer, thread, callers[--count]);
}

static void state_frame(struct tracer *tracer, struct frame_state *state, bool with_locals)
{
	struct stream *stream = &tracer->stream;
	uint32_t code = stream_define_code(stream, state->plan);

	stream_room(stream, 64);
	stream_put_tag(stream, ITEM_FRAME);
	stream->at = avro_put_long(stream->at, state->id);
	stream->at = avro_put_long(stream->at, code);
	stream->at = avro_put_long(stream->at, state->line);
	*stream->at++ = 0; /* not suspended */
	if (with_locals)
		locals_state(tracer, state);
}

/* The outermost frame that is stated with its locals. Without a limit in bytes a deep
 * stack of large locals would fill every block with nothing but itself. */
static size_t first_with_locals(const struct thread_state *thread)
{
	size_t first = thread->depth, bytes = 0;

	while (first > 0 && thread->depth - first < STACK_LOCALS) {
		bytes += thread->stack[first - 1]->stated_bytes;
		if (bytes > STACK_LOCALS_BYTES)
			break;
		first--;
	}
	return first;
}

static void state_thread(
	struct tracer *tracer, struct thread_state *thread, struct frame_state *current)
{
	struct stream *stream = &tracer->stream;
	size_t listed = STACK_LOCALS + STACK_FRAMES;
	size_t first = thread->depth > listed ? thread->depth - listed : 0;
	size_t locals = first_with_locals(thread);
	struct name *text = threads_name(tracer, thread);
	uint32_t name = text ? stream_name(stream, text) : 0;

	stream_room(stream, 64);
	stream_put_tag(stream, ITEM_THREAD);
	stream->at = avro_put_long(stream->at, thread->number);
	stream->at = avro_put_long(stream->at, (int64_t)thread->ident);
	stream->at = avro_put_long(stream->at, name);
	stream->at = avro_put_long(stream->at, (int64_t)first);
	thread->block = stream->block;
	for (size_t i = first; i < thread->depth; i++)
		state_frame(tracer, thread->stack[i], i >= locals && thread->stack[i] != current);
}

void stack_state_slow(
	struct tracer *tracer, struct thread_state *thread, struct frame_state *current)
{
	struct stream *stream = &tracer->stream;

	if (tracer->adopted_block != stream->block) {
		tracer->adopted_block = stream->block;
		threads_adopt(tracer);
	}
	if (thread->block != stream->block) {
		state_thread(tracer, thread, current);
	} else {
		stream_room(stream, 64);
		stream_put_tag(stream, ITEM_SWITCH);
		stream->at = avro_put_long(stream->at, thread->number);
	}
	/* What others take of this thread's time counts from here. */
	if (tracer->threads.current != thread && !stream->cost.off)
		preempt_look(&stream->preempt, stream->now_ns);
	tracer->threads.current = thread;
}

/* Writes an event that is in no frame. A gap and a task have a number and a name. */
static bool put_bare(struct tracer *tracer, struct thread_state *thread, enum item_kind kind,
	int64_t number, struct name *text)
{
	struct stream *stream = &tracer->stream;
	enum stream_result result;

	do {
		uint32_t name = 0;

		stream_begin(stream);
		stack_state(tracer, thread, NULL);
		if (text)
			name = stream_name(stream, text);
		stream_put_event(stream, kind);
		if (text) {
			stream_put_long(stream, number);
			stream_put_long(stream, name);
		}
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	return result != STREAM_LOST;
}

void stack_note_lost(struct tracer *tracer)
{
	struct spool_header *header = tracer->stream.spool.header;

	if (!header)
		return;
	atomic_store_explicit(&header->gap_seq, tracer->stream.seq, memory_order_release);
	atomic_store_explicit(&header->gap_events,
		(uint64_t)(tracer->unrecorded - tracer->announced), memory_order_release);
}

static bool put_gap(
	struct tracer *tracer, struct thread_state *thread, int64_t lost, const char *reason)
{
	struct name *name = names_intern(&tracer->names, reason, strlen(reason));

	return put_bare(tracer, thread, ITEM_GAP, lost, name);
}

/* As the user gave it. */
static void put_limit(const struct tracer *tracer, char *text, size_t size)
{
	const struct run_limits *limits = &tracer->options.limits;
	const char *name = stream_limit_reached(&tracer->stream);
	long long limit = limits->seconds;
	const char *unit = "", *units[] = {"K", "M", "G"};

	if (strcmp(name, "--max-events") == 0)
		limit = limits->events;
	if (strcmp(name, "--max-bytes") == 0) {
		limit = limits->bytes;
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && limit % 1024 == 0; i++) {
			limit /= 1024;
			unit = units[i];
		}
	}
	snprintf(text, size, "the trace ends here: %s %lld%s was reached", name, limit, unit);
}

void stack_end(struct tracer *tracer, struct thread_state *thread)
{
	char reason[80];

	if (!stream_limit_reached(&tracer->stream)) {
		pause_begin(tracer, PAUSE_FLAGGED);
		return;
	}
	put_limit(tracer, reason, sizeof(reason));
	stream_limit(&tracer->stream, NULL);
	stack_gap(tracer, thread, reason);
	tracer->active = false;
	tracer->resting = true;
}

void stack_gap(struct tracer *tracer, struct thread_state *thread, const char *reason)
{
	put_gap(tracer, thread, -1, reason);
	stream_close_block(&tracer->stream);
}

static void forget_thread(struct thread_state *thread)
{
	while (thread->depth > 0)
		frame_free(thread->stack[--thread->depth]);
	builtins_lose_calls(thread->builtins);
	thread->block = 0;
	thread->task_left = thread->task != 0;
}

void stack_forget(struct tracer *tracer)
{
	stream_unready(&tracer->stream);
	for (struct thread_state *thread = tracer->threads.first; thread; thread = thread->next)
		forget_thread(thread);
	suspended_clear(&tracer->suspended);
}

/* The line that the frame is at. */
static int current_line(py_frame *frame)
{
	int at = py_frame_at(frame);

	return at < 0 ? -1 : PyCode_Addr2Line(py_frame_code(frame), at * (int)sizeof(_Py_CODEUNIT));
}

void stack_adopt(struct tracer *tracer, struct thread_state *thread, py_frame *frame)
{
	size_t count = 0;
	py_frame **frames;

	for (py_frame *at = frame; at; at = py_frame_previous(at))
		count++;
	frames = malloc((count ? count : 1) * sizeof(*frames));
	if (!frames)
		return;
	for (size_t i = count; frame; frame = py_frame_previous(frame))
		frames[--i] = frame;
	for (size_t i = 0; i < count; i++) {
		struct frame_state *state = stack_frame(tracer, thread, frames[i]);
		int line = state ? current_line(frames[i]) : -1;

		if (!state)
			continue;
		if (line > 0)
			state->line = line;
		state->id = -++tracer->unrecorded;
		tracer->announced++;
	}
	free(frames);
}

static void announce_gap(struct tracer *tracer, struct thread_state *thread, int64_t lost)
{
	if (!put_gap(tracer, thread, lost, "the spool was full"))
		return;
	tracer->announced += lost;
	stack_note_lost(tracer);
	thread->block = 0;
}

static void announce_task(
	struct tracer *tracer, struct thread_state *thread, int64_t task, struct name *name)
{
	thread->task_left = false;
	if (task != thread->task && name && put_bare(tracer, thread, ITEM_TASK, task, name))
		thread->task = task;
}

void stack_announce_slow(struct tracer *tracer, struct thread_state *thread)
{
	int64_t lost = tracer->unrecorded - tracer->announced;

	if (lost > 0)
		announce_gap(tracer, thread, lost);
	if (!thread->started) {
		thread->ident = thread->python->thread_id; /* known once it runs */
		thread->started = put_bare(tracer, thread, ITEM_THREAD_START, 0, NULL);
	}
	if (thread->task_left)
		announce_task(tracer, thread, 0, names_intern(&tracer->names, "", 0));
}

void stack_enter_coroutine(
	struct tracer *tracer, struct thread_state *thread, struct frame_state *state)
{
	const struct frame_state *top = thread_top(thread);

	if (top && top->frame == py_frame_previous(state->frame) &&
		top->code->co_flags & CO_COROUTINE)
		return;
	if (!thread->started)
		stack_announce(tracer, thread);
	if (state->task == 0)
		state->task = ++tracer->task_count;
	announce_task(tracer, thread, state->task, state->plan->function);
}
