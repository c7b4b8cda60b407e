#include "tests/lib/avro_c.h"

#include "schemas/avro.h"
#include "schemas/schema_text.h"
#include "schemas/value.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(what)                                                                         \
	do {                                                                                \
		if (!(what)) {                                                              \
			fprintf(stderr, "%s:%d: differs: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                            \
		}                                                                           \
	} while (0)

#define SCHEMAS (SCHEMA_LAST + 1)

static avro_schema_t schemas[SCHEMAS];
static avro_value_iface_t *classes[SCHEMAS];
static avro_value_iface_t *value_class; /* of the values inside a block */

static avro_value_iface_t *class_of(enum schema_id id)
{
	const char *text = schema_text(id);
	avro_schema_error_t error;

	CHECK(text && id < SCHEMAS);
	if (!classes[id]) {
		CHECK(avro_schema_from_json(text, (int32_t)strlen(text), &schemas[id], &error) ==
			0);
		classes[id] = avro_generic_class_from_schema(schemas[id]);
		CHECK(classes[id]);
	}
	return classes[id];
}

void avro_c_release(void)
{
	for (int i = 0; i < SCHEMAS; i++) {
		if (classes[i])
			avro_value_iface_decref(classes[i]);
		if (schemas[i])
			avro_schema_decref(schemas[i]);
		classes[i] = NULL;
		schemas[i] = NULL;
	}
	if (value_class)
		avro_value_iface_decref(value_class);
	value_class = NULL;
}

static void decode(avro_value_iface_t *class, struct slice bytes, avro_value_t *value)
{
	avro_reader_t reader = avro_reader_memory((const char *)bytes.data, (int64_t)bytes.len);
	char behind;

	CHECK(reader);
	CHECK(avro_generic_value_new(class, value) == 0);
	CHECK(avro_value_read(reader, value) == 0);
	CHECK(avro_read(reader, &behind, 1) != 0);
	avro_reader_free(reader);
}

void avro_c_decode(enum schema_id id, struct slice body, avro_value_t *value)
{
	decode(class_of(id), body, value);
}

void avro_c_encode(avro_value_t *value, struct buf *out)
{
	avro_writer_t writer;
	size_t size;

	CHECK(avro_value_sizeof(value, &size) == 0);
	CHECK(buf_reserve(out, size + 1) == 0);
	writer = avro_writer_memory((char *)out->data + out->len, (int64_t)size + 1);
	CHECK(writer);
	CHECK(avro_value_write(writer, value) == 0);
	CHECK((size_t)avro_writer_tell(writer) == size);
	avro_writer_free(writer);
	out->len += size;
}

void avro_c_same_bytes(enum schema_id id, struct slice body)
{
	struct buf again = {0};
	avro_value_t value;

	avro_c_decode(id, body, &value);
	avro_c_encode(&value, &again);
	CHECK(slice_equal(buf_slice(&again), body));
	avro_value_decref(&value);
	buf_release(&again);
}

/* From here on: the second understanding of a block. */

struct model_local {
	struct slice name;
	struct buf bytes; /* of the value, as Avro C writes it */
	bool there, changed, removed;
};

struct model_frame {
	int64_t id;
	size_t code;
	int64_t line;
	int64_t thread; /* -1: suspended, -2: gone */
	size_t order;   /* the later pushed the higher on its stack */
	struct model_local *locals;
	size_t local_count;
};

struct model_code {
	struct slice file, function;
	int64_t line;
	struct cost cost;
	struct pace pace;
};

struct model_thread {
	int64_t number, ident, hidden;
	struct slice name;
};

/* Nothing is ever taken out of these. */
struct model {
	avro_value_t items;
	size_t item_count, at;
	int64_t seq, time_ns;
	struct slice *names;
	struct model_code *codes;
	struct model_frame *frames;
	struct model_thread *threads;
	size_t name_count, code_count, frame_count, thread_count, pushes;
	struct model_thread *thread;
	struct model_frame *target, *leaving;
	bool leaving_suspends;
	size_t code_at;   /* item of the last Code */
	int64_t pause_ns; /* and what else stands before the next event */
	struct slice through;
	struct builtin_calls *builtins;
	size_t builtin_count;
	const struct event *event;
	avro_value_t item; /* the branch being read */
};

static int64_t field(const struct model *model, size_t index)
{
	avro_value_t value;
	int64_t number;

	CHECK(avro_value_get_by_index(&model->item, index, &value, NULL) == 0);
	CHECK(avro_value_get_long(&value, &number) == 0);
	return number;
}

static struct slice name_field(const struct model *model, size_t index)
{
	return model->names[field(model, index)];
}

static void value_field(const struct model *model, size_t index, struct buf *bytes)
{
	avro_value_t value;

	CHECK(avro_value_get_by_index(&model->item, index, &value, NULL) == 0);
	buf_clear(bytes);
	avro_c_encode(&value, bytes);
}

static bool branch_field(const struct model *model, size_t index)
{
	avro_value_t value;
	int boolean;

	CHECK(avro_value_get_by_index(&model->item, index, &value, NULL) == 0);
	CHECK(avro_value_get_boolean(&value, &boolean) == 0);
	return boolean;
}

/* Our bytes may spell a number longer than Avro C does: what counts is what it reads. */
static void same_value(struct slice ours, const struct buf *theirs)
{
	struct buf again = {0};
	avro_value_t value;

	if (slice_equal(ours, buf_slice(theirs)))
		return;
	decode(value_class, ours, &value);
	avro_c_encode(&value, &again);
	CHECK(slice_equal(buf_slice(&again), buf_slice(theirs)));
	avro_value_decref(&value);
	buf_release(&again);
}

static struct model_frame *frame_of(struct model *model, int64_t id)
{
	for (size_t i = 0; i < model->frame_count; i++) {
		if (model->frames[i].id == id && model->frames[i].thread != -2)
			return &model->frames[i];
	}
	model->frames[model->frame_count] = (struct model_frame){.id = id, .thread = -1};
	return &model->frames[model->frame_count++];
}

/* Calls for each frame of the thread at or above `order`. */
static void suspend_from(struct model *model, int64_t thread, size_t order)
{
	for (size_t i = 0; i < model->frame_count; i++) {
		if (model->frames[i].thread == thread && model->frames[i].order >= order)
			model->frames[i].thread = -1;
	}
}

static void push(struct model *model, struct model_frame *frame)
{
	frame->thread = model->thread->number;
	frame->order = ++model->pushes;
}

/* The highest frame of the thread below `order`. */
static struct model_frame *top(struct model *model, int64_t thread, size_t order)
{
	struct model_frame *best = NULL;

	for (size_t i = 0; i < model->frame_count; i++) {
		struct model_frame *frame = &model->frames[i];

		if (frame->thread == thread && frame->order < order &&
			(!best || frame->order > best->order))
			best = frame;
	}
	return best;
}

static size_t frames_below(struct model *model, int64_t thread, size_t order)
{
	size_t count = 0;

	for (size_t i = 0; i < model->frame_count; i++)
		count += model->frames[i].thread == thread && model->frames[i].order < order;
	return count;
}

static struct model_local *local_of(struct model *model, struct slice name)
{
	struct model_frame *frame = model->target;

	CHECK(frame);
	for (size_t i = 0; i < frame->local_count; i++) {
		if (slice_equal(frame->locals[i].name, name))
			return &frame->locals[i];
	}
	frame->locals = realloc(frame->locals, (frame->local_count + 1) * sizeof(*frame->locals));
	CHECK(frame->locals);
	frame->locals[frame->local_count] = (struct model_local){.name = name};
	return &frame->locals[frame->local_count++];
}

static void model_local(struct model *model, bool change)
{
	struct model_local *local = local_of(model, name_field(model, 0));

	value_field(model, 1, &local->bytes);
	if (local->bytes.data[0] == VALUE_UNSET << 1) {
		local->removed |= local->there && change;
		local->there = false;
		local->changed = false;
		return;
	}
	local->there = true;
	local->removed = false;
	local->changed |= change;
}

static void model_resize(struct model *model)
{
	struct model_local *local = local_of(model, name_field(model, 0));
	struct avro_in in = avro_in(buf_slice(&local->bytes));
	struct buf bytes = {0};
	int64_t branch, kind, length;

	CHECK(local->there);
	CHECK(avro_get_long(&in, &branch) && branch == VALUE_CONTAINER);
	CHECK(avro_get_long(&in, &kind) && avro_get_long(&in, &length));
	avro_buf_long(&bytes, branch);
	avro_buf_long(&bytes, kind);
	avro_buf_long(&bytes, field(model, 1));
	buf_append(&bytes, in.at, (size_t)(in.end - in.at));
	buf_release(&local->bytes);
	local->bytes = bytes;
	local->changed = true;
}

/* The values of [in, count of them), in turn. */
static void copy_items(const struct model *model, struct avro_in *in, int64_t count, struct buf *to)
{
	const uint8_t *start = in->at;

	while (count-- > 0)
		CHECK(value_skip(in, model->name_count));
	if (to)
		buf_append(to, start, (size_t)(in->at - start));
}

static void model_splice(struct model *model)
{
	struct model_local *local = local_of(model, name_field(model, 0));
	struct avro_in in = avro_in(buf_slice(&local->bytes)), more;
	int64_t branch, kind, length, count, added, at = field(model, 2), drop = field(model, 3);
	struct buf bytes = {0}, items = {0};

	CHECK(local->there && at >= 0 && drop >= 0);
	CHECK(avro_get_long(&in, &branch) && branch == VALUE_CONTAINER);
	CHECK(avro_get_long(&in, &kind) && avro_get_long(&in, &length));
	CHECK(avro_get_long(&in, &count));
	value_field(model, 4, &items);
	more = avro_in(buf_slice(&items));
	CHECK(avro_get_long(&more, &added));
	at = at < count ? at : count;
	drop = drop < count - at ? drop : count - at;
	avro_buf_long(&bytes, branch);
	avro_buf_long(&bytes, kind);
	avro_buf_long(&bytes, field(model, 1));
	avro_buf_long(&bytes, count - drop + added);
	copy_items(model, &in, at, &bytes);
	copy_items(model, &in, drop, NULL);
	copy_items(model, &more, added, &bytes);
	copy_items(model, &in, count - at - drop, &bytes);
	if (count - drop + added)
		avro_buf_long(&bytes, 0);
	buf_release(&items);
	buf_release(&local->bytes);
	local->bytes = bytes;
	local->changed = true;
}

static void model_name(struct model *model)
{
	avro_value_t value;
	const char *text;
	size_t size;

	CHECK(avro_value_get_by_index(&model->item, 0, &value, NULL) == 0);
	CHECK(avro_value_get_string(&value, &text, &size) == 0);
	model->names[model->name_count++] = (struct slice){(const uint8_t *)text, size - 1};
}

static void model_frame(struct model *model)
{
	struct model_frame *frame = frame_of(model, field(model, 0));

	if (frame->thread >= 0)
		suspend_from(model, frame->thread, frame->order);
	frame->code = (size_t)field(model, 1);
	frame->line = field(model, 2);
	if (!branch_field(model, 3))
		push(model, frame);
	model->target = frame;
}

static struct model_thread *thread_of(struct model *model, int64_t number)
{
	for (size_t i = 0; i < model->thread_count; i++) {
		if (model->threads[i].number == number)
			return &model->threads[i];
	}
	model->threads[model->thread_count] = (struct model_thread){.number = number};
	return &model->threads[model->thread_count++];
}

static void model_thread(struct model *model)
{
	struct model_thread *thread = thread_of(model, field(model, 0));

	suspend_from(model, thread->number, 0);
	thread->ident = field(model, 1);
	thread->name = name_field(model, 2);
	thread->hidden = field(model, 3);
	model->thread = thread;
	model->target = NULL;
}

static void model_cost(struct model *model)
{
	CHECK(model->code_count && model->at == model->code_at + 1);
	model->codes[model->code_count - 1].cost = (struct cost){(int32_t)field(model, 0),
		(int32_t)field(model, 1), (int32_t)field(model, 2), (int32_t)field(model, 3)};
	model->code_at = model->at;
}

static void model_pace(struct model *model)
{
	CHECK(model->code_count && model->at == model->code_at + 1);
	model->codes[model->code_count - 1].pace = (struct pace){
		(int32_t)field(model, 0), (int32_t)field(model, 1), (int32_t)field(model, 2)};
}

/* What stood before the event. */
static void same_ahead(struct model *model)
{
	const struct event *event = model->event;

	CHECK(event->pause_ns == model->pause_ns);
	CHECK(slice_equal(event->through, model->through));
	CHECK(event->builtin_count == model->builtin_count);
	for (size_t i = 0; i < model->builtin_count; i++) {
		CHECK(slice_equal(event->builtins[i].name, model->builtins[i].name));
		CHECK(event->builtins[i].calls == model->builtins[i].calls);
		CHECK(event->builtins[i].self_ns == model->builtins[i].self_ns);
	}
	model->pause_ns = 0;
	model->through = (struct slice){0};
	model->builtin_count = 0;
}

/* An item that is no event. */
static void model_statement(struct model *model, int kind)
{
	switch (kind) {
	case ITEM_CHANGE:
	case ITEM_LOCAL:
		model_local(model, kind == ITEM_CHANGE);
		break;
	case ITEM_RESIZE:
		model_resize(model);
		break;
	case ITEM_SPLICE:
		model_splice(model);
		break;
	case ITEM_NAME:
		model_name(model);
		break;
	case ITEM_CODE:
		model->codes[model->code_count++] = (struct model_code){
			name_field(model, 0), name_field(model, 1), field(model, 2), {0}, {0}};
		model->code_at = model->at;
		break;
	case ITEM_THREAD:
		model_thread(model);
		break;
	case ITEM_SWITCH:
		model->thread = thread_of(model, field(model, 0));
		model->target = NULL;
		break;
	case ITEM_FRAME:
		model_frame(model);
		break;
	case ITEM_COST:
		model_cost(model);
		break;
	case ITEM_PACE:
		model_pace(model);
		break;
	case ITEM_PAUSE:
		model->pause_ns += field(model, 0);
		break;
	case ITEM_BUILTIN:
		model->builtins[model->builtin_count++] = (struct builtin_calls){
			name_field(model, 0), field(model, 1), field(model, 2)};
		break;
	case ITEM_THROUGH:
		model->through = name_field(model, 0);
		break;
	default:
		CHECK(!"a statement");
	}
}

static void enter_frame(struct model *model, struct model_frame *frame, int64_t code, int64_t line)
{
	push(model, frame);
	frame->code = (size_t)code;
	frame->line = line;
	model->target = frame;
}

static const enum event_kind event_kinds[ITEM_KINDS] = {
	[ITEM_LINE] = EVENT_LINE,
	[ITEM_CALL] = EVENT_CALL,
	[ITEM_RETURN] = EVENT_RETURN,
	[ITEM_YIELD] = EVENT_YIELD,
	[ITEM_RESUME] = EVENT_RESUME,
	[ITEM_EXCEPTION] = EVENT_EXCEPTION,
	[ITEM_UNWIND] = EVENT_UNWIND,
	[ITEM_THREAD_START] = EVENT_THREAD,
	[ITEM_TASK] = EVENT_TASK,
	[ITEM_GAP] = EVENT_GAP,
};

static void same_text(const struct model *model)
{
	int64_t number = field(model, 1);

	CHECK(slice_equal(model->event->text, name_field(model, 2)));
	CHECK(model->event->task == (model->event->kind == EVENT_TASK ? number : 0));
	CHECK(model->event->lost == (model->event->kind == EVENT_GAP ? number : 0));
}

static void model_step(struct model *model, int kind)
{
	struct model_frame *frame = top(model, model->thread->number, SIZE_MAX);
	struct buf bytes = {0};

	CHECK(frame);
	frame->line += field(model, 1);
	model->target = frame;
	if (kind == ITEM_RETURN || kind == ITEM_YIELD || kind == ITEM_EXCEPTION) {
		value_field(model, 2, &bytes);
		same_value(model->event->value.bytes, &bytes);
		buf_release(&bytes);
	} else {
		CHECK(model->event->value.bytes.len == 0);
	}
	if (kind == ITEM_RETURN || kind == ITEM_YIELD || kind == ITEM_UNWIND) {
		model->leaving = frame;
		model->leaving_suspends = kind == ITEM_YIELD;
	}
}

static void model_event(struct model *model, int kind)
{
	const struct event *event = model->event;

	model->time_ns += field(model, 0);
	CHECK(event->kind == event_kinds[kind]);
	CHECK(event->seq == model->seq);
	CHECK(event->time_ns == model->time_ns);
	same_ahead(model);
	model->target = NULL;
	if (kind == ITEM_CALL) {
		int64_t code = field(model, 1);

		enter_frame(model, frame_of(model, model->seq), code, model->codes[code].line);
	} else if (kind == ITEM_RESUME) {
		enter_frame(
			model, frame_of(model, field(model, 1)), field(model, 2), field(model, 3));
	} else if (kind == ITEM_TASK || kind == ITEM_GAP) {
		same_text(model);
	} else if (kind != ITEM_THREAD_START) {
		model_step(model, kind);
	}
	model->seq++;
	for (size_t i = 0; model->target && i < model->target->local_count; i++) {
		model->target->locals[i].changed = false;
		model->target->locals[i].removed = false;
	}
}

static const struct model_local *find_local(const struct model_frame *frame, struct slice name)
{
	for (size_t i = 0; i < frame->local_count; i++) {
		if (slice_equal(frame->locals[i].name, name))
			return &frame->locals[i];
	}
	CHECK(!"a local that is known");
	return NULL;
}

static void same_locals(const struct frame *ours, const struct model_frame *theirs, bool own)
{
	size_t there = 0, removed = 0;

	for (size_t i = 0; i < ours->local_count; i++) {
		const struct local *local = &ours->locals[i];
		const struct model_local *known = find_local(theirs, local->name);

		CHECK(i == 0 || slice_compare(ours->locals[i - 1].name, local->name) < 0);
		CHECK(known->there);
		CHECK(!own || known->changed == local->changed);
		same_value(local->value.bytes, &known->bytes);
	}
	for (size_t i = 0; i < theirs->local_count; i++) {
		there += theirs->locals[i].there;
		removed += theirs->locals[i].removed;
	}
	CHECK(ours->local_count == there);
	CHECK(!own || ours->removed_count == removed);
	for (size_t i = 0; own && i < ours->removed_count; i++)
		CHECK(find_local(theirs, ours->removed[i])->removed);
}

static void same_frame(
	struct model *model, const struct frame *ours, struct model_frame *theirs, bool own)
{
	const struct model_code *code;
	int64_t thread = model->thread->number;

	if (!ours || !theirs) {
		CHECK(!ours && !theirs);
		return;
	}
	code = &model->codes[theirs->code];
	CHECK(ours->id == theirs->id);
	CHECK(ours->line == theirs->line);
	CHECK(ours->depth ==
		(size_t)model->thread->hidden + frames_below(model, thread, theirs->order));
	CHECK(slice_equal(ours->code.file, code->file));
	CHECK(slice_equal(ours->code.function, code->function));
	CHECK(ours->code.line == code->line);
	CHECK(memcmp(&ours->code.cost, &code->cost, sizeof(code->cost)) == 0);
	CHECK(memcmp(&ours->code.pace, &code->pace, sizeof(code->pace)) == 0);
	same_locals(ours, theirs, own);
	same_frame(model, ours->caller, top(model, thread, theirs->order), false);
}

static void same_event(struct model *model)
{
	const struct event *event = model->event;
	const struct model_thread *thread = model->thread;

	CHECK(!event->thread == !thread);
	if (thread) {
		CHECK(event->thread->number == thread->number);
		CHECK(event->thread->ident == thread->ident);
		CHECK(slice_equal(event->thread->name, thread->name));
		CHECK(event->thread->frame_count ==
			(size_t)thread->hidden + frames_below(model, thread->number, SIZE_MAX));
		same_frame(model, event->frame, model->target, true);
	}
	CHECK(event->line == (event->frame ? event->frame->line : 0));
}

/* Makes the next item current and returns its kind; -1 at the end. */
static int take_item(struct model *model)
{
	avro_value_t item;
	int kind;

	if (model->at == model->item_count)
		return -1;
	CHECK(avro_value_get_by_index(&model->items, model->at, &item, NULL) == 0);
	CHECK(avro_value_get_discriminant(&item, &kind) == 0);
	CHECK(avro_value_get_current_branch(&item, &model->item) == 0);
	return kind;
}

static bool is_event(int kind)
{
	return kind == ITEM_LINE || (kind >= ITEM_CALL && kind <= ITEM_GAP);
}

/* Follows up to and with the items of one event; false at the end. */
static bool follow(struct model *model)
{
	int kind;

	if (model->leaving)
		model->leaving->thread = model->leaving_suspends ? -1 : -2;
	if (model->leaving)
		model->target = NULL;
	model->leaving = NULL;
	while ((kind = take_item(model)) >= 0 && !is_event(kind)) {
		model_statement(model, kind);
		model->at++;
	}
	if (kind < 0)
		return false;
	CHECK(model->event);
	model_event(model, kind);
	model->at++;
	while ((kind = take_item(model)) == ITEM_CHANGE || kind == ITEM_LOCAL ||
		kind == ITEM_RESIZE || kind == ITEM_NAME || kind == ITEM_CODE ||
		kind == ITEM_COST || kind == ITEM_PACE || kind == ITEM_SPLICE) {
		model_statement(model, kind);
		model->at++;
	}
	return true;
}

static void model_init(struct model *model, avro_value_t *block)
{
	avro_value_t value;

	*model = (struct model){0};
	CHECK(avro_value_get_by_index(block, 4, &model->items, NULL) == 0);
	CHECK(avro_value_get_size(&model->items, &model->item_count) == 0);
	CHECK(avro_value_get_by_index(block, 1, &value, NULL) == 0);
	CHECK(avro_value_get_long(&value, &model->seq) == 0);
	CHECK(avro_value_get_by_index(block, 3, &value, NULL) == 0);
	CHECK(avro_value_get_long(&value, &model->time_ns) == 0);
	model->names = calloc(model->item_count + 1, sizeof(*model->names));
	model->codes = calloc(model->item_count + 1, sizeof(*model->codes));
	model->builtins = calloc(model->item_count + 1, sizeof(*model->builtins));
	model->frames = calloc(model->item_count + 1, sizeof(*model->frames));
	model->threads = calloc(model->item_count + 1, sizeof(*model->threads));
	CHECK(model->names && model->codes && model->frames && model->threads && model->builtins);
}

static void model_release(struct model *model)
{
	for (size_t i = 0; i < model->frame_count; i++) {
		for (size_t k = 0; k < model->frames[i].local_count; k++)
			buf_release(&model->frames[i].locals[k].bytes);
		free(model->frames[i].locals);
	}
	free(model->names);
	free(model->codes);
	free(model->builtins);
	free(model->frames);
	free(model->threads);
}

/* The union of values is the type of Change's second field. */
static void find_value_class(void)
{
	avro_schema_t items = avro_schema_record_field_get_by_index(schemas[SCHEMA_TRACE_BLOCK], 4);
	avro_schema_t change =
		avro_schema_union_branch(avro_schema_array_items(items), ITEM_CHANGE);

	value_class =
		avro_generic_class_from_schema(avro_schema_record_field_get_by_index(change, 1));
	CHECK(value_class);
}

void avro_c_same_events(struct slice body, struct block_cursor *cursor)
{
	avro_value_t block;
	struct model model;
	struct err err;
	int rc;

	avro_c_decode(SCHEMA_TRACE_BLOCK, body, &block);
	if (!value_class)
		find_value_class();
	model_init(&model, &block);
	do {
		model.event = NULL;
		rc = block_cursor_next(cursor, &model.event, &err);
		CHECK(rc >= 0);
		CHECK(follow(&model) == (rc == 1));
		if (rc == 1)
			same_event(&model);
	} while (rc == 1);
	model_release(&model);
	avro_value_decref(&block);
}
