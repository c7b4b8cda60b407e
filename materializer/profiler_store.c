#include "materializer/profiler.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/profiler_internal.h"
#include "schemas/avro.h"

#define FILES_BACK 64 /* functions looked at for the same file */

static void put_bool(struct buf *out, bool value)
{
	buf_byte(out, value);
}

/* A place, or nobody. */
static void put_place(struct buf *out, uint32_t place)
{
	avro_buf_long(out, place == PROFILE_NONE ? 0 : (int64_t)place + 1);
}

/* How many functions back the same file is; 0: here. */
static size_t same_file(const struct profiler *profiler, size_t at)
{
	struct slice file = function_file(profiler, &profiler->functions[at]);

	for (size_t back = 1; back <= FILES_BACK && back <= at; back++) {
		if (slice_equal(file, function_file(profiler, &profiler->functions[at - back])))
			return back;
	}
	return 0;
}

static void put_lines(const struct function *function, struct buf *out)
{
	int64_t used = 0, last = 0;

	for (uint32_t i = 0; i < function->line_count; i++)
		used += function->lines[i].hits != 0;
	avro_buf_long(out, function->first_line);
	avro_buf_long(out, function->line_count);
	avro_buf_long(out, used);
	for (uint32_t i = 0; i < function->line_count; i++) {
		if (!function->lines[i].hits)
			continue;
		avro_buf_long(out, i - last);
		avro_buf_long(out, function->lines[i].hits);
		avro_buf_long(out, function->lines[i].self_ns);
		last = i;
	}
}

static void put_functions(const struct profiler *profiler, struct buf *out)
{
	avro_buf_long(out, (int64_t)profiler->function_count);
	for (size_t i = 0; i < profiler->function_count; i++) {
		const struct function *function = &profiler->functions[i];
		struct slice name = function_name(profiler, function);
		size_t back = same_file(profiler, i);

		avro_buf_long(out, (int64_t)back);
		if (!back) {
			struct slice file = function_file(profiler, function);

			avro_buf_bytes(out, file.data, file.len);
		}
		avro_buf_bytes(out, name.data, name.len);
		avro_buf_long(out, function->line);
		put_bool(out, function->builtin);
		put_lines(function, out);
	}
}

static void put_others(const struct others *others, struct buf *out)
{
	avro_buf_long(out, others->calls);
	avro_buf_long(out, others->self_ns);
}

static void put_call(const struct activation *call, struct buf *out)
{
	avro_buf_long(out, call->frame);
	put_place(out, call->function);
	avro_buf_long(out, call->node);
	put_place(out, call->total);
	put_place(out, call->edge);
	put_bool(out, call->has_node);
	put_bool(out, call->counted);
	put_bool(out, call->builtin);
	avro_buf_long(out, call->entered_ns);
	avro_buf_long(out, call->self_ns);
	avro_buf_long(out, call->line);
}

static void put_threads(const struct profiler *profiler, struct buf *out)
{
	avro_buf_long(out, (int64_t)profiler->thread_count);
	for (size_t i = 0; i < profiler->thread_count; i++) {
		const struct thread_profile *thread = &profiler->threads[i];

		avro_buf_long(out, thread->number);
		avro_buf_bytes(out, thread->name.data, thread->name.len);
		avro_buf_long(out, thread->mark_ns);
		put_others(&thread->others, out);
		avro_buf_long(out, (int64_t)thread->depth);
		for (size_t at = 0; at < thread->depth; at++)
			put_call(&thread->stack[at], out);
	}
}

static void put_tallies(const struct profiler *profiler, struct buf *out)
{
	avro_buf_long(out, (int64_t)profiler->tally_count);
	for (size_t i = 0; i < profiler->tally_count; i++) {
		const struct tally *tally = &profiler->tallies[i];

		avro_buf_long(out, tally->thread);
		put_place(out, tally->caller);
		avro_buf_long(out, tally->callee);
		avro_buf_long(out, tally->calls);
		avro_buf_long(out, tally->nested_calls);
		avro_buf_long(out, tally->self_ns);
		avro_buf_long(out, tally->cumulative_ns);
	}
}

static void put_nodes(const struct profiler *profiler, struct buf *out)
{
	avro_buf_long(out, (int64_t)profiler->node_count);
	for (size_t i = 0; i < profiler->node_count; i++) {
		const struct node *node = &profiler->nodes[i];

		avro_buf_long(out, node->parent);
		avro_buf_long(out, node->function);
		put_place(out, node->total);
		put_place(out, node->edge);
		avro_buf_long(out, node->calls);
		avro_buf_long(out, node->self_ns);
		put_others(&node->others, out);
	}
}

void profiler_encode(const struct profiler *profiler, struct buf *out)
{
	const struct program_clock *clock = &profiler->clock;

	avro_buf_long(out, profiler->next_seq);
	avro_buf_long(out, profiler->lost_events);
	put_bool(out, clock->runs);
	avro_buf_long(out, clock->now_ns);
	avro_buf_long(out, clock->kind);
	avro_buf_long(out, clock->after_ns);
	avro_buf_long(out, clock->first_ns);
	avro_buf_long(out, clock->last_ns);
	put_functions(profiler, out);
	put_threads(profiler, out);
	put_tallies(profiler, out);
	put_nodes(profiler, out);
}

bool profiler_peek(struct slice bytes, int64_t *next_seq)
{
	struct avro_in in = avro_in(bytes);

	return avro_get_long(&in, next_seq);
}

/* Reading: every number is checked before it is used as a place or as a size. */

static bool get_count(struct avro_in *in, size_t *count)
{
	int64_t value;

	if (!avro_get_long(in, &value) || value < 0 || value > in->end - in->at)
		return false;
	*count = (size_t)value;
	return true;
}

static bool get_number(struct avro_in *in, size_t limit, uint32_t *number)
{
	int64_t value;

	if (!avro_get_long(in, &value) || value < 0 || (uint64_t)value >= limit)
		return false;
	*number = (uint32_t)value;
	return true;
}

static bool get_place(struct avro_in *in, size_t limit, uint32_t *place)
{
	if (!get_number(in, limit + 1, place))
		return false;
	*place = *place ? *place - 1 : PROFILE_NONE;
	return true;
}

/* A node, or the bottom of a thread's stack. */
static bool get_node(
	struct avro_in *in, const struct profiler *profiler, size_t nodes, uint32_t *node)
{
	if (!get_number(in, (size_t)UINT32_MAX + 1, node))
		return false;
	return *node & NODE_BOTTOM ? (*node & ~NODE_BOTTOM) < profiler->thread_count
				   : *node < nodes;
}

static bool get_line(struct avro_in *in, const struct function *function, int64_t *at, bool first)
{
	struct line_sum sum;
	int64_t step;

	if (!avro_get_long(in, &step) || !avro_get_long(in, &sum.hits) ||
		!avro_get_long(in, &sum.self_ns) || step < !first ||
		step >= (int64_t)function->line_count - *at)
		return false;
	*at += step;
	function->lines[*at] = sum;
	return true;
}

static bool get_lines(struct avro_in *in, struct profiler *profiler, struct function *function)
{
	uint32_t count;
	size_t used;
	int64_t at = 0;

	if (!avro_get_long(in, &function->first_line) ||
		!get_number(in, PROFILER_LINES_MAX - profiler->line_count + 1, &count) ||
		!get_count(in, &used))
		return false;
	if (count) {
		function->lines = calloc(count, sizeof(*function->lines));
		if (!function->lines)
			return false;
	}
	function->line_count = count;
	profiler->line_count += count;
	for (size_t i = 0; i < used; i++) {
		if (!get_line(in, function, &at, i == 0))
			return false;
	}
	return true;
}

static bool get_function(struct avro_in *in, struct profiler *profiler, size_t at)
{
	struct function *function = &profiler->functions[at];
	struct slice file, name;
	uint32_t back;

	if (!get_number(in, at + 1, &back))
		return false;
	if (back) {
		function->file_at = profiler->functions[at - back].file_at;
		function->file_len = profiler->functions[at - back].file_len;
	} else {
		if (!avro_get_string(in, &file))
			return false;
		function->file_at = profiler->texts.len;
		function->file_len = (uint32_t)file.len;
		buf_append(&profiler->texts, file.data, file.len);
	}
	if (!avro_get_string(in, &name) || !avro_get_long(in, &function->line) ||
		!avro_get_boolean(in, &function->builtin))
		return false;
	function->name_at = profiler->texts.len;
	function->name_len = (uint32_t)name.len;
	buf_append(&profiler->texts, name.data, name.len);
	return get_lines(in, profiler, function);
}

static bool get_functions(struct avro_in *in, struct profiler *profiler)
{
	size_t count;

	if (!get_count(in, &count))
		return false;
	profiler->functions = calloc(count + 1, sizeof(*profiler->functions));
	if (!profiler->functions)
		return false;
	profiler->function_cap = count + 1;
	for (; profiler->function_count < count; profiler->function_count++) {
		if (!get_function(in, profiler, profiler->function_count)) {
			profiler->function_count++; /* its lines are to be freed */
			return false;
		}
	}
	return !profiler->texts.failed;
}

static bool get_others(struct avro_in *in, struct others *others)
{
	return avro_get_long(in, &others->calls) && avro_get_long(in, &others->self_ns);
}

/* What it refers to comes later: checked in check_call(). */
static bool get_call(struct avro_in *in, const struct profiler *profiler, struct activation *call)
{
	return avro_get_long(in, &call->frame) &&
	       get_place(in, profiler->function_count, &call->function) &&
	       get_number(in, UINT32_MAX, &call->node) &&
	       get_place(in, PROFILER_TALLIES_MAX, &call->total) &&
	       get_place(in, PROFILER_TALLIES_MAX, &call->edge) &&
	       avro_get_boolean(in, &call->has_node) && avro_get_boolean(in, &call->counted) &&
	       avro_get_boolean(in, &call->builtin) && avro_get_long(in, &call->entered_ns) &&
	       avro_get_long(in, &call->self_ns) && avro_get_long(in, &call->line);
}

static bool get_thread(struct avro_in *in, struct profiler *profiler, struct thread_profile *thread)
{
	struct slice name;
	size_t depth;

	if (!avro_get_long(in, &thread->number) || !avro_get_string(in, &name) ||
		!avro_get_long(in, &thread->mark_ns) || !get_others(in, &thread->others) ||
		!get_count(in, &depth))
		return false;
	buf_append(&thread->name, name.data, name.len);
	thread->stack = calloc(depth + 1, sizeof(*thread->stack));
	if (!thread->stack)
		return false;
	thread->room = depth + 1;
	for (; thread->depth < depth; thread->depth++) {
		if (!get_call(in, profiler, &thread->stack[thread->depth]))
			return false;
		thread->builtins += thread->stack[thread->depth].builtin;
	}
	return !thread->name.failed;
}

static bool get_threads(struct avro_in *in, struct profiler *profiler)
{
	size_t count;

	if (!get_count(in, &count))
		return false;
	profiler->threads = calloc(count + 1, sizeof(*profiler->threads));
	if (!profiler->threads)
		return false;
	profiler->thread_cap = count + 1;
	profiler->thread_count = count; /* zeroed: may be freed */
	for (size_t i = 0; i < count; i++) {
		if (!get_thread(in, profiler, &profiler->threads[i]))
			return false;
	}
	return true;
}

static bool get_tally(struct avro_in *in, const struct profiler *profiler, struct tally *tally)
{
	return get_number(in, profiler->thread_count, &tally->thread) &&
	       get_place(in, profiler->function_count, &tally->caller) &&
	       get_number(in, profiler->function_count, &tally->callee) &&
	       avro_get_long(in, &tally->calls) && avro_get_long(in, &tally->nested_calls) &&
	       avro_get_long(in, &tally->self_ns) && avro_get_long(in, &tally->cumulative_ns);
}

static bool get_tallies(struct avro_in *in, struct profiler *profiler)
{
	size_t count;

	if (!get_count(in, &count))
		return false;
	profiler->tallies = calloc(count + 1, sizeof(*profiler->tallies));
	if (!profiler->tallies)
		return false;
	profiler->tally_cap = count + 1;
	for (; profiler->tally_count < count; profiler->tally_count++) {
		if (!get_tally(in, profiler, &profiler->tallies[profiler->tally_count]))
			return false;
	}
	return true;
}

static bool get_tree_node(struct avro_in *in, struct profiler *profiler, size_t at)
{
	struct node *node = &profiler->nodes[at];

	return get_node(in, profiler, at, &node->parent) &&
	       get_number(in, profiler->function_count, &node->function) &&
	       get_place(in, profiler->tally_count, &node->total) &&
	       get_place(in, profiler->tally_count, &node->edge) &&
	       avro_get_long(in, &node->calls) && avro_get_long(in, &node->self_ns) &&
	       get_others(in, &node->others);
}

static bool get_nodes(struct avro_in *in, struct profiler *profiler)
{
	size_t count;

	if (!get_count(in, &count))
		return false;
	profiler->nodes = calloc(count + 1, sizeof(*profiler->nodes));
	if (!profiler->nodes)
		return false;
	profiler->node_cap = count + 1;
	for (; profiler->node_count < count; profiler->node_count++) {
		if (!get_tree_node(in, profiler, profiler->node_count))
			return false;
	}
	return true;
}

/* Does the call refer to what is there? Then it is on the stack. */
static bool check_call(struct profiler *profiler, const struct activation *call)
{
	if (call->node & NODE_BOTTOM ? (call->node & ~NODE_BOTTOM) >= profiler->thread_count
				     : call->node >= profiler->node_count)
		return false;
	if (call->has_node && call->node & NODE_BOTTOM)
		return false;
	if ((call->total != PROFILE_NONE && call->total >= profiler->tally_count) ||
		(call->edge != PROFILE_NONE && call->edge >= profiler->tally_count))
		return false;
	if (call->total != PROFILE_NONE)
		profiler->tallies[call->total].level++;
	if (call->edge != PROFILE_NONE)
		profiler->tallies[call->edge].level++;
	return true;
}

static bool check_stacks(struct profiler *profiler)
{
	for (size_t i = 0; i < profiler->thread_count; i++) {
		const struct thread_profile *thread = &profiler->threads[i];

		for (size_t at = 0; at < thread->depth; at++) {
			if (!check_call(profiler, &thread->stack[at]))
				return false;
		}
	}
	return true;
}

static bool get_head(struct avro_in *in, struct profiler *profiler)
{
	struct program_clock *clock = &profiler->clock;
	uint32_t kind;

	if (!avro_get_long(in, &profiler->next_seq) || !avro_get_long(in, &profiler->lost_events) ||
		!avro_get_boolean(in, &clock->runs) || !avro_get_long(in, &clock->now_ns) ||
		!get_number(in, EVENT_KINDS, &kind))
		return false;
	clock->kind = (enum event_kind)kind;
	return avro_get_long(in, &clock->after_ns) && avro_get_long(in, &clock->first_ns) &&
	       avro_get_long(in, &clock->last_ns);
}

int profiler_decode(struct slice bytes, struct profiler **profiler, struct err *err)
{
	struct avro_in in = avro_in(bytes);
	struct profiler *made = profiler_new();

	*profiler = NULL;
	if (!made)
		return err_set(err, ERR_MEMORY, "profile: out of memory");
	if (!get_head(&in, made) || !get_functions(&in, made) || !get_threads(&in, made) ||
		!get_tallies(&in, made) || !get_nodes(&in, made) || in.at != in.end ||
		!check_stacks(made) || profiler_index(made) < 0) {
		profiler_free(made);
		return err_set(err, ERR_FORMAT,
			"a stored profile is damaged, `smiley rebuild` makes it anew");
	}
	*profiler = made;
	return 0;
}
