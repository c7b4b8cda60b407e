#include "materializer/profiler_internal.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

static uint64_t mix(uint64_t bits)
{
	bits ^= bits >> 32;
	bits *= UINT64_C(0x9e3779b97f4a7c15);
	return bits ^ bits >> 29;
}

/* Room for one more element. */
static int grow(void **array, size_t *cap, size_t count, size_t bytes)
{
	size_t wider = *cap ? 2 * *cap : 16;
	void *grown;

	if (count < *cap)
		return 0;
	grown = reallocarray(*array, wider, bytes);
	if (!grown)
		return ERR_MEMORY;
	*array = grown;
	*cap = wider;
	return 0;
}

/* What a table's elements are found by. */
static uint64_t function_hash(struct slice file, struct slice name, int64_t line)
{
	return mix(XXH3_64bits(file.data, file.len) ^ mix(XXH3_64bits(name.data, name.len)) ^
		   mix((uint64_t)line));
}

static uint64_t tally_hash(uint32_t thread, uint32_t caller, uint32_t callee)
{
	return mix(mix((uint64_t)caller << 32 | callee) + thread);
}

static uint64_t node_hash(uint32_t parent, uint32_t function)
{
	return mix((uint64_t)parent << 32 | function);
}

static uint64_t element_hash(
	const struct profiler *profiler, const struct places *places, size_t at)
{
	const struct function *function;

	if (places == &profiler->tally_places) {
		const struct tally *tally = &profiler->tallies[at];

		return tally_hash(tally->thread, tally->caller, tally->callee);
	}
	if (places == &profiler->node_places)
		return node_hash(profiler->nodes[at].parent, profiler->nodes[at].function);
	if (places == &profiler->thread_places)
		return mix((uint64_t)profiler->threads[at].number);
	function = &profiler->functions[at];
	return function_hash(function_file(profiler, function), function_name(profiler, function),
		function->line);
}

/* Makes room in the table for element number `count`, which comes next. */
static int places_grow(const struct profiler *profiler, struct places *places, size_t count)
{
	size_t cap = places->cap ? places->cap : 64;
	uint32_t *at;

	if (2 * (count + 1) <= places->cap)
		return 0;
	while (cap < 2 * (count + 1))
		cap *= 2;
	at = calloc(cap, sizeof(*at));
	if (!at)
		return ERR_MEMORY;
	free(places->at);
	places->at = at;
	places->cap = cap;
	for (size_t i = 0; i < count; i++) {
		size_t slot = element_hash(profiler, places, i) & (cap - 1);

		while (at[slot])
			slot = (slot + 1) & (cap - 1);
		at[slot] = (uint32_t)i + 1;
	}
	return 0;
}

int profiler_index(struct profiler *profiler)
{
	const struct {
		struct places *places;
		size_t count;
	} tables[] = {
		{&profiler->function_places, profiler->function_count},
		{&profiler->tally_places, profiler->tally_count},
		{&profiler->node_places, profiler->node_count},
		{&profiler->thread_places, profiler->thread_count},
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (places_grow(profiler, tables[i].places, tables[i].count) < 0)
			return ERR_MEMORY;
	}
	return 0;
}

static int add_function(struct profiler *profiler, const struct code *code)
{
	struct function *function;

	if (grow((void **)&profiler->functions, &profiler->function_cap, profiler->function_count,
		    sizeof(*function)) < 0 ||
		buf_reserve(&profiler->texts, code->file.len + code->function.len) < 0)
		return ERR_MEMORY;
	function = &profiler->functions[profiler->function_count++];
	*function = (struct function){
		.file_at = profiler->texts.len,
		.file_len = (uint32_t)code->file.len,
		.name_at = profiler->texts.len + code->file.len,
		.name_len = (uint32_t)code->function.len,
		.line = code->line,
		.builtin = code->file.len == 0 && code->line == 0,
	};
	buf_append(&profiler->texts, code->file.data, code->file.len);
	buf_append(&profiler->texts, code->function.data, code->function.len);
	return 0;
}

static int find_function(struct profiler *profiler, const struct code *code, uint32_t *found)
{
	struct places *places = &profiler->function_places;
	size_t slot;

	if (places_grow(profiler, places, profiler->function_count) < 0)
		return ERR_MEMORY;
	slot = function_hash(code->file, code->function, code->line) & (places->cap - 1);
	for (; places->at[slot]; slot = (slot + 1) & (places->cap - 1)) {
		const struct function *function = &profiler->functions[places->at[slot] - 1];

		if (function->line == code->line &&
			slice_equal(function_name(profiler, function), code->function) &&
			slice_equal(function_file(profiler, function), code->file)) {
			*found = places->at[slot] - 1;
			return 0;
		}
	}
	*found = PROFILE_NONE;
	if (profiler->function_count >= PROFILER_FUNCTIONS_MAX)
		return 0;
	if (add_function(profiler, code) < 0)
		return ERR_MEMORY;
	places->at[slot] = (uint32_t)profiler->function_count;
	*found = (uint32_t)profiler->function_count - 1;
	return 0;
}

int profiler_function(struct profiler *profiler, const struct code *code, uint32_t *function)
{
	size_t at =
		mix((uintptr_t)code->function.data ^ (uint64_t)code->line << 48) & (CODE_CACHE - 1);
	struct code_hint *hint = &profiler->hints[at];
	int rc = 0;

	if (hint->name != code->function.data || hint->file != code->file.data ||
		hint->line != code->line) {
		rc = find_function(profiler, code, function);
		if (rc == 0)
			*hint = (struct code_hint){
				code->function.data, code->file.data, code->line, *function};
		return rc;
	}
	*function = hint->function;
	return 0;
}

int profiler_tally(struct profiler *profiler, uint32_t thread, uint32_t caller, uint32_t callee,
	uint32_t *tally)
{
	struct places *places = &profiler->tally_places;
	size_t slot;

	if (places_grow(profiler, places, profiler->tally_count) < 0)
		return ERR_MEMORY;
	slot = tally_hash(thread, caller, callee) & (places->cap - 1);
	for (; places->at[slot]; slot = (slot + 1) & (places->cap - 1)) {
		const struct tally *there = &profiler->tallies[places->at[slot] - 1];

		if (there->thread == thread && there->caller == caller && there->callee == callee) {
			*tally = places->at[slot] - 1;
			return 0;
		}
	}
	*tally = PROFILE_NONE;
	if (profiler->tally_count >= PROFILER_TALLIES_MAX)
		return 0;
	if (grow((void **)&profiler->tallies, &profiler->tally_cap, profiler->tally_count,
		    sizeof(*profiler->tallies)) < 0)
		return ERR_MEMORY;
	*tally = (uint32_t)profiler->tally_count++;
	profiler->tallies[*tally] =
		(struct tally){.thread = thread, .caller = caller, .callee = callee};
	places->at[slot] = *tally + 1;
	return 0;
}

int profiler_child(struct profiler *profiler, uint32_t parent, uint32_t function, uint32_t *node)
{
	struct places *places = &profiler->node_places;
	size_t slot;

	if (places_grow(profiler, places, profiler->node_count) < 0)
		return ERR_MEMORY;
	slot = node_hash(parent, function) & (places->cap - 1);
	for (; places->at[slot]; slot = (slot + 1) & (places->cap - 1)) {
		const struct node *there = &profiler->nodes[places->at[slot] - 1];

		if (there->parent == parent && there->function == function) {
			*node = places->at[slot] - 1;
			return 0;
		}
	}
	*node = PROFILE_NONE;
	if (profiler->node_count >= PROFILER_NODES_MAX)
		return 0;
	if (grow((void **)&profiler->nodes, &profiler->node_cap, profiler->node_count,
		    sizeof(*profiler->nodes)) < 0)
		return ERR_MEMORY;
	*node = (uint32_t)profiler->node_count++;
	profiler->nodes[*node] = (struct node){
		.parent = parent,
		.function = function,
		.total = PROFILE_NONE,
		.edge = PROFILE_NONE,
	};
	places->at[slot] = *node + 1;
	return 0;
}

static int find_thread(struct profiler *profiler, int64_t number, uint32_t *thread)
{
	struct places *places = &profiler->thread_places;
	size_t slot;

	if (places_grow(profiler, places, profiler->thread_count) < 0)
		return ERR_MEMORY;
	slot = mix((uint64_t)number) & (places->cap - 1);
	for (; places->at[slot]; slot = (slot + 1) & (places->cap - 1)) {
		*thread = places->at[slot] - 1;
		if (profiler->threads[*thread].number == number)
			return 0;
	}
	if (grow((void **)&profiler->threads, &profiler->thread_cap, profiler->thread_count,
		    sizeof(*profiler->threads)) < 0)
		return ERR_MEMORY;
	*thread = (uint32_t)profiler->thread_count++;
	profiler->threads[*thread] = (struct thread_profile){
		.number = number,
		.mark_ns = profiler->clock.now_ns,
	};
	places->at[slot] = *thread + 1;
	return 0;
}

int profiler_thread_slow(struct profiler *profiler, int64_t number)
{
	uint32_t thread;

	if (find_thread(profiler, number, &thread) < 0)
		return ERR_MEMORY;
	profiler->thread = thread;
	return 0;
}

/* The lines of a function from `first` on, `count` of them. */
static int set_lines(
	struct profiler *profiler, struct function *function, int64_t first, uint32_t count)
{
	struct line_sum *lines = calloc(count, sizeof(*lines));

	if (!lines)
		return ERR_MEMORY;
	if (function->line_count)
		memcpy(lines + (function->first_line - first), function->lines,
			function->line_count * sizeof(*lines));
	free(function->lines);
	profiler->line_count += count - function->line_count;
	function->lines = lines;
	function->first_line = first;
	function->line_count = count;
	return 0;
}

struct line_sum *profiler_line_slow(
	struct profiler *profiler, uint32_t function, int64_t line, bool *failed)
{
	struct function *of = &profiler->functions[function];
	int64_t first = of->line_count ? of->first_line : line;
	int64_t end = of->line_count ? of->first_line + of->line_count : line + 1;

	if (line < 0 || line > INT32_MAX)
		return NULL;
	if (line < first)
		first = line;
	if (line >= end)
		end = line + 1 + (line + 1 - first) / 2;
	if ((uint64_t)(end - first) - of->line_count + profiler->line_count > PROFILER_LINES_MAX)
		return NULL;
	*failed = set_lines(profiler, of, first, (uint32_t)(end - first)) < 0;
	return *failed ? NULL : &of->lines[line - of->first_line];
}
