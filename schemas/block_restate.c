#include "schemas/block_internal.h"

/* Where the items go, and how many they are. */
struct restate {
	const struct block_cursor *cursor;
	struct buf *out;
	int64_t count;
};

static void put_item(struct restate *restate, enum item_kind kind)
{
	avro_buf_long(restate->out, kind);
	restate->count++;
}

/* The index of a name that this block has defined: names lie in it in their order. */
static int64_t name_index(const struct block_cursor *cursor, struct slice name)
{
	size_t low = 0, high = cursor->names.count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if ((uintptr_t)cursor->name_slices[middle].data <= (uintptr_t)name.data)
			low = middle;
		else
			high = middle;
	}
	return (int64_t)low;
}

static void put_names(struct restate *restate)
{
	const struct block_cursor *cursor = restate->cursor;

	for (size_t i = 0; i < cursor->names.count; i++) {
		struct slice name = cursor->name_slices[i];

		put_item(restate, ITEM_NAME);
		avro_buf_bytes(restate->out, name.data, name.len);
	}
}

static void put_cost(struct restate *restate, const struct cost *cost)
{
	if (!cost->before && !cost->line && !cost->enter && !cost->leave)
		return;
	put_item(restate, ITEM_COST);
	avro_buf_long(restate->out, cost->before);
	avro_buf_long(restate->out, cost->line);
	avro_buf_long(restate->out, cost->enter);
	avro_buf_long(restate->out, cost->leave);
}

static void put_pace(struct restate *restate, const struct pace *pace)
{
	if (!pace->line && !pace->enter && !pace->leave)
		return;
	put_item(restate, ITEM_PACE);
	avro_buf_long(restate->out, pace->line);
	avro_buf_long(restate->out, pace->enter);
	avro_buf_long(restate->out, pace->leave);
}

static void put_codes(struct restate *restate)
{
	const struct block_cursor *cursor = restate->cursor;

	for (size_t i = 0; i < cursor->code_count; i++) {
		const struct code *code = &cursor->codes[i];

		put_item(restate, ITEM_CODE);
		avro_buf_long(restate->out, name_index(cursor, code->file));
		avro_buf_long(restate->out, name_index(cursor, code->function));
		avro_buf_long(restate->out, code->line);
		put_cost(restate, &code->cost);
		put_pace(restate, &code->pace);
	}
}

static void put_frame(struct restate *restate, const struct cursor_frame *frame, bool suspended)
{
	put_item(restate, ITEM_FRAME);
	avro_buf_long(restate->out, frame->frame.id);
	avro_buf_long(restate->out, (int64_t)frame->code);
	avro_buf_long(restate->out, frame->frame.line);
	buf_byte(restate->out, suspended);
	for (size_t i = 0; i < frame->count; i++) {
		const struct local *local = &frame->locals[i];

		put_item(restate, ITEM_LOCAL);
		avro_buf_long(restate->out, name_index(restate->cursor, local->name));
		buf_append(restate->out, local->value.bytes.data, local->value.bytes.len);
	}
}

/* A frame that the last event has left is off its stack for what follows. */
static void put_suspended(struct restate *restate)
{
	const struct block_cursor *cursor = restate->cursor;

	for (size_t i = 0; i < cursor->live.count; i++) {
		const struct cursor_frame *frame = cursor->live.items[i];

		if (frame == cursor->leaving ? cursor->leaving_suspends : !frame->thread)
			put_frame(restate, frame, true);
	}
}

static void put_thread(struct restate *restate, const struct cursor_thread *thread)
{
	put_item(restate, ITEM_THREAD);
	avro_buf_long(restate->out, thread->thread.number);
	avro_buf_long(restate->out, thread->thread.ident);
	avro_buf_long(restate->out, (int64_t)thread->name);
	avro_buf_long(restate->out, (int64_t)thread->hidden);
	for (size_t i = 0; i < thread->count; i++) {
		if (thread->stack[i] != restate->cursor->leaving)
			put_frame(restate, thread->stack[i], false);
	}
}

int block_cursor_restate(
	struct block_cursor *cursor, struct buf *items, int64_t *item_count, struct err *err)
{
	struct restate restate = {cursor, items, 0};

	if (cursor->failed < 0)
		return err_set(err, cursor->failed, "block: its reading has failed before");
	if (cursor->target && locals_settle(cursor, cursor->target, err) < 0)
		return ERR_MEMORY;
	put_names(&restate);
	put_codes(&restate);
	put_suspended(&restate);
	for (size_t i = 0; i < cursor->thread_count; i++) {
		if (cursor->threads.items[i] != cursor->thread)
			put_thread(&restate, cursor->threads.items[i]);
	}
	if (cursor->thread)
		put_thread(&restate, cursor->thread);
	if (items->failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	*item_count += restate.count;
	return 0;
}
