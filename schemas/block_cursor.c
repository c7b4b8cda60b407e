#include "schemas/block_internal.h"

#include <stdlib.h>

#define ARENA_CHUNK_BYTES (32 * 1024)

/* What reading an item comes to; negative is an err_code. */
enum {
	READ_STATEMENT,
	READ_EVENT
};

int cursor_bad(const struct block_cursor *cursor, const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, "block: item %lld, before byte %zu: %s",
		(long long)cursor->items, block_cursor_offset(cursor), what);
}

int cursor_grow(void **array, size_t *cap, size_t need, size_t bytes, struct err *err)
{
	size_t wider = *cap < 8 ? 8 : *cap;
	void *grown;

	if (need <= *cap)
		return 0;
	while (wider < need)
		wider *= 2;
	grown = reallocarray(*array, wider, bytes);
	if (!grown)
		return err_set(err, ERR_MEMORY, "out of memory");
	*array = grown;
	*cap = wider;
	return 0;
}

uint8_t *cursor_arena(struct block_cursor *cursor, size_t len)
{
	struct arena_chunk *chunk = cursor->arena;

	if (!chunk || chunk->cap - chunk->used < len) {
		size_t cap = len > ARENA_CHUNK_BYTES ? len : ARENA_CHUNK_BYTES;

		chunk = malloc(sizeof(*chunk) + cap);
		if (!chunk)
			return NULL;
		*chunk = (struct arena_chunk){.next = cursor->arena, .cap = cap};
		cursor->arena = chunk;
	}
	chunk->used += len;
	return chunk->bytes + chunk->used - len;
}

/* Keeps one chunk for the next block. */
static void arena_clear(struct block_cursor *cursor)
{
	while (cursor->arena && cursor->arena->next) {
		struct arena_chunk *next = cursor->arena->next;

		free(cursor->arena);
		cursor->arena = next;
	}
	if (cursor->arena)
		cursor->arena->used = 0;
}

struct block_cursor *block_cursor_new(void)
{
	return calloc(1, sizeof(struct block_cursor));
}

void block_cursor_free(struct block_cursor *cursor)
{
	if (!cursor)
		return;
	state_free(cursor);
	arena_clear(cursor);
	free(cursor->arena);
	free(cursor->scratch);
	free(cursor->name_slices);
	free(cursor->hints);
	free(cursor->codes);
	free(cursor->builtins);
	free(cursor);
}

int block_cursor_open_items(
	struct block_cursor *cursor, const struct block_head *head, struct err *err)
{
	state_clear(cursor);
	arena_clear(cursor);
	cursor->names.count = 0;
	cursor->code_count = 0;
	cursor->code_item = -1;
	cursor->pause_ns = 0;
	cursor->through = (struct slice){0};
	cursor->builtin_count = 0;
	cursor->builtins_told = false;
	cursor->items = 0;
	cursor->events = 0;
	cursor->time_ns = head->base_ns;
	cursor->head = *head;
	cursor->in = avro_in(head->items);
	cursor->failed = block_head_check(head, err);
	return cursor->failed;
}

int block_cursor_open(struct block_cursor *cursor, struct slice body, struct err *err)
{
	struct block_head head;

	cursor->failed = block_head_parse(body, &head, err);
	if (cursor->failed < 0)
		return cursor->failed;
	return block_cursor_open_items(cursor, &head, err);
}

static int read_long(struct block_cursor *cursor, int64_t *value, struct err *err)
{
	if (!avro_get_long(&cursor->in, value))
		return cursor_bad(cursor, "cut short, or a number that is none", err);
	return 0;
}

static int read_index(
	struct block_cursor *cursor, size_t limit, const char *what, size_t *index, struct err *err)
{
	int64_t value;

	if (read_long(cursor, &value, err) < 0)
		return ERR_FORMAT;
	if (value < 0 || (uint64_t)value >= limit)
		return cursor_bad(cursor, what, err);
	*index = (size_t)value;
	return 0;
}

static int read_name(struct block_cursor *cursor, size_t *index, struct err *err)
{
	return read_index(
		cursor, cursor->names.count, "a Name that is not defined yet", index, err);
}

static int read_code(struct block_cursor *cursor, size_t *index, struct err *err)
{
	return read_index(cursor, cursor->code_count, "a Code that is not defined yet", index, err);
}

static int read_value(struct block_cursor *cursor, struct slice *value, struct err *err)
{
	const uint8_t *start = cursor->in.at;

	if (!value_skip(&cursor->in, cursor->names.count))
		return cursor_bad(cursor, "a value that is none", err);
	*value = (struct slice){start, (size_t)(cursor->in.at - start)};
	return 0;
}

/* The items that follow are about the locals of `frame`. */
static int aim_at(struct block_cursor *cursor, struct cursor_frame *frame, struct err *err)
{
	struct cursor_frame *before = cursor->target;

	cursor->target = frame;
	if (before && before != frame)
		return locals_settle(cursor, before, err);
	return 0;
}

static int read_definition(struct block_cursor *cursor, struct err *err)
{
	struct slice text;

	if (!avro_get_string(&cursor->in, &text))
		return cursor_bad(cursor, "a Name that is cut short or not UTF-8", err);
	if (cursor_grow((void **)&cursor->name_slices, &cursor->name_cap, cursor->names.count + 1,
		    sizeof(text), err) < 0 ||
		cursor_grow((void **)&cursor->hints, &cursor->hint_cap, cursor->names.count + 1,
			sizeof(*cursor->hints), err) < 0)
		return ERR_MEMORY;
	cursor->hints[cursor->names.count] = 0;
	cursor->names.names = cursor->name_slices;
	cursor->name_slices[cursor->names.count++] = text;
	return READ_STATEMENT;
}

static int read_code_definition(struct block_cursor *cursor, struct err *err)
{
	size_t file, function;
	int64_t line;

	if (read_name(cursor, &file, err) < 0 || read_name(cursor, &function, err) < 0 ||
		read_long(cursor, &line, err) < 0)
		return ERR_FORMAT;
	if (cursor_grow((void **)&cursor->codes, &cursor->code_cap, cursor->code_count + 1,
		    sizeof(*cursor->codes), err) < 0)
		return ERR_MEMORY;
	cursor->codes[cursor->code_count++] = (struct code){
		.file = cursor->name_slices[file],
		.function = cursor->name_slices[function],
		.line = line,
	};
	cursor->code_item = cursor->items;
	return READ_STATEMENT;
}

/* The fields of an item that tells times of the Code before it. */
static int read_times(struct block_cursor *cursor, int32_t *times, int count, struct err *err)
{
	for (int i = 0; i < count; i++) {
		int64_t ns;

		if (read_long(cursor, &ns, err) < 0)
			return ERR_FORMAT;
		if (ns < 0 || ns > COST_MAX_NS)
			return cursor_bad(cursor, "a cost beyond all bounds", err);
		times[i] = (int32_t)ns;
	}
	if (cursor->code_item != cursor->items - 1 || cursor->items == 0)
		return cursor_bad(cursor, "a Cost that is not behind a Code", err);
	cursor->code_item = cursor->items;
	return 0;
}

static int read_cost(struct block_cursor *cursor, struct err *err)
{
	int32_t ns[4] = {0};

	if (read_times(cursor, ns, 4, err) < 0)
		return ERR_FORMAT;
	cursor->codes[cursor->code_count - 1].cost = (struct cost){ns[0], ns[1], ns[2], ns[3]};
	return READ_STATEMENT;
}

static int read_pace(struct block_cursor *cursor, struct err *err)
{
	int32_t ns[3] = {0};

	if (read_times(cursor, ns, 3, err) < 0)
		return ERR_FORMAT;
	cursor->codes[cursor->code_count - 1].pace = (struct pace){ns[0], ns[1], ns[2]};
	return READ_STATEMENT;
}

static int read_pause(struct block_cursor *cursor, struct err *err)
{
	int64_t ns;

	if (read_long(cursor, &ns, err) < 0)
		return ERR_FORMAT;
	if (ns < 0 || __builtin_add_overflow(cursor->pause_ns, ns, &cursor->pause_ns))
		return cursor_bad(cursor, "a Pause beyond all bounds", err);
	return READ_STATEMENT;
}

static int read_builtin(struct block_cursor *cursor, struct err *err)
{
	struct builtin_calls *made;
	int64_t calls, ns;
	size_t name;

	if (read_name(cursor, &name, err) < 0 || read_long(cursor, &calls, err) < 0 ||
		read_long(cursor, &ns, err) < 0)
		return ERR_FORMAT;
	if (calls < 0 || ns < 0)
		return cursor_bad(cursor, "a negative number of calls or their time", err);
	if (cursor->builtins_told)
		cursor->builtin_count = 0;
	cursor->builtins_told = false;
	if (cursor_grow((void **)&cursor->builtins, &cursor->builtin_cap, cursor->builtin_count + 1,
		    sizeof(*made), err) < 0)
		return ERR_MEMORY;
	made = &cursor->builtins[cursor->builtin_count++];
	*made = (struct builtin_calls){cursor->name_slices[name], calls, ns};
	return READ_STATEMENT;
}

static int read_through(struct block_cursor *cursor, struct err *err)
{
	size_t name;

	if (read_name(cursor, &name, err) < 0)
		return ERR_FORMAT;
	cursor->through = cursor->name_slices[name];
	return READ_STATEMENT;
}

static bool is_unset(struct slice value)
{
	struct avro_in in = avro_in(value);
	int64_t kind;

	return avro_get_long(&in, &kind) && kind == VALUE_UNSET;
}

static int read_local(struct block_cursor *cursor, bool change, struct err *err)
{
	struct cursor_frame *frame = cursor->target;
	struct slice value;
	size_t name = 0;
	int rc;

	if (read_name(cursor, &name, err) < 0 || read_value(cursor, &value, err) < 0)
		return ERR_FORMAT;
	if (!frame)
		return cursor_bad(cursor, "a local of no frame", err);
	if (is_unset(value))
		rc = locals_unset(cursor, frame, name, change, err);
	else
		rc = locals_set(cursor, frame, name, value, change, err);
	return rc < 0 ? rc : READ_STATEMENT;
}

static int read_resize(struct block_cursor *cursor, bool splices, struct err *err)
{
	struct splice splice = {0};
	size_t name = 0;
	int rc;

	if (read_name(cursor, &name, err) < 0 || read_long(cursor, &splice.length, err) < 0)
		return ERR_FORMAT;
	if (splices && (read_long(cursor, &splice.at, err) < 0 ||
			       read_long(cursor, &splice.drop, err) < 0))
		return ERR_FORMAT;
	if (splices &&
		!value_skip_items(&cursor->in, cursor->names.count, &splice.count, &splice.items))
		return cursor_bad(cursor, "items that are none", err);
	if (splice.at < 0 || splice.drop < 0)
		return cursor_bad(cursor, "a Splice at a negative place or number", err);
	if (!cursor->target)
		return cursor_bad(cursor, "a Resize or Splice in no frame", err);
	rc = locals_splice(cursor, cursor->target, name, &splice, err);
	return rc < 0 ? rc : READ_STATEMENT;
}

static int read_thread(struct block_cursor *cursor, struct err *err)
{
	struct cursor_thread *thread;
	int64_t number, ident, hidden;
	size_t name = 0;

	if (read_long(cursor, &number, err) < 0 || read_long(cursor, &ident, err) < 0 ||
		read_name(cursor, &name, err) < 0 || read_long(cursor, &hidden, err) < 0)
		return ERR_FORMAT;
	if (number < 0 || hidden < 0)
		return cursor_bad(cursor, "a negative number of a thread or of its frames", err);
	if (aim_at(cursor, NULL, err) < 0 || state_thread(cursor, number, &thread, err) < 0)
		return ERR_MEMORY;
	thread->name = name;
	thread->hidden = (size_t)hidden;
	thread->thread.ident = ident;
	thread->thread.name = cursor->name_slices[name];
	thread->thread.frame_count = thread->hidden;
	cursor->thread = thread;
	return READ_STATEMENT;
}

static int read_switch(struct block_cursor *cursor, struct err *err)
{
	struct cursor_thread *thread;
	int64_t number;

	if (read_long(cursor, &number, err) < 0)
		return ERR_FORMAT;
	thread = id_map_find(&cursor->thread_ids, number);
	if (!thread)
		return cursor_bad(cursor, "a Switch to a thread that is not stated yet", err);
	cursor->thread = thread;
	return aim_at(cursor, NULL, err);
}

/* The frame of this id off any stack, made when it is not known. */
static int take_frame(
	struct block_cursor *cursor, int64_t id, struct cursor_frame **frame, struct err *err)
{
	*frame = id_map_find(&cursor->frame_ids, id);
	if (!*frame)
		return state_frame(cursor, id, frame, err);
	if ((*frame)->thread && (*frame)->thread == cursor->thread)
		return cursor_bad(cursor, "a frame that is on this stack already", err);
	state_suspend(*frame);
	return 0;
}

static int read_frame(struct block_cursor *cursor, struct err *err)
{
	struct cursor_frame *frame;
	int64_t id, line;
	bool suspended;
	size_t code = 0;
	int rc;

	if (read_long(cursor, &id, err) < 0 || read_code(cursor, &code, err) < 0 ||
		read_long(cursor, &line, err) < 0)
		return ERR_FORMAT;
	if (!avro_get_boolean(&cursor->in, &suspended))
		return cursor_bad(cursor, "cut short, or a boolean that is none", err);
	if (!suspended && !cursor->thread)
		return cursor_bad(cursor, "a Frame on the stack of no thread", err);
	rc = take_frame(cursor, id, &frame, err);
	if (rc < 0)
		return rc;
	state_set_code(cursor, frame, code);
	frame->frame.line = line;
	if (!suspended && state_push(cursor, frame, err) < 0)
		return ERR_MEMORY;
	rc = aim_at(cursor, frame, err);
	return rc < 0 ? rc : READ_STATEMENT;
}

/* What all events begin with. */
static int begin_event(struct block_cursor *cursor, enum event_kind kind, struct err *err)
{
	struct event *event = &cursor->event;
	int64_t dt;

	if (cursor->events >= cursor->head.event_count)
		return cursor_bad(cursor, "more events than the head says", err);
	if (read_long(cursor, &dt, err) < 0)
		return ERR_FORMAT;
	if (__builtin_add_overflow(cursor->time_ns, dt, &cursor->time_ns))
		return cursor_bad(cursor, "a time beyond all bounds", err);
	if (!cursor->thread && kind != EVENT_GAP)
		return cursor_bad(cursor, "an event in no thread", err);
	*event = (struct event){
		.run = cursor->head.run,
		.seq = cursor->head.first_seq + cursor->events,
		.time_ns = cursor->time_ns,
		.kind = kind,
		.thread = cursor->thread ? &cursor->thread->thread : NULL,
		.value.names = &cursor->names,
		.pause_ns = cursor->pause_ns,
		.through = cursor->through,
	};
	if (cursor->builtin_count && !cursor->builtins_told) {
		event->builtins = cursor->builtins;
		event->builtin_count = cursor->builtin_count;
		cursor->builtins_told = true;
	}
	cursor->pause_ns = 0;
	cursor->through = (struct slice){0};
	cursor->events++;
	return 0;
}

/* The event is in this frame. */
static int in_frame(struct block_cursor *cursor, struct cursor_frame *frame, struct err *err)
{
	int rc = aim_at(cursor, frame, err);

	if (rc < 0)
		return rc;
	rc = locals_settle(cursor, frame, err);
	if (rc < 0)
		return rc;
	locals_begin(frame);
	cursor->event.frame = &frame->frame;
	return READ_EVENT;
}

/* Line, Return, Yield, Exception, Unwind: in the current frame, `dline` after dt. */
static int read_step(struct block_cursor *cursor, enum event_kind kind, struct err *err)
{
	struct cursor_thread *thread = cursor->thread;
	struct cursor_frame *frame;
	int64_t dline;
	int rc = begin_event(cursor, kind, err);

	if (rc < 0)
		return rc;
	if (thread->count == 0)
		return cursor_bad(cursor, "an event in no frame", err);
	frame = thread->stack[thread->count - 1];
	if (read_long(cursor, &dline, err) < 0)
		return ERR_FORMAT;
	if (__builtin_add_overflow(frame->frame.line, dline, &frame->frame.line))
		return cursor_bad(cursor, "a line beyond all bounds", err);
	if (kind != EVENT_LINE && kind != EVENT_UNWIND &&
		read_value(cursor, &cursor->event.value.bytes, err) < 0)
		return ERR_FORMAT;
	if (kind == EVENT_RETURN || kind == EVENT_UNWIND || kind == EVENT_YIELD) {
		cursor->leaving = frame;
		cursor->leaving_suspends = kind == EVENT_YIELD;
	}
	return in_frame(cursor, frame, err);
}

static int read_call(struct block_cursor *cursor, struct err *err)
{
	struct cursor_frame *frame;
	size_t code;
	int rc = begin_event(cursor, EVENT_CALL, err);

	if (rc < 0)
		return rc;
	if (read_code(cursor, &code, err) < 0)
		return ERR_FORMAT;
	if (id_map_find(&cursor->frame_ids, cursor->event.seq))
		return cursor_bad(cursor, "a Call whose frame is there already", err);
	if (state_frame(cursor, cursor->event.seq, &frame, err) < 0 ||
		state_push(cursor, frame, err) < 0)
		return ERR_MEMORY;
	state_set_code(cursor, frame, code);
	frame->frame.line = frame->frame.code.line;
	return in_frame(cursor, frame, err);
}

static int read_resume(struct block_cursor *cursor, struct err *err)
{
	struct cursor_frame *frame;
	int64_t id, line;
	size_t code;
	int rc = begin_event(cursor, EVENT_RESUME, err);

	if (rc < 0)
		return rc;
	if (read_long(cursor, &id, err) < 0 || read_code(cursor, &code, err) < 0 ||
		read_long(cursor, &line, err) < 0)
		return ERR_FORMAT;
	frame = id_map_find(&cursor->frame_ids, id);
	if (frame && frame->thread)
		return cursor_bad(cursor, "a Resume of a frame that runs", err);
	if ((!frame && state_frame(cursor, id, &frame, err) < 0) ||
		state_push(cursor, frame, err) < 0)
		return ERR_MEMORY;
	state_set_code(cursor, frame, code);
	frame->frame.line = line;
	return in_frame(cursor, frame, err);
}

/* ThreadStart, Task, Gap: in no frame. */
static int read_frameless(struct block_cursor *cursor, enum event_kind kind, struct err *err)
{
	struct event *event = &cursor->event;
	size_t name;
	int rc = begin_event(cursor, kind, err);

	if (rc < 0)
		return rc;
	rc = aim_at(cursor, NULL, err);
	if (rc < 0)
		return rc;
	if (kind == EVENT_THREAD)
		return READ_EVENT;
	if (read_long(cursor, kind == EVENT_TASK ? &event->task : &event->lost, err) < 0 ||
		read_name(cursor, &name, err) < 0)
		return ERR_FORMAT;
	event->text = cursor->name_slices[name];
	if (event->task < 0 || event->lost < -1)
		return cursor_bad(cursor, "a negative number", err);
	return READ_EVENT;
}

static int read_branch(struct block_cursor *cursor, int64_t kind, struct err *err)
{
	switch (kind) {
	case ITEM_LINE:
		return read_step(cursor, EVENT_LINE, err);
	case ITEM_CHANGE:
		return read_local(cursor, true, err);
	case ITEM_LOCAL:
		return read_local(cursor, false, err);
	case ITEM_RESIZE:
	case ITEM_SPLICE:
		return read_resize(cursor, kind == ITEM_SPLICE, err);
	case ITEM_CALL:
		return read_call(cursor, err);
	case ITEM_RETURN:
		return read_step(cursor, EVENT_RETURN, err);
	case ITEM_YIELD:
		return read_step(cursor, EVENT_YIELD, err);
	case ITEM_RESUME:
		return read_resume(cursor, err);
	case ITEM_EXCEPTION:
		return read_step(cursor, EVENT_EXCEPTION, err);
	case ITEM_UNWIND:
		return read_step(cursor, EVENT_UNWIND, err);
	case ITEM_THREAD_START:
		return read_frameless(cursor, EVENT_THREAD, err);
	case ITEM_TASK:
		return read_frameless(cursor, EVENT_TASK, err);
	case ITEM_GAP:
		return read_frameless(cursor, EVENT_GAP, err);
	case ITEM_NAME:
		return read_definition(cursor, err);
	case ITEM_CODE:
		return read_code_definition(cursor, err);
	case ITEM_THREAD:
		return read_thread(cursor, err);
	case ITEM_SWITCH:
		return read_switch(cursor, err);
	case ITEM_FRAME:
		return read_frame(cursor, err);
	case ITEM_COST:
		return read_cost(cursor, err);
	case ITEM_PAUSE:
		return read_pause(cursor, err);
	case ITEM_BUILTIN:
		return read_builtin(cursor, err);
	case ITEM_THROUGH:
		return read_through(cursor, err);
	case ITEM_PACE:
		return read_pace(cursor, err);
	default:
		return cursor_bad(cursor, "an item of no known kind", err);
	}
}

/* Reads the next item, if it is one of those that `mask` has a bit for (bit: item_kind).
 * *took says so. */
static int read_item(struct block_cursor *cursor, uint32_t mask, bool *took, struct err *err)
{
	const uint8_t *start = cursor->in.at;
	int64_t kind;
	int rc;

	if (read_long(cursor, &kind, err) < 0)
		return ERR_FORMAT;
	*took = kind < 0 || kind >= ITEM_KINDS || (mask & 1u << kind);
	if (!*took) {
		cursor->in.at = start;
		return 0;
	}
	rc = read_branch(cursor, kind, err);
	cursor->items++;
	return rc;
}

/* The items behind an event that belong to it; definitions among them only come early. */
static int read_trailing(struct block_cursor *cursor, struct err *err)
{
	const uint32_t mask = 1u << ITEM_CHANGE | 1u << ITEM_LOCAL | 1u << ITEM_RESIZE |
			      1u << ITEM_NAME | 1u << ITEM_CODE | 1u << ITEM_COST |
			      1u << ITEM_PACE | 1u << ITEM_SPLICE;
	bool took = true;

	while (took && cursor->items < cursor->head.item_count) {
		int rc = read_item(cursor, mask, &took, err);

		if (rc < 0)
			return rc;
	}
	return cursor->target ? locals_settle(cursor, cursor->target, err) : 0;
}

/* What the event before has left comes off its stack. */
static void leave_frame(struct block_cursor *cursor)
{
	struct cursor_frame *frame = cursor->leaving;

	if (!frame)
		return;
	cursor->leaving = NULL;
	cursor->target = NULL;
	state_suspend(frame);
	if (!cursor->leaving_suspends)
		state_forget(cursor, frame);
}

static int step(struct block_cursor *cursor, struct err *err)
{
	leave_frame(cursor);
	while (cursor->items < cursor->head.item_count) {
		bool took;
		int rc = read_item(cursor, UINT32_MAX, &took, err);

		if (rc < 0)
			return rc;
		if (rc == READ_EVENT) {
			rc = read_trailing(cursor, err);
			cursor->event.line = cursor->event.frame ? cursor->event.frame->line : 0;
			return rc < 0 ? rc : 1;
		}
	}
	if (cursor->in.at != cursor->in.end)
		return cursor_bad(cursor, "bytes behind the last item", err);
	if (cursor->events != cursor->head.event_count)
		return cursor_bad(cursor, "fewer events than the head says", err);
	return 0;
}

int block_cursor_next(struct block_cursor *cursor, const struct event **event, struct err *err)
{
	int rc;

	if (cursor->failed < 0)
		return err_set(err, cursor->failed, "block: its reading has failed before");
	rc = step(cursor, err);
	if (rc < 0)
		cursor->failed = rc;
	else if (rc > 0)
		*event = &cursor->event;
	return rc;
}

size_t block_cursor_offset(const struct block_cursor *cursor)
{
	return (size_t)(cursor->in.at - cursor->head.items.data);
}

int64_t block_cursor_items(const struct block_cursor *cursor)
{
	return cursor->items;
}

int64_t block_cursor_time_ns(const struct block_cursor *cursor)
{
	return cursor->time_ns;
}
