#include "materializer/profiler.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/profiler_internal.h"

struct profile_memory {
	struct buf texts;
};

/* What is being made. */
struct building {
	const struct profiler *profiler;
	struct profile *profile;
	uint32_t thread;       /* the one wanted; PROFILE_NONE: all */
	struct tally *tallies; /* as the profiler's, open calls left */
	struct node *nodes;
	struct others *bottoms; /* a thread's others */
	uint32_t *numbers;      /* by function: its number in the profile, PROFILE_NONE: none */
};

void profile_release(struct profile *profile)
{
	free(profile->functions);
	free(profile->edges);
	free(profile->nodes);
	free(profile->lines);
	free(profile->threads);
	if (profile->memory)
		buf_release(&profile->memory->texts);
	free(profile->memory);
	*profile = (struct profile){0};
}

struct slice profile_short_name(struct slice name)
{
	for (size_t i = name.len; i > 0; i--) {
		if (name.data[i - 1] == '.')
			return (struct slice){name.data + i, name.len - i};
	}
	return name;
}

size_t profile_callers(const struct profile *profile, uint32_t function, size_t *count)
{
	size_t low = 0, high = profile->edge_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (profile->edges[middle].callee < function)
			low = middle + 1;
		else
			high = middle;
	}
	*count = 0;
	while (low + *count < profile->edge_count &&
		profile->edges[low + *count].callee == function)
		++*count;
	return low;
}

static void *copy(const void *array, size_t count, size_t bytes)
{
	void *made = reallocarray(NULL, count + 1, bytes);

	if (made && count)
		memcpy(made, array, count * bytes);
	return made;
}

static bool prepare(struct building *b)
{
	const struct profiler *profiler = b->profiler;
	struct profile *profile = b->profile;

	b->tallies = copy(profiler->tallies, profiler->tally_count, sizeof(*b->tallies));
	b->nodes = copy(profiler->nodes, profiler->node_count, sizeof(*b->nodes));
	b->bottoms = calloc(profiler->thread_count + 1, sizeof(*b->bottoms));
	b->numbers = malloc((profiler->function_count + 1) * sizeof(*b->numbers));
	profile->memory = calloc(1, sizeof(*profile->memory));
	profile->functions = calloc(profiler->function_count + 1, sizeof(*profile->functions));
	profile->edges = calloc(profiler->tally_count + 1, sizeof(*profile->edges));
	/* Each may have others below it. */
	profile->nodes = calloc(
		2 * profiler->node_count + profiler->thread_count + 1, sizeof(*profile->nodes));
	profile->lines = calloc(profiler->line_count + 1, sizeof(*profile->lines));
	profile->threads = calloc(profiler->thread_count + 1, sizeof(*profile->threads));
	return b->tallies && b->nodes && b->bottoms && b->numbers && profile->memory &&
	       profile->functions && profile->edges && profile->nodes && profile->lines &&
	       profile->threads;
}

static void leave_tally(struct building *b, uint32_t at, const struct activation *call,
	int64_t self_ns, int64_t inclusive_ns)
{
	struct tally *tally;

	if (at == PROFILE_NONE)
		return;
	tally = &b->tallies[at];
	tally->level--;
	tally->calls += call->counted;
	tally->self_ns += call->builtin ? 0 : self_ns;
	if (tally->level == 0)
		tally->cumulative_ns += inclusive_ns;
	else
		tally->nested_calls += call->counted;
}

static void leave_node(
	struct building *b, size_t thread, const struct activation *call, int64_t self_ns)
{
	struct others *others;

	if (call->has_node) {
		b->nodes[call->node].calls += call->counted;
		b->nodes[call->node].self_ns += self_ns;
		return;
	}
	others = call->node & NODE_BOTTOM ? &b->bottoms[thread] : &b->nodes[call->node].others;
	others->calls += call->counted;
	others->self_ns += self_ns;
}

/* As profiler.c leaves calls, on the copies. */
static void leave_open(struct building *b, size_t at)
{
	const struct thread_profile *thread = &b->profiler->threads[at];
	int64_t now = b->profiler->clock.now_ns, more = now - thread->mark_ns, inside = 0;

	for (size_t i = thread->depth; i > 0; i--) {
		const struct activation *call = &thread->stack[i - 1];
		int64_t self_ns = call->self_ns + (call->builtin ? inside : more);
		int64_t inclusive_ns = call->builtin ? self_ns : now - call->entered_ns;

		inside = inclusive_ns;
		if (!call->builtin)
			more = call->function == PROFILE_NONE ? self_ns : 0;
		if (call->function == PROFILE_NONE)
			continue;
		leave_tally(b, call->total, call, self_ns, inclusive_ns);
		leave_tally(b, call->edge, call, self_ns, inclusive_ns);
		if (!call->builtin)
			leave_node(b, at, call, self_ns);
	}
}

static bool wanted(const struct building *b, uint32_t thread)
{
	return b->thread == PROFILE_NONE || b->thread == thread;
}

static void add_times(struct profile_times *times, const struct tally *tally)
{
	times->calls += tally->calls;
	times->primitive_calls += tally->calls - tally->nested_calls;
	times->self_ns += tally->self_ns;
	times->cumulative_ns += tally->cumulative_ns;
}

static bool build_functions(struct building *b)
{
	const struct profiler *profiler = b->profiler;
	struct profile *profile = b->profile;
	struct buf *texts = &profile->memory->texts;

	buf_append(texts, profiler->texts.data, profiler->texts.len);
	memset(b->numbers, 0xff, profiler->function_count * sizeof(*b->numbers));
	for (size_t i = 0; i < profiler->tally_count; i++) {
		const struct tally *tally = &b->tallies[i];
		const struct function *function = &profiler->functions[tally->callee];
		struct profile_function *made;

		if (tally->caller != PROFILE_NONE || !wanted(b, tally->thread))
			continue;
		if (b->numbers[tally->callee] == PROFILE_NONE) {
			b->numbers[tally->callee] = (uint32_t)profile->function_count;
			made = &profile->functions[profile->function_count++];
			made->file =
				(struct slice){texts->data + function->file_at, function->file_len};
			made->name =
				(struct slice){texts->data + function->name_at, function->name_len};
			made->line = function->line;
			made->builtin = function->builtin;
		}
		add_times(&profile->functions[b->numbers[tally->callee]].times, tally);
		profile->calls += tally->calls;
		profile->primitive_calls += tally->calls - tally->nested_calls;
		profile->self_ns += tally->self_ns;
	}
	return !texts->failed;
}

static int compare_edges(const void *a, const void *b)
{
	const struct profile_edge *left = a, *right = b;

	if (left->callee != right->callee)
		return left->callee < right->callee ? -1 : 1;
	return (left->caller > right->caller) - (left->caller < right->caller);
}

static void build_edges(struct building *b)
{
	struct profile *profile = b->profile;
	size_t kept = 0;

	for (size_t i = 0; i < b->profiler->tally_count; i++) {
		const struct tally *tally = &b->tallies[i];
		struct profile_edge *edge = &profile->edges[profile->edge_count];

		if (tally->caller == PROFILE_NONE || !wanted(b, tally->thread))
			continue;
		edge->caller = b->numbers[tally->caller];
		edge->callee = b->numbers[tally->callee];
		add_times(&edge->times, tally);
		profile->edge_count++;
	}
	qsort(profile->edges, profile->edge_count, sizeof(*profile->edges), compare_edges);
	for (size_t i = 0; i < profile->edge_count; i++) {
		struct profile_edge *edge = &profile->edges[i];
		struct profile_edge *last = kept ? &profile->edges[kept - 1] : NULL;

		if (!last || compare_edges(last, edge) != 0) {
			profile->edges[kept++] = *edge;
			continue;
		}
		last->times.calls += edge->times.calls;
		last->times.primitive_calls += edge->times.primitive_calls;
		last->times.self_ns += edge->times.self_ns;
		last->times.cumulative_ns += edge->times.cumulative_ns;
	}
	profile->edge_count = kept;
}

static void put_others(
	struct profile *profile, uint32_t parent, int64_t thread, const struct others *others)
{
	if (others->calls == 0 && others->self_ns == 0)
		return;
	profile->nodes[profile->node_count++] = (struct profile_node){
		.parent = parent,
		.function = PROFILE_NONE,
		.thread = thread,
		.calls = others->calls,
		.self_ns = others->self_ns,
	};
}

/* A node's parent was made before it: places rise along every path. */
static bool build_nodes(struct building *b)
{
	const struct profiler *profiler = b->profiler;
	struct profile *profile = b->profile;
	uint32_t *numbers = calloc(2 * profiler->node_count + 1, sizeof(*numbers));
	uint32_t *threads = numbers + profiler->node_count;

	if (!numbers)
		return false;
	for (size_t i = 0; i < profiler->node_count; i++) {
		const struct node *node = &b->nodes[i];
		bool bottom = node->parent & NODE_BOTTOM;

		threads[i] = bottom ? node->parent & ~NODE_BOTTOM : threads[node->parent];
		if (!wanted(b, threads[i]))
			continue;
		numbers[i] = (uint32_t)profile->node_count;
		profile->nodes[profile->node_count++] = (struct profile_node){
			.parent = bottom ? PROFILE_NONE : numbers[node->parent],
			.function = b->numbers[node->function],
			.thread = profiler->threads[threads[i]].number,
			.calls = node->calls,
			.self_ns = node->self_ns,
		};
	}
	for (size_t i = 0; i < profiler->node_count; i++) {
		if (wanted(b, threads[i]))
			put_others(profile, numbers[i], profiler->threads[threads[i]].number,
				&b->nodes[i].others);
	}
	for (uint32_t i = 0; i < profiler->thread_count; i++) {
		if (wanted(b, i))
			put_others(
				profile, PROFILE_NONE, profiler->threads[i].number, &b->bottoms[i]);
	}
	free(numbers);
	return true;
}

static int compare_lines(const void *a, const void *b)
{
	const struct profile_line *left = a, *right = b;

	if (left->function != right->function)
		return left->function < right->function ? -1 : 1;
	return (left->line > right->line) - (left->line < right->line);
}

static void build_lines(struct building *b)
{
	struct profile *profile = b->profile;

	for (size_t i = 0; i < b->profiler->function_count; i++) {
		const struct function *function = &b->profiler->functions[i];

		for (uint32_t at = 0; at < function->line_count; at++) {
			if (b->numbers[i] == PROFILE_NONE || function->lines[at].hits == 0)
				continue;
			profile->lines[profile->line_count++] = (struct profile_line){
				.function = b->numbers[i],
				.line = function->first_line + at,
				.hits = function->lines[at].hits,
				.self_ns = function->lines[at].self_ns,
			};
		}
	}
	qsort(profile->lines, profile->line_count, sizeof(*profile->lines), compare_lines);
}

static int compare_threads(const void *a, const void *b)
{
	const struct profile_thread *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

static bool build_threads(struct building *b)
{
	const struct profiler *profiler = b->profiler;
	struct profile *profile = b->profile;
	struct buf *texts = &profile->memory->texts;

	/* Room first: functions borrow from these bytes. */
	for (size_t i = 0; i < profiler->thread_count; i++) {
		struct profile_thread *made = &profile->threads[i];
		const struct buf *name = &profiler->threads[i].name;

		made->number = profiler->threads[i].number;
		made->name = (struct slice){texts->data + texts->len, name->len};
		buf_append(texts, name->data, name->len);
	}
	for (size_t i = 0; i < profiler->tally_count; i++) {
		if (b->tallies[i].caller != PROFILE_NONE)
			continue;
		profile->threads[b->tallies[i].thread].calls += b->tallies[i].calls;
		profile->threads[b->tallies[i].thread].self_ns += b->tallies[i].self_ns;
	}
	profile->thread_count = profiler->thread_count;
	qsort(profile->threads, profile->thread_count, sizeof(*profile->threads), compare_threads);
	return !texts->failed;
}

/* The thread of that name or number. */
static int find_thread(struct building *b, const char *thread, struct err *err)
{
	b->thread = PROFILE_NONE;
	b->profile->thread = -1;
	if (!thread)
		return 0;
	for (uint32_t i = 0; i < b->profiler->thread_count; i++) {
		char number[24];

		snprintf(number, sizeof(number), "%" PRId64, b->profiler->threads[i].number);
		if (strcmp(thread, number) != 0 &&
			!slice_equal(slice_text(thread), buf_slice(&b->profiler->threads[i].name)))
			continue;
		b->thread = i;
		b->profile->thread = b->profiler->threads[i].number;
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "no thread %s", thread);
}

static bool reserve_texts(struct building *b)
{
	size_t bytes = b->profiler->texts.len;

	for (size_t i = 0; i < b->profiler->thread_count; i++)
		bytes += b->profiler->threads[i].name.len;
	return buf_reserve(&b->profile->memory->texts, bytes + 1) == 0;
}

static bool build(struct building *b)
{
	const struct profiler *profiler = b->profiler;
	struct profile *profile = b->profile;

	if (!prepare(b) || !reserve_texts(b))
		return false;
	for (size_t i = 0; i < profiler->thread_count; i++) {
		b->bottoms[i] = profiler->threads[i].others;
		if (wanted(b, (uint32_t)i))
			profile->open_calls += (int64_t)(profiler->threads[i].depth -
							 profiler->threads[i].builtins);
		leave_open(b, i);
	}
	if (!build_functions(b))
		return false;
	build_edges(b);
	if (!build_nodes(b))
		return false;
	build_lines(b);
	profile_level(profile);
	return build_threads(b);
}

int profiler_build(const struct profiler *profiler, const char *thread, struct profile *profile,
	struct err *err)
{
	struct building b = {.profiler = profiler, .profile = profile};
	int rc;

	*profile = (struct profile){
		.program_ns = profiler->clock.now_ns,
		.traced_ns = profiler->clock.last_ns - profiler->clock.first_ns,
		.event_count = profiler->next_seq,
		.lost_events = profiler->lost_events,
	};
	rc = find_thread(&b, thread, err);
	if (rc == 0 && !build(&b))
		rc = err_set(err, ERR_MEMORY, "profile: out of memory");
	free(b.tallies);
	free(b.nodes);
	free(b.bottoms);
	free(b.numbers);
	return rc;
}
