#include "materializer/profiler.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/profiler_internal.h"

struct profiler *profiler_new(void)
{
	return calloc(1, sizeof(struct profiler));
}

void profiler_free(struct profiler *profiler)
{
	if (!profiler)
		return;
	for (size_t i = 0; i < profiler->function_count; i++)
		free(profiler->functions[i].lines);
	for (size_t i = 0; i < profiler->thread_count; i++) {
		buf_release(&profiler->threads[i].name);
		free(profiler->threads[i].stack);
	}
	buf_release(&profiler->texts);
	free(profiler->functions);
	free(profiler->tallies);
	free(profiler->nodes);
	free(profiler->threads);
	free(profiler->function_places.at);
	free(profiler->tally_places.at);
	free(profiler->node_places.at);
	free(profiler->thread_places.at);
	free(profiler);
}

void profiler_next_block(struct profiler *profiler)
{
	memset(profiler->hints, 0, sizeof(profiler->hints));
	for (size_t i = 0; i < profiler->thread_count; i++)
		profiler->threads[i].name_data = NULL;
}

size_t profiler_bytes(const struct profiler *profiler)
{
	size_t bytes;

	if (!profiler)
		return 0;
	bytes = sizeof(*profiler) + profiler->texts.cap +
		profiler->function_cap * sizeof(*profiler->functions) +
		profiler->tally_cap * sizeof(*profiler->tallies) +
		profiler->node_cap * sizeof(*profiler->nodes) +
		profiler->thread_cap * sizeof(*profiler->threads) +
		profiler->line_count * sizeof(struct line_sum);
	for (size_t i = 0; i < profiler->thread_count; i++)
		bytes += profiler->threads[i].room * sizeof(struct activation);
	return bytes;
}

int64_t profiler_next_seq(const struct profiler *profiler)
{
	return profiler->next_seq;
}

static struct others *others_of(
	struct profiler *profiler, struct thread_profile *thread, uint32_t node)
{
	return node & NODE_BOTTOM ? &thread->others : &profiler->nodes[node].others;
}

/* What has passed since the thread was looked at last was its top function's. */
static inline void settle(struct profiler *profiler, struct thread_profile *thread)
{
	int64_t passed = profiler->clock.now_ns - thread->mark_ns;
	struct activation *top;
	struct line_sum *line;
	bool failed;

	thread->mark_ns = profiler->clock.now_ns;
	if (thread->depth == 0)
		return;
	top = &thread->stack[thread->depth - 1];
	top->self_ns += passed;
	if (top->line == LINE_NONE)
		return;
	line = profiler_line(profiler, top->function, top->line, &failed);
	if (line)
		line->self_ns += passed;
}

/* Which tallies and node the call of a function belongs to. */
static int place(struct profiler *profiler, uint32_t thread, const struct activation *caller,
	struct activation *call)
{
	uint32_t parent = caller ? caller->node : NODE_BOTTOM | thread;
	uint32_t node = PROFILE_NONE;

	call->node = parent;
	if (call->function == PROFILE_NONE)
		return 0;
	if ((!caller || caller->has_node) &&
		profiler_child(profiler, parent, call->function, &node) < 0)
		return ERR_MEMORY;
	if (node != PROFILE_NONE && profiler->nodes[node].total != PROFILE_NONE) {
		call->total = profiler->nodes[node].total;
		call->edge = profiler->nodes[node].edge;
	} else if (profiler_tally(profiler, thread, PROFILE_NONE, call->function, &call->total) <
			   0 ||
		   (caller && caller->function != PROFILE_NONE &&
			   profiler_tally(profiler, thread, caller->function, call->function,
				   &call->edge) < 0)) {
		return ERR_MEMORY;
	}
	if (node != PROFILE_NONE) {
		profiler->nodes[node].total = call->total;
		profiler->nodes[node].edge = call->edge;
		call->node = node;
		call->has_node = true;
	}
	return 0;
}

static int enter(struct profiler *profiler, uint32_t at, const struct frame *frame, bool counted)
{
	struct thread_profile *thread = &profiler->threads[at];
	struct activation call = {
		.frame = frame->id,
		.total = PROFILE_NONE,
		.edge = PROFILE_NONE,
		.counted = counted,
		.entered_ns = profiler->clock.now_ns,
		.line = LINE_NONE,
	};

	if (thread->depth == thread->room) {
		size_t room = thread->room ? 2 * thread->room : 32;
		struct activation *stack = reallocarray(thread->stack, room, sizeof(*stack));

		if (!stack)
			return ERR_MEMORY;
		thread->stack = stack;
		thread->room = room;
	}
	if (profiler_function(profiler, &frame->code, &call.function) < 0 ||
		place(profiler, at, thread->depth ? &thread->stack[thread->depth - 1] : NULL,
			&call) < 0)
		return ERR_MEMORY;
	if (call.total != PROFILE_NONE)
		profiler->tallies[call.total].level++;
	if (call.edge != PROFILE_NONE)
		profiler->tallies[call.edge].level++;
	thread->stack[thread->depth++] = call;
	return 0;
}

static void add_up(struct profiler *profiler, uint32_t at, const struct activation *call)
{
	struct tally *tally;

	if (at == PROFILE_NONE)
		return;
	tally = &profiler->tallies[at];
	tally->level--;
	tally->calls += call->counted;
	if (tally->level == 0)
		tally->cumulative_ns += profiler->clock.now_ns - call->entered_ns;
	else
		tally->nested_calls += call->counted;
	tally->self_ns += call->self_ns;
}

static void leave(struct profiler *profiler, struct thread_profile *thread)
{
	const struct activation *call = &thread->stack[--thread->depth];

	if (call->function == PROFILE_NONE) {
		if (thread->depth)
			thread->stack[thread->depth - 1].self_ns += call->self_ns;
		return;
	}
	add_up(profiler, call->total, call);
	add_up(profiler, call->edge, call);
	if (call->has_node) {
		profiler->nodes[call->node].calls += call->counted;
		profiler->nodes[call->node].self_ns += call->self_ns;
	} else {
		struct others *others = others_of(profiler, thread, call->node);

		others->calls += call->counted;
		others->self_ns += call->self_ns;
	}
}

/* Has the top call not been left, seen from a frame that is on the stack, and `hidden` more below
 * it (NULL: below all)? It has not when it is the frame or one of its callers; those further
 * out than what the block shows are taken to be there. */
static bool still_there(
	const struct thread_profile *thread, const struct frame *frame, size_t hidden)
{
	for (; frame; frame = frame->caller) {
		if (frame->id == thread->stack[thread->depth - 1].frame)
			return true;
		hidden = frame->depth;
	}
	return thread->depth <= hidden;
}

/* Enters the frames between the top of the stack and `frame`, which is entered too. */
static int enter_unseen(struct profiler *profiler, uint32_t at, const struct frame *frame)
{
	const struct thread_profile *thread = &profiler->threads[at];
	int64_t top = thread->depth ? thread->stack[thread->depth - 1].frame : INT64_MIN;
	const struct frame **missing;
	size_t count = 0;
	int rc = 0;

	for (const struct frame *f = frame; f && f->id != top; f = f->caller)
		count++;
	missing = calloc(count + 1, sizeof(const struct frame *));
	if (!missing)
		return ERR_MEMORY;
	for (size_t i = count; i > 0; i--, frame = frame->caller)
		missing[i - 1] = frame;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = enter(profiler, at, missing[i], false);
	free(missing);
	return rc;
}

/* Brings the stack in line with what an event shows of it: a gap was before it, or frames that
 * ran before they were traced. */
static int follow(struct profiler *profiler, uint32_t at, const struct frame *frame, size_t hidden)
{
	struct thread_profile *thread = &profiler->threads[at];

	while (thread->depth && !still_there(thread, frame, hidden))
		leave(profiler, thread);
	return frame ? enter_unseen(profiler, at, frame) : 0;
}

static inline bool is_top(const struct thread_profile *thread, const struct frame *frame)
{
	return frame ? thread->depth && thread->stack[thread->depth - 1].frame == frame->id
		     : thread->depth == 0;
}

static void keep_name(struct thread_profile *thread, struct slice name)
{
	thread->name_data = name.data;
	if (slice_equal(buf_slice(&thread->name), name))
		return;
	buf_clear(&thread->name);
	buf_append(&thread->name, name.data, name.len);
}

/* An event in a frame of the thread. */
static int add_step(struct profiler *profiler, uint32_t at, const struct event *event)
{
	struct thread_profile *thread = &profiler->threads[at];
	const struct frame *frame = event->frame;
	bool enters = event->kind == EVENT_CALL || event->kind == EVENT_RESUME;
	const struct frame *running = enters ? frame->caller : frame;
	struct activation *top;
	struct line_sum *line;
	bool failed = false;

	/* The callers of a very deep call are not all shown. */
	if (!is_top(thread, running) && (running || thread->depth != frame->depth) &&
		follow(profiler, at, running, frame->depth) < 0)
		return ERR_MEMORY;
	if (enters)
		return enter(profiler, at, frame, true);
	thread = &profiler->threads[at];
	if (event->kind != EVENT_LINE) {
		if (event->kind != EVENT_EXCEPTION)
			leave(profiler, thread);
		return 0;
	}
	top = &thread->stack[thread->depth - 1];
	if (top->function == PROFILE_NONE)
		return 0;
	line = profiler_line(profiler, top->function, event->line, &failed);
	top->line = line ? event->line : LINE_NONE;
	if (line)
		line->hits++;
	return failed ? ERR_MEMORY : 0;
}

static void note_lost(struct profiler *profiler, int64_t lost)
{
	if (lost < 0)
		profiler->lost_events = -1;
	else if (profiler->lost_events >= 0)
		profiler->lost_events += lost;
}

int profiler_add(struct profiler *profiler, const struct event *event, struct err *err)
{
	struct thread_profile *thread;
	uint32_t at;
	int rc = 0;

	if (event->seq > profiler->next_seq)
		note_lost(profiler, event->seq - profiler->next_seq);
	profiler->next_seq = event->seq + 1;
	program_clock_tick(&profiler->clock, event);
	if (event->kind == EVENT_GAP)
		note_lost(profiler, event->lost);
	if (!event->thread)
		return 0;
	if (profiler_thread(profiler, event->thread->number, &at) < 0)
		return err_set(err, ERR_MEMORY, "profile: out of memory");
	thread = &profiler->threads[at];
	if (__builtin_expect(thread->name_data != event->thread->name.data, 0))
		keep_name(thread, event->thread->name);
	settle(profiler, thread);
	if (event->frame)
		rc = add_step(profiler, at, event);
	return rc < 0 ? err_set(err, ERR_MEMORY, "profile: out of memory") : 0;
}
