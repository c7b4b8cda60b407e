#include "materializer/profiler.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/profiler_internal.h"
#include "materializer/run_order.h"

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
	block_cursor_free(profiler->cursor);
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
		profiler->line_count * sizeof(struct line_sum) +
		(profiler->function_places.cap + profiler->tally_places.cap +
			profiler->node_places.cap + profiler->thread_places.cap) *
			sizeof(*profiler->function_places.at);
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

/* The call that runs: not a builtin's. */
static inline struct activation *top_of(const struct thread_profile *thread)
{
	size_t at = thread->depth - 1;

	return &thread->stack[at - thread->stack[at].builtin];
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
	top = top_of(thread);
	top->self_ns += passed;
	if (top->line == LINE_NONE)
		return;
	line = profiler_line(profiler, top->function, top->line, &failed);
	if (line)
		line->self_ns += passed;
}

/* Which tallies and node a call belongs to. */
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

static int make_room(struct thread_profile *thread)
{
	size_t room = thread->room ? 2 * thread->room : 32;
	struct activation *stack = reallocarray(thread->stack, room, sizeof(*stack));

	if (!stack)
		return ERR_MEMORY;
	thread->stack = stack;
	thread->room = room;
	return 0;
}

/* A call of a function by whatever is on top of the stack. */
static int begin_call(
	struct profiler *profiler, uint32_t at, const struct code *code, struct activation *call)
{
	const struct thread_profile *thread = &profiler->threads[at];

	*call = (struct activation){
		.total = PROFILE_NONE,
		.edge = PROFILE_NONE,
		.entered_ns = profiler->clock.now_ns,
		.line = LINE_NONE,
	};
	if (profiler_function(profiler, code, &call->function) < 0)
		return ERR_MEMORY;
	return place(profiler, at, thread->depth ? &thread->stack[thread->depth - 1] : NULL, call);
}

static int push(struct profiler *profiler, uint32_t at, const struct activation *call)
{
	struct thread_profile *thread = &profiler->threads[at];

	if (thread->depth == thread->room && make_room(thread) < 0)
		return ERR_MEMORY;
	if (call->total != PROFILE_NONE)
		profiler->tallies[call->total].level++;
	if (call->edge != PROFILE_NONE)
		profiler->tallies[call->edge].level++;
	thread->builtins += call->builtin;
	thread->stack[thread->depth++] = *call;
	return 0;
}

static int enter(struct profiler *profiler, uint32_t at, int64_t frame, const struct code *code,
	bool counted)
{
	struct activation call;

	if (begin_call(profiler, at, code, &call) < 0)
		return ERR_MEMORY;
	call.frame = frame;
	call.counted = counted;
	return push(profiler, at, &call);
}

static void add_up(
	struct profiler *profiler, uint32_t at, const struct activation *call, int64_t inclusive_ns)
{
	struct tally *tally;

	if (at == PROFILE_NONE)
		return;
	tally = &profiler->tallies[at];
	tally->level--;
	tally->calls += call->counted;
	if (tally->level == 0)
		tally->cumulative_ns += inclusive_ns;
	else
		tally->nested_calls += call->counted;
	if (!call->builtin)
		tally->self_ns += call->self_ns;
}

static void leave(struct profiler *profiler, struct thread_profile *thread)
{
	const struct activation *call = &thread->stack[--thread->depth];
	struct activation *caller = thread->depth ? &thread->stack[thread->depth - 1] : NULL;
	int64_t inclusive_ns =
		call->builtin ? call->self_ns : profiler->clock.now_ns - call->entered_ns;

	thread->builtins -= call->builtin;
	if (caller && caller->builtin)
		caller->self_ns += inclusive_ns;
	if (call->function == PROFILE_NONE) {
		if (caller && !caller->builtin)
			caller->self_ns += call->self_ns;
		return;
	}
	add_up(profiler, call->total, call, inclusive_ns);
	add_up(profiler, call->edge, call, inclusive_ns);
	if (call->builtin)
		return;
	if (call->has_node) {
		profiler->nodes[call->node].calls += call->counted;
		profiler->nodes[call->node].self_ns += call->self_ns;
	} else {
		struct others *others = others_of(profiler, thread, call->node);

		others->calls += call->counted;
		others->self_ns += call->self_ns;
	}
}

/* A frame, and its callers, as a cursor or a skim shows it; neither: none. */
struct link {
	const struct frame *frame;
	const struct block_skim *skim;
	uint32_t entry; /* in the skim's frames */
};

static inline bool is_link(const struct link *link)
{
	return link->frame || link->skim;
}

static inline const struct skim_frame *skimmed(const struct link *link)
{
	return &link->skim->frames[link->entry];
}

static inline int64_t link_id(const struct link *link)
{
	return link->frame ? link->frame->id : skimmed(link)->id;
}

static inline size_t link_depth(const struct link *link)
{
	return link->frame ? link->frame->depth : skimmed(link)->depth;
}

static inline const struct code *link_code(const struct link *link)
{
	return link->frame ? &link->frame->code : &link->skim->codes[skimmed(link)->code];
}

static inline struct link link_caller(const struct link *link)
{
	if (link->frame)
		return (struct link){.frame = link->frame->caller};
	if (skimmed(link)->caller == SKIM_NONE)
		return (struct link){0};
	return (struct link){.skim = link->skim, .entry = skimmed(link)->caller};
}

/* What stood before an event. */
struct ahead {
	int64_t pause_ns;
	struct slice through;
	const struct builtin_calls *builtins;
	size_t builtin_count;
};

/* One event. */
struct step {
	int64_t seq, time_ns, line;
	enum event_kind kind;
	int64_t thread;
	struct slice thread_name;
	struct link frame;
	const struct ahead *ahead; /* NULL: nothing */
};

/* Has the top call not been left, seen from a frame that is on the stack, and `hidden` more below
 * it (none: below all)? It has not when it is the frame or one of its callers; those further
 * out than what the block shows are taken to be there. */
static bool still_there(const struct thread_profile *thread, struct link frame, size_t hidden)
{
	const struct activation *top = top_of(thread);

	for (; is_link(&frame); frame = link_caller(&frame)) {
		if (link_id(&frame) == top->frame)
			return true;
		hidden = link_depth(&frame);
	}
	return thread->depth - thread->builtins <= hidden;
}

/* Enters the frames between the top of the stack and `frame`, which is entered too. */
static int enter_unseen(struct profiler *profiler, uint32_t at, struct link frame)
{
	const struct thread_profile *thread = &profiler->threads[at];
	int64_t top = thread->depth ? top_of(thread)->frame : INT64_MIN;
	struct link *missing;
	size_t count = 0;
	int rc = 0;

	for (struct link f = frame; is_link(&f) && link_id(&f) != top; f = link_caller(&f))
		count++;
	missing = calloc(count + 1, sizeof(*missing));
	if (!missing)
		return ERR_MEMORY;
	for (size_t i = count; i > 0; i--, frame = link_caller(&frame))
		missing[i - 1] = frame;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = enter(profiler, at, link_id(&missing[i]), link_code(&missing[i]), false);
	free(missing);
	return rc;
}

/* Brings the stack in line with what an event shows of it: a gap was before it, or frames that
 * ran before they were traced. */
static int follow(struct profiler *profiler, uint32_t at, struct link frame, size_t hidden)
{
	struct thread_profile *thread = &profiler->threads[at];

	while (thread->depth && !still_there(thread, frame, hidden))
		leave(profiler, thread);
	return is_link(&frame) ? enter_unseen(profiler, at, frame) : 0;
}

static inline bool is_top(const struct thread_profile *thread, const struct link *frame)
{
	if (!is_link(frame))
		return thread->depth == 0;
	return thread->depth && top_of(thread)->frame == link_id(frame);
}

static void keep_name(struct thread_profile *thread, struct slice name)
{
	thread->name_data = name.data;
	if (slice_equal(buf_slice(&thread->name), name))
		return;
	buf_clear(&thread->name);
	buf_append(&thread->name, name.data, name.len);
}

static void count_builtin(struct profiler *profiler, uint32_t at, const struct builtin_calls *calls)
{
	struct tally *tally;

	if (at == PROFILE_NONE)
		return;
	tally = &profiler->tallies[at];
	tally->calls += calls->calls;
	tally->self_ns += calls->self_ns;
	if (tally->level == 0)
		tally->cumulative_ns += calls->self_ns;
	else
		tally->nested_calls += calls->calls;
}

/* What the top function called has taken some of the time that was given to itself. */
static int add_builtin(struct profiler *profiler, uint32_t at, const struct builtin_calls *calls)
{
	struct thread_profile *thread = &profiler->threads[at];
	struct code code = {.function = calls->name};
	struct others *others;
	struct activation call;

	if (thread->depth == 0)
		return 0;
	if (begin_call(profiler, at, &code, &call) < 0)
		return ERR_MEMORY;
	if (call.function == PROFILE_NONE)
		return 0;
	top_of(thread)->self_ns -= calls->self_ns;
	count_builtin(profiler, call.total, calls);
	count_builtin(profiler, call.edge, calls);
	if (call.has_node) {
		profiler->nodes[call.node].calls += calls->calls;
		profiler->nodes[call.node].self_ns += calls->self_ns;
		return 0;
	}
	others = others_of(profiler, thread, call.node);
	others->calls += calls->calls;
	others->self_ns += calls->self_ns;
	return 0;
}

/* Leaves the builtin on top, unless a call has come through it again; then the builtins that
 * have returned; then enters the one that a call comes through. */
static int follow_builtins(struct profiler *profiler, uint32_t at, const struct ahead *ahead)
{
	static const struct ahead nothing;
	const struct ahead *told = ahead ? ahead : &nothing;
	struct code code = {.function = told->through};
	struct activation call;
	struct thread_profile *thread = &profiler->threads[at];
	bool goes_on = false;

	if (thread->depth && thread->stack[thread->depth - 1].builtin) {
		uint32_t function = thread->stack[thread->depth - 1].function;

		goes_on = told->through.data && told->builtin_count == 0 &&
			  slice_equal(told->through,
				  function_name(profiler, &profiler->functions[function]));
		if (!goes_on)
			leave(profiler, thread);
	}
	for (size_t i = 0; i < told->builtin_count; i++) {
		if (add_builtin(profiler, at, &told->builtins[i]) < 0)
			return ERR_MEMORY;
	}
	if (!told->through.data || goes_on || thread->depth == 0)
		return 0;
	if (begin_call(profiler, at, &code, &call) < 0)
		return ERR_MEMORY;
	if (call.function == PROFILE_NONE)
		return 0;
	call.builtin = true;
	return push(profiler, at, &call);
}

static int add_line(struct profiler *profiler, struct thread_profile *thread, int64_t number)
{
	struct activation *top = &thread->stack[thread->depth - 1];
	struct line_sum *line;
	bool failed = false;

	if (top->function == PROFILE_NONE)
		return 0;
	line = profiler_line(profiler, top->function, number, &failed);
	top->line = line ? number : LINE_NONE;
	if (line)
		line->hits++;
	return failed ? ERR_MEMORY : 0;
}

/* The frame that ran before an event in a frame. */
static inline struct link running_before(const struct step *step)
{
	return program_enters(step->kind) ? link_caller(&step->frame) : step->frame;
}

/* An event in a frame of the thread. */
static inline int add_in_frame(struct profiler *profiler, uint32_t at, const struct step *step)
{
	const struct thread_profile *thread = &profiler->threads[at];
	bool enters = program_enters(step->kind);
	struct link running = running_before(step);
	size_t depth = link_depth(&step->frame);

	/* The callers of a very deep call are not all shown. */
	if (!is_top(thread, &running) &&
		(is_link(&running) || thread->depth - thread->builtins != depth) &&
		follow(profiler, at, running, depth) < 0)
		return ERR_MEMORY;
	thread = &profiler->threads[at];
	if (__builtin_expect(step->ahead || thread->builtins, 0) &&
		follow_builtins(profiler, at, step->ahead) < 0)
		return ERR_MEMORY;
	if (enters)
		return enter(profiler, at, link_id(&step->frame), link_code(&step->frame), true);
	if (step->kind == EVENT_LINE)
		return add_line(profiler, &profiler->threads[at], step->line);
	if (step->kind != EVENT_EXCEPTION)
		leave(profiler, &profiler->threads[at]);
	return 0;
}

static void note_lost(struct profiler *profiler, int64_t lost)
{
	if (lost < 0)
		profiler->lost_events = -1;
	else if (profiler->lost_events >= 0)
		profiler->lost_events += lost;
}

/* What the event says of the time and of those before it. */
static inline void tell_clock(struct profiler *profiler, const struct step *step)
{
	struct program_tick tick = {
		.kind = step->kind,
		.time_ns = step->time_ns,
		.pause_ns = step->ahead ? step->ahead->pause_ns : 0,
	};

	if (is_link(&step->frame)) {
		struct link running = running_before(step);

		tick.code = link_code(&step->frame);
		if (is_link(&running))
			tick.running = link_code(&running);
	}

	if (__builtin_expect(step->seq > profiler->next_seq, 0))
		note_lost(profiler, step->seq - profiler->next_seq);
	profiler->next_seq = step->seq + 1;
	program_clock_step(&profiler->clock, &tick);
}

/* An event of a thread. */
static inline int add(struct profiler *profiler, const struct step *step)
{
	struct thread_profile *thread;
	uint32_t at;

	if (profiler_thread(profiler, step->thread) < 0)
		return ERR_MEMORY;
	at = profiler->thread;
	thread = &profiler->threads[at];
	if (__builtin_expect(thread->name_data != step->thread_name.data, 0))
		keep_name(thread, step->thread_name);
	settle(profiler, thread);
	return is_link(&step->frame) ? add_in_frame(profiler, at, step) : 0;
}

static int no_memory(struct err *err)
{
	return err_set(err, ERR_MEMORY, "profile: out of memory");
}

int profiler_add(struct profiler *profiler, const struct event *event, struct err *err)
{
	struct ahead ahead = {
		event->pause_ns, event->through, event->builtins, event->builtin_count};
	struct step step = {
		.seq = event->seq,
		.time_ns = event->time_ns,
		.line = event->line,
		.kind = event->kind,
		.frame = {.frame = event->frame},
	};

	if (ahead.pause_ns || ahead.through.data || ahead.builtin_count)
		step.ahead = &ahead;
	tell_clock(profiler, &step);
	if (event->kind == EVENT_GAP)
		note_lost(profiler, event->lost);
	if (!event->thread)
		return 0;
	step.thread = event->thread->number;
	step.thread_name = event->thread->name;
	return add(profiler, &step) < 0 ? no_memory(err) : 0;
}

static int add_walked(void *context, const struct event *event, struct err *err)
{
	return profiler_add(context, event, err);
}

/* Event by event: for what a skim does not show. */
static int walk_block(struct profiler *profiler, const struct block_facts *facts, struct slice body,
	struct err *err)
{
	int64_t first = facts->skim->head.first_seq + (int64_t)facts->first;

	if (!profiler->cursor)
		profiler->cursor = block_cursor_new();
	if (!profiler->cursor)
		return no_memory(err);
	return block_walk(profiler->cursor, body, first, add_walked, profiler, err);
}

/* How many events were lost is not in a skim. */
static bool has_gap(const struct block_facts *facts)
{
	const struct block_skim *skim = facts->skim;

	for (size_t i = facts->first; i < (size_t)skim->head.event_count; i++) {
		if (skim->events[i].kind == EVENT_GAP)
			return true;
	}
	return false;
}

/* Line events of one frame that follow each other, from number `at` to before `end`, as add() has
 * them: most events are such. Returns the number of the first that is another. */
static size_t add_lines(
	struct profiler *profiler, const struct block_skim *skim, size_t at, size_t end)
{
	struct thread_profile *thread = &profiler->threads[profiler->thread];
	struct activation *top = &thread->stack[thread->depth - 1];
	const struct function *function = &profiler->functions[top->function];
	const struct skim_event *event = &skim->events[at];
	const struct skim_event *last = &skim->events[end];
	const uint32_t frame = event[-1].frame;
	const struct code *code = &skim->codes[skim->frames[frame].code];
	const int64_t cost = code->cost.line + code->cost.before, pace = code->pace.line;
	struct line_sum *line = &function->lines[top->line - function->first_line];
	int64_t last_ns = event[-1].time_ns, self_ns = 0;

	for (; event < last && event->kind == EVENT_LINE && event->frame == frame; event++) {
		uint64_t to = (uint64_t)event->line - (uint64_t)function->first_line;
		int64_t part;

		if (to >= function->line_count)
			break;
		part = program_part(event->time_ns - last_ns, cost, pace);
		last_ns = event->time_ns;
		line->self_ns += part;
		self_ns += part;
		line = &function->lines[to];
		line->hits++;
	}
	program_clock_pass(&profiler->clock, self_ns, last_ns);
	top->self_ns += self_ns;
	top->line = event[-1].line;
	thread->mark_ns = profiler->clock.now_ns;
	profiler->next_seq = skim->head.first_seq + (event - skim->events);
	return (size_t)(event - skim->events);
}

/* Can add_lines() go on behind this event, which has been added? */
static inline bool begins_lines(const struct profiler *profiler, const struct skim_event *event)
{
	const struct thread_profile *thread = &profiler->threads[profiler->thread];

	return event->kind == EVENT_LINE && event[1].kind == EVENT_LINE &&
	       event[1].frame == event->frame && thread->builtins == 0 &&
	       thread->stack[thread->depth - 1].line != LINE_NONE;
}

static int add_skimmed_event(struct profiler *profiler, const struct block_skim *skim, size_t at,
	const struct ahead *ahead)
{
	const struct skim_event *event = &skim->events[at];
	const struct skim_thread *thread = &skim->threads[event->thread];
	bool in_frame = event->frame != SKIM_NONE;
	struct step step = {
		.seq = skim->head.first_seq + (int64_t)at,
		.time_ns = event->time_ns,
		.line = event->line,
		.kind = (enum event_kind)event->kind,
		.thread = thread->number,
		.thread_name = thread->name,
		.frame = {.skim = in_frame ? skim : NULL, .entry = event->frame},
		.ahead = ahead,
	};

	tell_clock(profiler, &step);
	return add(profiler, &step);
}

static int add_skimmed(struct profiler *profiler, const struct block_facts *facts)
{
	const struct block_skim *skim = facts->skim;
	const struct skim_ahead *told = skim->aheads;
	const struct skim_ahead *told_end = told ? told + skim->ahead_count : told;
	size_t end = (size_t)skim->head.event_count;

	for (; told < told_end && told->event < facts->first; told++)
		;
	for (size_t i = facts->first; i < end;) {
		struct ahead ahead;
		size_t until;

		if (told < told_end && told->event == i) {
			ahead = (struct ahead){told->pause_ns, told->through,
				skim->builtins + told->builtin, told->builtin_count};
			told++;
			if (add_skimmed_event(profiler, skim, i, &ahead) < 0)
				return ERR_MEMORY;
		} else if (add_skimmed_event(profiler, skim, i, NULL) < 0) {
			return ERR_MEMORY;
		}
		until = told < told_end ? told->event : end;
		i++;
		if (i < until && begins_lines(profiler, &skim->events[i - 1]))
			i = add_lines(profiler, skim, i, until);
	}
	return 0;
}

int profiler_add_block(struct profiler *profiler, const struct block_facts *facts,
	struct slice body, struct err *err)
{
	profiler_next_block(profiler);
	if (facts->skim->by_cursor || has_gap(facts))
		return walk_block(profiler, facts, body, err);
	return add_skimmed(profiler, facts) < 0 ? no_memory(err) : 0;
}
