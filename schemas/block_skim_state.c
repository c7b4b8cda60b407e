#include "schemas/block_skim_internal.h"

#include <stdlib.h>

#include <xxhash.h>

/* What a skimmer may keep for the next block. */
#define KEEP_EVENTS (16 * 1024)
#define KEEP_FRAMES 4096
/* A block in which frames times names of locals are more than this is odd. */
#define BITS_MAX_BYTES (4u << 20)

bool skim_widen_array(void *array, size_t *cap, size_t need, size_t bytes)
{
	size_t wider = *cap < 32 ? 32 : *cap;
	void *grown;

	while (wider < need)
		wider *= 2;
	memcpy(&grown, array, sizeof(grown));
	grown = reallocarray(grown, wider, bytes);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof(grown));
	*cap = wider;
	return true;
}

static void live_free(struct block_skimmer *s, struct skim_live *frame)
{
	s->bits_bytes -= frame->words * sizeof(*frame->bits);
	free(frame->bits);
	free(frame);
}

/* All frames become spare ones. */
static void spare_all(struct block_skimmer *s)
{
	size_t keep = s->bits_bytes > BITS_MAX_BYTES / 2 ? 0 : KEEP_FRAMES;

	s->spare = NULL;
	while (s->all_count > keep)
		live_free(s, s->all[--s->all_count]);
	for (size_t i = s->all_count; i > 0; i--) {
		s->all[i - 1]->spare = s->spare;
		s->spare = s->all[i - 1];
	}
}

static void map_clear(struct id_map *map)
{
	if (map->count)
		memset(map->slots, 0, map->cap * sizeof(*map->slots));
	map->count = 0;
}

/* Room for all events, of which there are no more than half the bytes of the items; for one if
 * there are none, since nothing may be added to NULL. */
static bool event_room(struct block_skimmer *s, size_t count)
{
	if (s->event_cap > KEEP_EVENTS && count <= KEEP_EVENTS) {
		free(s->events);
		free(s->called);
		s->events = NULL;
		s->called = NULL;
		s->event_cap = s->called_cap = 0;
	}
	return skim_grow(&s->events, &s->event_cap, count + 1, sizeof(*s->events)) &&
	       skim_grow(&s->called, &s->called_cap, count + 1, sizeof(*s->called));
}

bool skim_begin(struct block_skimmer *s, const struct block_head *head)
{
	size_t count = (size_t)head->event_count;

	spare_all(s);
	map_clear(&s->stated);
	map_clear(&s->numbers);
	s->stacks_used = s->name_count = s->code_count = s->frame_count = s->thread_count = 0;
	if (s->interned_count)
		memset(s->interned, 0, s->interned_cap * sizeof(*s->interned));
	s->interned_count = 0;
	s->code_end = NULL;
	s->ahead_count = s->builtin_count = 0;
	s->ahead = false;
	s->open = NULL;
	s->target = NULL;
	s->stack = NULL;
	s->leaving = false;
	if (!event_room(s, count))
		return false;
	if (count)
		memset(s->called, 0, count * sizeof(*s->called));
	s->next = s->events;
	s->limit = s->events + count;
	s->time_ns = head->base_ns;
	s->end = head->items.data + head->items.len;
	s->skim.head = *head;
	s->skim.by_cursor = false;
	return true;
}

void skim_finish(struct block_skimmer *s)
{
	s->skim.events = s->events;
	s->skim.frames = s->frames;
	s->skim.threads = s->threads;
	s->skim.codes = s->codes;
	s->skim.frame_count = s->frame_count;
	s->skim.thread_count = s->thread_count;
	s->skim.code_count = s->code_count;
	s->skim.aheads = s->aheads;
	s->skim.builtins = s->builtins;
	s->skim.ahead_count = s->ahead_count;
}

struct skim_ahead *skim_ahead(struct block_skimmer *s)
{
	if (s->ahead)
		return &s->aheads[s->ahead_count];
	if (!skim_grow(&s->aheads, &s->ahead_cap, s->ahead_count + 1, sizeof(*s->aheads)))
		return NULL;
	s->ahead = true;
	s->aheads[s->ahead_count] = (struct skim_ahead){.builtin = s->builtin_count};
	return &s->aheads[s->ahead_count];
}

bool skim_builtin(struct block_skimmer *s, struct slice name, int64_t calls, int64_t ns)
{
	struct skim_ahead *ahead = skim_ahead(s);

	if (!ahead || !skim_grow(&s->builtins, &s->builtin_cap, s->builtin_count + 1,
			      sizeof(*s->builtins)))
		return false;
	s->builtins[s->builtin_count++] = (struct builtin_calls){name, calls, ns};
	ahead->builtin_count++;
	return true;
}

void skim_release(struct block_skimmer *s)
{
	while (s->all_count > 0)
		live_free(s, s->all[--s->all_count]);
	for (size_t i = 0; i < s->stack_count; i++) {
		free(s->stacks[i]->items);
		free(s->stacks[i]);
	}
	free(s->all);
	free(s->stacks);
	free(s->events);
	free(s->called);
	free(s->names);
	free(s->locals);
	free(s->interned);
	free(s->local_names);
	free(s->codes);
	free(s->aheads);
	free(s->builtins);
	free(s->frames);
	free(s->threads);
	id_map_release(&s->stated);
	id_map_release(&s->numbers);
}

/* Where the text is in s->interned, or the empty place where it would be. */
static uint32_t *interned_place(const struct block_skimmer *s, struct slice text)
{
	size_t mask = s->interned_cap - 1;
	size_t at = (size_t)XXH3_64bits(text.data, text.len) & mask;

	while (s->interned[at] && !slice_equal(s->names[s->interned[at] - 1], text))
		at = (at + 1) & mask;
	return &s->interned[at];
}

static bool interned_grow(struct block_skimmer *s)
{
	size_t cap = s->interned_cap ? s->interned_cap * 2 : 256;
	uint32_t *wider = calloc(cap, sizeof(*wider));

	if (!wider)
		return false;
	free(s->interned);
	s->interned = wider;
	s->interned_cap = cap;
	for (size_t i = 0; i < s->interned_count; i++)
		*interned_place(s, s->names[s->local_names[i]]) = s->local_names[i] + 1;
	return true;
}

uint32_t skim_intern(struct block_skimmer *s, size_t name)
{
	uint32_t *place;

	if ((s->interned_count + 1) * 2 > s->interned_cap && !interned_grow(s))
		return 0;
	place = interned_place(s, s->names[name]);
	if (*place == 0) {
		if (!skim_grow(&s->local_names, &s->local_name_cap, s->interned_count + 1,
			    sizeof(*s->local_names)))
			return 0;
		*place = (uint32_t)name + 1;
		s->local_names[s->interned_count++] = (uint32_t)name;
		s->locals[name] = (uint32_t)s->interned_count;
	} else {
		s->locals[name] = s->locals[*place - 1];
	}
	return s->locals[name];
}

bool skim_widen(struct block_skimmer *s, struct skim_live *frame, size_t words)
{
	size_t wider = frame->words ? frame->words : 1;
	struct local_bits *bits;
	size_t more;

	while (wider < words)
		wider *= 2;
	more = wider - frame->words;
	if (s->bits_bytes + more * sizeof(*bits) > BITS_MAX_BYTES)
		return false;
	bits = reallocarray(frame->bits, wider, sizeof(*bits));
	if (!bits)
		return false;
	memset(bits + frame->words, 0, more * sizeof(*bits));
	s->bits_bytes += more * sizeof(*bits);
	frame->bits = bits;
	frame->words = (uint32_t)wider;
	return true;
}

/* The place of a call's frame in s->called; NULL: it was called before the block. */
static uint32_t *called_place(const struct block_skimmer *s, int64_t id)
{
	uint64_t event = (uint64_t)id - (uint64_t)s->skim.head.first_seq;

	return event < (uint64_t)s->skim.head.event_count ? &s->called[event] : NULL;
}

struct skim_live *skim_find(const struct block_skimmer *s, int64_t id)
{
	const uint32_t *place = called_place(s, id);

	if (!place)
		return id_map_find(&s->stated, id);
	return *place ? s->all[*place - 1] : NULL;
}

static struct skim_live *live_new(struct block_skimmer *s)
{
	struct skim_live *frame;

	if (!skim_grow(&s->all, &s->all_cap, s->all_count + 1, sizeof(*s->all)))
		return NULL;
	frame = calloc(1, sizeof(*frame));
	if (!frame)
		return NULL;
	frame->slot = (uint32_t)s->all_count;
	s->all[s->all_count++] = frame;
	return frame;
}

struct skim_live *skim_frame_new(struct block_skimmer *s, int64_t id)
{
	struct skim_live *frame = s->spare;
	uint32_t *place = called_place(s, id);

	if (frame)
		s->spare = frame->spare;
	else
		frame = live_new(s);
	if (!frame)
		return NULL;
	if (place)
		*place = frame->slot + 1;
	else if (id_map_add(&s->stated, id, frame) < 0)
		return NULL;
	frame->id = id;
	frame->stack = NULL;
	frame->present = frame->changed = frame->removed = 0;
	if (frame->words)
		memset(frame->bits, 0, frame->words * sizeof(*frame->bits));
	return frame;
}

bool skim_push(struct block_skimmer *s, struct skim_live *frame)
{
	struct skim_stack *stack = s->stack;

	if (!skim_grow(&stack->items, &stack->cap, stack->count + 1, sizeof(*stack->items)) ||
		!skim_grow(&s->frames, &s->frame_cap, s->frame_count + 1, sizeof(*s->frames)))
		return false;
	frame->stack = stack;
	frame->entry = (uint32_t)s->frame_count;
	s->frames[s->frame_count++] = (struct skim_frame){
		.id = frame->id,
		.code = frame->code,
		.depth = (uint32_t)(stack->hidden + stack->count),
		.caller = stack->count ? stack->items[stack->count - 1]->entry : SKIM_NONE,
	};
	stack->items[stack->count++] = frame;
	return true;
}

void skim_forget(struct block_skimmer *s, struct skim_live *frame)
{
	uint32_t *place = called_place(s, frame->id);

	if (place)
		*place = 0;
	else
		id_map_remove(&s->stated, frame->id);
	frame->spare = s->spare;
	s->spare = frame;
}

bool skim_thread(struct block_skimmer *s, int64_t number, struct slice name, size_t hidden)
{
	struct skim_stack *stack;

	if (id_map_find(&s->numbers, number) ||
		!skim_grow(&s->threads, &s->thread_cap, s->thread_count + 1, sizeof(*s->threads)))
		return false;
	if (s->stacks_used == s->stack_count) {
		if (!skim_grow(&s->stacks, &s->stack_cap, s->stack_count + 1, sizeof(*s->stacks)))
			return false;
		stack = calloc(1, sizeof(*stack));
		if (!stack)
			return false;
		s->stacks[s->stack_count++] = stack;
	}
	stack = s->stacks[s->stacks_used++];
	stack->count = 0;
	stack->hidden = hidden;
	stack->entry = (uint32_t)s->thread_count;
	s->threads[s->thread_count++] = (struct skim_thread){number, name};
	s->stack = stack;
	return id_map_add(&s->numbers, number, stack) == 0;
}
