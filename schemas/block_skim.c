#include "schemas/block_skim.h"

#include <stdlib.h>

#include "schemas/block_skim_internal.h"
#include "schemas/value.h"

/* The two items that blocks are made of are read in one function. */
#define HOT static inline __attribute__((always_inline))

/* Readers take the place in the items and return the one behind what they read; NULL: odd. */

static inline const uint8_t *read_long(
	const struct block_skimmer *s, const uint8_t *at, int64_t *value)
{
	struct avro_long read = avro_long(at, s->end);

	*value = read.value;
	return read.behind;
}

static inline const uint8_t *read_index(
	const struct block_skimmer *s, const uint8_t *at, size_t limit, size_t *index)
{
	struct avro_long read = avro_long(at, s->end);

	*index = (size_t)read.value;
	return (uint64_t)read.value < limit ? read.behind : NULL;
}

static const uint8_t *skip_any(const struct block_skimmer *s, const uint8_t *at)
{
	struct avro_in in = {at, s->end};

	return value_skip(&in, s->name_count) ? in.at : NULL;
}

/* *kind is the byte that a writer gives the branch, or any other if it is written in more. */
HOT const uint8_t *skip_value(const struct block_skimmer *s, const uint8_t *at, uint8_t *kind)
{
	if (at == s->end)
		return NULL;
	*kind = *at;
	switch (*kind) {
	case 2 * VALUE_NULL:
	case 2 * VALUE_UNSET:
		return at + 1;
	case 2 * VALUE_LONG:
		return avro_skip_long(at + 1, s->end);
	case 2 * VALUE_DOUBLE:
		return s->end - at >= 9 ? at + 9 : NULL;
	default:
		return *kind < 0x80 ? skip_any(s, at) : NULL;
	}
}

/* The open event is complete. */
HOT void close_event(struct block_skimmer *s)
{
	struct skim_live *frame = s->target;

	if (!s->open)
		return;
	if (frame) {
		s->open->locals = frame->present;
		s->open->changed = frame->changed;
		s->open->removed = frame->removed;
	}
	s->open = NULL;
	if (s->leaving) {
		s->leaving = false;
		s->stack->count--;
		frame->stack = NULL;
		s->target = NULL;
		if (!s->suspends)
			skim_forget(s, frame);
	}
}

HOT const uint8_t *begin_event(struct block_skimmer *s, const uint8_t *at, enum event_kind kind)
{
	struct avro_long dt = avro_long(at, s->end);
	struct skim_event *event;

	close_event(s);
	if (!dt.behind || s->next == s->limit ||
		__builtin_add_overflow(s->time_ns, dt.value, &s->time_ns))
		return NULL;
	event = s->open = s->next++;
	if (__builtin_expect(s->ahead, 0)) {
		s->aheads[s->ahead_count++].event = (uint32_t)(event - s->events);
		s->ahead = false;
	}
	event->time_ns = s->time_ns;
	event->kind = (uint8_t)kind;
	return dt.behind;
}

static void forget_changes(struct skim_live *frame)
{
	for (uint32_t i = 0; i < frame->words; i++)
		frame->bits[i].changed = frame->bits[i].removed = 0;
	frame->changed = frame->removed = 0;
}

HOT void in_frame(struct block_skimmer *s, struct skim_live *frame)
{
	struct skim_event *event = s->open;

	if (frame->changed | frame->removed)
		forget_changes(frame);
	s->target = frame;
	event->line = frame->line;
	event->frame = frame->entry;
	event->thread = s->stack->entry;
}

/* Line, Return, Yield, Exception, Unwind. */
HOT const uint8_t *read_step(
	struct block_skimmer *s, const uint8_t *at, enum event_kind kind, bool has_value)
{
	struct skim_live *frame;
	struct avro_long dline;
	uint8_t ignored;

	at = begin_event(s, at, kind);
	if (!at || !s->stack || s->stack->count == 0)
		return NULL;
	frame = s->stack->items[s->stack->count - 1];
	dline = avro_long(at, s->end);
	if (!dline.behind || __builtin_add_overflow(frame->line, dline.value, &frame->line))
		return NULL;
	in_frame(s, frame);
	return has_value ? skip_value(s, dline.behind, &ignored) : dline.behind;
}

static const uint8_t *read_exception(struct block_skimmer *s, const uint8_t *at)
{
	return read_step(s, at, EVENT_EXCEPTION, true);
}

HOT const uint8_t *read_leave(
	struct block_skimmer *s, const uint8_t *at, enum event_kind kind, bool has_value)
{
	at = read_step(s, at, kind, has_value);
	s->leaving = at != NULL;
	s->suspends = kind == EVENT_YIELD;
	return at;
}

static const uint8_t *read_call(struct block_skimmer *s, const uint8_t *at)
{
	struct skim_live *frame;
	int64_t seq;
	size_t code;

	at = begin_event(s, at, EVENT_CALL);
	if (!at || !s->stack)
		return NULL;
	at = read_index(s, at, s->code_count, &code);
	seq = s->skim.head.first_seq + (s->open - s->events);
	if (!at || skim_find(s, seq))
		return NULL;
	frame = skim_frame_new(s, seq);
	if (!frame)
		return NULL;
	frame->code = (uint32_t)code;
	frame->line = s->codes[code].line;
	if (!skim_push(s, frame))
		return NULL;
	in_frame(s, frame);
	return at;
}

static const uint8_t *read_resume(struct block_skimmer *s, const uint8_t *at)
{
	struct skim_live *frame;
	int64_t id, line;
	size_t code;

	at = begin_event(s, at, EVENT_RESUME);
	if (at)
		at = read_long(s, at, &id);
	if (at)
		at = read_index(s, at, s->code_count, &code);
	if (at)
		at = read_long(s, at, &line);
	if (!at || !s->stack)
		return NULL;
	frame = skim_find(s, id);
	if (!frame)
		frame = skim_frame_new(s, id);
	if (!frame || frame->stack)
		return NULL;
	frame->code = (uint32_t)code;
	frame->line = line;
	if (!skim_push(s, frame))
		return NULL;
	in_frame(s, frame);
	return at;
}

/* ThreadStart, Task, Gap. */
static const uint8_t *read_frameless(
	struct block_skimmer *s, const uint8_t *at, enum event_kind kind)
{
	struct skim_event *event;
	int64_t number;
	size_t name;

	at = begin_event(s, at, kind);
	if (!at || (!s->stack && kind != EVENT_GAP))
		return NULL;
	s->target = NULL;
	event = s->open;
	event->line = 0;
	event->frame = SKIM_NONE;
	event->thread = s->stack ? s->stack->entry : SKIM_NONE;
	event->locals = event->changed = event->removed = 0;
	if (kind == EVENT_THREAD)
		return at;
	at = read_long(s, at, &number);
	if (!at || number < (kind == EVENT_GAP ? -1 : 0))
		return NULL;
	return read_index(s, at, s->name_count, &name);
}

HOT void set_local(struct skim_live *frame, struct local_bits *word, uint64_t bit, bool change)
{
	if (!(word->present & bit)) {
		word->present |= bit;
		frame->present++;
		if (word->removed & bit) {
			word->removed &= ~bit;
			frame->removed--;
		}
	}
	if (change && !(word->changed & bit)) {
		word->changed |= bit;
		frame->changed++;
	}
}

static void unset_local(struct skim_live *frame, struct local_bits *word, uint64_t bit, bool change)
{
	if (!(word->present & bit))
		return;
	word->present &= ~bit;
	frame->present--;
	if (word->changed & bit) {
		word->changed &= ~bit;
		frame->changed--;
	}
	if (change) {
		word->removed |= bit;
		frame->removed++;
	}
}

/* The word of a local in the target's bits; NULL: odd. */
HOT struct local_bits *local_word(struct block_skimmer *s, size_t name, uint64_t *bit)
{
	uint32_t number = s->locals[name];
	struct skim_live *frame = s->target;

	if (!frame)
		return NULL;
	if (!number) {
		number = skim_intern(s, name);
		if (!number)
			return NULL;
	}
	number--;
	*bit = UINT64_C(1) << (number & 63);
	if (number / 64 >= frame->words && !skim_widen(s, frame, number / 64 + 1))
		return NULL;
	return &frame->bits[number / 64];
}

HOT const uint8_t *read_local(struct block_skimmer *s, const uint8_t *at, bool change)
{
	struct local_bits *word;
	uint64_t bit;
	uint8_t kind;
	size_t name;

	at = read_index(s, at, s->name_count, &name);
	if (!at)
		return NULL;
	at = skip_value(s, at, &kind);
	word = at ? local_word(s, name, &bit) : NULL;
	if (!word)
		return NULL;
	if (kind == 2 * VALUE_UNSET) {
		unset_local(s->target, word, bit, change);
		return at;
	}
	set_local(s->target, word, bit, change);
	if (kind == 2 * VALUE_CONTAINER)
		word->container |= bit;
	else
		word->container &= ~bit;
	return at;
}

/* Behind a Splice's place, number and items. */
static const uint8_t *skip_splice(const struct block_skimmer *s, const uint8_t *at)
{
	struct avro_in in = {at, s->end};
	int64_t from, drop, count;
	struct slice items;

	if (!avro_get_long(&in, &from) || !avro_get_long(&in, &drop) || from < 0 || drop < 0)
		return NULL;
	return value_skip_items(&in, s->name_count, &count, &items) ? in.at : NULL;
}

static const uint8_t *read_resize(struct block_skimmer *s, const uint8_t *at, bool splices)
{
	struct local_bits *word;
	uint64_t bit;
	size_t name;

	at = read_index(s, at, s->name_count, &name);
	if (at)
		at = avro_skip_long(at, s->end);
	if (at && splices)
		at = skip_splice(s, at);
	word = at ? local_word(s, name, &bit) : NULL;
	if (!word || !(word->present & word->container & bit))
		return NULL;
	set_local(s->target, word, bit, true);
	return at;
}

static const uint8_t *read_name(struct block_skimmer *s, const uint8_t *at)
{
	struct avro_in in = {at, s->end};
	struct slice text;

	if (!avro_get_string(&in, &text) ||
		!skim_grow(&s->names, &s->name_cap, s->name_count + 1, sizeof(*s->names)) ||
		!skim_grow(&s->locals, &s->local_cap, s->name_count + 1, sizeof(*s->locals)))
		return NULL;
	s->locals[s->name_count] = 0;
	s->names[s->name_count++] = text;
	return in.at;
}

static const uint8_t *read_code(struct block_skimmer *s, const uint8_t *at)
{
	size_t file, function;
	int64_t line;

	at = read_index(s, at, s->name_count, &file);
	if (at)
		at = read_index(s, at, s->name_count, &function);
	if (at)
		at = read_long(s, at, &line);
	if (!at || !skim_grow(&s->codes, &s->code_cap, s->code_count + 1, sizeof(*s->codes)))
		return NULL;
	s->codes[s->code_count++] = (struct code){
		.file = s->names[file],
		.function = s->names[function],
		.line = line,
	};
	s->code_end = at;
	return at;
}

/* The fields of an item that tells times of the Code before it. */
static const uint8_t *read_times(
	struct block_skimmer *s, const uint8_t *at, int32_t *times, int count)
{
	if (at - 1 != s->code_end)
		return NULL;
	for (int i = 0; i < count; i++) {
		int64_t ns;

		at = read_long(s, at, &ns);
		if (!at || ns < 0 || ns > COST_MAX_NS)
			return NULL;
		times[i] = (int32_t)ns;
	}
	s->code_end = at;
	return at;
}

static const uint8_t *read_cost(struct block_skimmer *s, const uint8_t *at)
{
	int32_t ns[4] = {0};

	at = read_times(s, at, ns, 4);
	if (at)
		s->codes[s->code_count - 1].cost = (struct cost){ns[0], ns[1], ns[2], ns[3]};
	return at;
}

static const uint8_t *read_pace(struct block_skimmer *s, const uint8_t *at)
{
	int32_t ns[3] = {0};

	at = read_times(s, at, ns, 3);
	if (at)
		s->codes[s->code_count - 1].pace = (struct pace){ns[0], ns[1], ns[2]};
	return at;
}

/* Pause, Builtin, Through: of the event that comes next. */
static const uint8_t *read_ahead(struct block_skimmer *s, const uint8_t *at, enum item_kind kind)
{
	int64_t calls = 0, ns = 0;
	struct skim_ahead *ahead;
	size_t name = 0;

	close_event(s);
	if (kind != ITEM_PAUSE)
		at = read_index(s, at, s->name_count, &name);
	if (at && kind == ITEM_BUILTIN)
		at = read_long(s, at, &calls);
	if (at && kind != ITEM_THROUGH)
		at = read_long(s, at, &ns);
	if (!at || calls < 0 || ns < 0)
		return NULL;
	if (kind == ITEM_BUILTIN)
		return skim_builtin(s, s->names[name], calls, ns) ? at : NULL;
	if (kind == ITEM_PAUSE && ns == 0)
		return at;
	ahead = skim_ahead(s);
	if (!ahead)
		return NULL;
	if (kind == ITEM_THROUGH)
		ahead->through = s->names[name];
	else if (__builtin_add_overflow(ahead->pause_ns, ns, &ahead->pause_ns))
		return NULL;
	return at;
}

static const uint8_t *read_thread(struct block_skimmer *s, const uint8_t *at)
{
	int64_t number, ident, hidden;
	size_t name;

	close_event(s);
	at = read_long(s, at, &number);
	if (at)
		at = read_long(s, at, &ident);
	if (at)
		at = read_index(s, at, s->name_count, &name);
	if (at)
		at = read_long(s, at, &hidden);
	if (!at || number < 0 || hidden < 0 ||
		!skim_thread(s, number, s->names[name], (size_t)hidden))
		return NULL;
	s->target = NULL;
	return at;
}

static const uint8_t *read_switch(struct block_skimmer *s, const uint8_t *at)
{
	int64_t number;

	close_event(s);
	at = read_long(s, at, &number);
	s->stack = at ? id_map_find(&s->numbers, number) : NULL;
	s->target = NULL;
	return s->stack ? at : NULL;
}

static const uint8_t *read_frame(struct block_skimmer *s, const uint8_t *at)
{
	struct skim_live *frame;
	int64_t id, line;
	size_t code;
	bool suspended;

	close_event(s);
	at = read_long(s, at, &id);
	if (at)
		at = read_index(s, at, s->code_count, &code);
	if (at)
		at = read_long(s, at, &line);
	if (!at || at == s->end || *at > 1)
		return NULL;
	suspended = *at++;
	/* One that is there already has been on another stack, or is stated twice. */
	if ((!suspended && !s->stack) || skim_find(s, id))
		return NULL;
	frame = s->target = skim_frame_new(s, id);
	if (!frame)
		return NULL;
	frame->code = (uint32_t)code;
	frame->line = line;
	return suspended || skim_push(s, frame) ? at : NULL;
}

/* A writer gives every kind of item one byte. */
HOT const uint8_t *read_item(struct block_skimmer *s, const uint8_t *at)
{
	switch (*at++) {
	case 2 * ITEM_LINE:
		return read_step(s, at, EVENT_LINE, false);
	case 2 * ITEM_CHANGE:
		return read_local(s, at, true);
	case 2 * ITEM_LOCAL:
		return read_local(s, at, false);
	case 2 * ITEM_RESIZE:
		return read_resize(s, at, false);
	case 2 * ITEM_CALL:
		return read_call(s, at);
	case 2 * ITEM_RETURN:
		return read_leave(s, at, EVENT_RETURN, true);
	case 2 * ITEM_YIELD:
		return read_leave(s, at, EVENT_YIELD, true);
	case 2 * ITEM_RESUME:
		return read_resume(s, at);
	case 2 * ITEM_EXCEPTION:
		return read_exception(s, at);
	case 2 * ITEM_UNWIND:
		return read_leave(s, at, EVENT_UNWIND, false);
	case 2 * ITEM_THREAD_START:
		return read_frameless(s, at, EVENT_THREAD);
	case 2 * ITEM_TASK:
		return read_frameless(s, at, EVENT_TASK);
	case 2 * ITEM_GAP:
		return read_frameless(s, at, EVENT_GAP);
	case 2 * ITEM_NAME:
		return read_name(s, at);
	case 2 * ITEM_CODE:
		return read_code(s, at);
	case 2 * ITEM_THREAD:
		return read_thread(s, at);
	case 2 * ITEM_SWITCH:
		return read_switch(s, at);
	case 2 * ITEM_FRAME:
		return read_frame(s, at);
	case 2 * ITEM_COST:
		return read_cost(s, at);
	case 2 * ITEM_PAUSE:
		return read_ahead(s, at, ITEM_PAUSE);
	case 2 * ITEM_BUILTIN:
		return read_ahead(s, at, ITEM_BUILTIN);
	case 2 * ITEM_THROUGH:
		return read_ahead(s, at, ITEM_THROUGH);
	case 2 * ITEM_PACE:
		return read_pace(s, at);
	case 2 * ITEM_SPLICE:
		return read_resize(s, at, true);
	default:
		return NULL;
	}
}

/* False: odd. */
static bool skim(struct block_skimmer *s, const struct block_head *head)
{
	const uint8_t *at = head->items.data;
	int64_t left = head->item_count;

	if (!skim_begin(s, head))
		return false;
	while (left > 0) {
		if (at == s->end)
			return false;
		if (*at == 2 * ITEM_LINE) {
			int64_t before = left;

			close_event(s);
			at = skim_lines(s, at, &left);
			if (left < before)
				continue;
		}
		at = read_item(s, at);
		if (!at)
			return false;
		left--;
	}
	close_event(s);
	if (at != s->end || s->next != s->limit)
		return false;
	skim_finish(s);
	return true;
}

int block_skimmer_read_slowly(struct block_skimmer *skimmer, struct slice body,
	const struct block_skim **skim, struct err *err)
{
	*skim = &skimmer->skim;
	return skim_slowly(skimmer, body, err);
}

int block_skimmer_read(struct block_skimmer *skimmer, struct slice body,
	const struct block_skim **result, struct err *err)
{
	struct block_head head;
	int rc = block_head_parse(body, &head, err);

	if (rc < 0)
		return rc;
	*result = &skimmer->skim;
	return skim(skimmer, &head) ? 0 : skim_slowly(skimmer, body, err);
}

int64_t block_skimmer_slow_blocks(const struct block_skimmer *skimmer)
{
	return skimmer->slow_blocks;
}

struct block_skimmer *block_skimmer_new(void)
{
	return calloc(1, sizeof(struct block_skimmer));
}

void block_skimmer_free(struct block_skimmer *skimmer)
{
	if (!skimmer)
		return;
	skim_release(skimmer);
	block_cursor_free(skimmer->cursor);
	free(skimmer);
}
