#include "tests/lib/help_block.h"

#include "schemas/avro.h"
#include "schemas/message.h"

static void put(struct build *build, enum item_kind kind)
{
	avro_buf_long(&build->items, kind);
	build->item_count++;
}

static void put_event(struct build *build, enum item_kind kind, int64_t dt)
{
	put(build, kind);
	avro_buf_long(&build->items, dt);
	build->event_count++;
}

int64_t build_name(struct build *build, const char *text)
{
	put(build, ITEM_NAME);
	avro_buf_bytes(&build->items, text, strlen(text));
	return build->names++;
}

int64_t build_code(struct build *build, int64_t file, int64_t function, int64_t line)
{
	put(build, ITEM_CODE);
	avro_buf_long(&build->items, file);
	avro_buf_long(&build->items, function);
	avro_buf_long(&build->items, line);
	return build->codes++;
}

void build_thread(struct build *build, int64_t number, int64_t ident, int64_t name, int64_t hidden)
{
	put(build, ITEM_THREAD);
	avro_buf_long(&build->items, number);
	avro_buf_long(&build->items, ident);
	avro_buf_long(&build->items, name);
	avro_buf_long(&build->items, hidden);
}

void build_switch(struct build *build, int64_t number)
{
	put(build, ITEM_SWITCH);
	avro_buf_long(&build->items, number);
}

void build_frame(struct build *build, int64_t id, int64_t code, int64_t line, bool suspended)
{
	put(build, ITEM_FRAME);
	avro_buf_long(&build->items, id);
	avro_buf_long(&build->items, code);
	avro_buf_long(&build->items, line);
	buf_byte(&build->items, suspended);
}

void build_local(struct build *build, enum item_kind kind, int64_t name, struct slice value)
{
	put(build, kind);
	avro_buf_long(&build->items, name);
	buf_append(&build->items, value.data, value.len);
}

void build_long(struct build *build, enum item_kind kind, int64_t name, int64_t value)
{
	uint8_t bytes[2 * AVRO_LONG_MAX_BYTES];
	uint8_t *end = avro_put_long(avro_put_long(bytes, VALUE_LONG), value);

	build_local(build, kind, name, (struct slice){bytes, (size_t)(end - bytes)});
}

void build_unset(struct build *build, enum item_kind kind, int64_t name)
{
	uint8_t byte = VALUE_UNSET << 1;

	build_local(build, kind, name, (struct slice){&byte, 1});
}

void build_resize(struct build *build, int64_t name, int64_t length)
{
	put(build, ITEM_RESIZE);
	avro_buf_long(&build->items, name);
	avro_buf_long(&build->items, length);
}

void build_splice(struct build *build, int64_t name, int64_t length, int64_t at, int64_t drop,
	int64_t count, struct slice items)
{
	put(build, ITEM_SPLICE);
	avro_buf_long(&build->items, name);
	avro_buf_long(&build->items, length);
	avro_buf_long(&build->items, at);
	avro_buf_long(&build->items, drop);
	avro_buf_long(&build->items, count);
	buf_append(&build->items, items.data, items.len);
	if (count)
		avro_buf_long(&build->items, 0);
}

void build_line(struct build *build, int64_t dt, int64_t dline)
{
	put_event(build, ITEM_LINE, dt);
	avro_buf_long(&build->items, dline);
}

void build_call(struct build *build, int64_t dt, int64_t code)
{
	put_event(build, ITEM_CALL, dt);
	avro_buf_long(&build->items, code);
}

void build_result(
	struct build *build, enum item_kind kind, int64_t dt, int64_t dline, struct slice value)
{
	put_event(build, kind, dt);
	avro_buf_long(&build->items, dline);
	buf_append(&build->items, value.data, value.len);
}

void build_none(struct build *build, enum item_kind kind, int64_t dt, int64_t dline)
{
	uint8_t none = VALUE_NULL;

	build_result(build, kind, dt, dline, (struct slice){&none, 1});
}

void build_unwind(struct build *build, int64_t dt, int64_t dline)
{
	put_event(build, ITEM_UNWIND, dt);
	avro_buf_long(&build->items, dline);
}

void build_resume(struct build *build, int64_t dt, int64_t frame, int64_t code, int64_t line)
{
	put_event(build, ITEM_RESUME, dt);
	avro_buf_long(&build->items, frame);
	avro_buf_long(&build->items, code);
	avro_buf_long(&build->items, line);
}

void build_thread_start(struct build *build, int64_t dt)
{
	put_event(build, ITEM_THREAD_START, dt);
}

void build_task(struct build *build, int64_t dt, int64_t task, int64_t name)
{
	put_event(build, ITEM_TASK, dt);
	avro_buf_long(&build->items, task);
	avro_buf_long(&build->items, name);
}

void build_gap(struct build *build, int64_t dt, int64_t lost, int64_t reason)
{
	put_event(build, ITEM_GAP, dt);
	avro_buf_long(&build->items, lost);
	avro_buf_long(&build->items, reason);
}

void build_cost(struct build *build, int64_t before, int64_t line, int64_t enter, int64_t leave)
{
	put(build, ITEM_COST);
	avro_buf_long(&build->items, before);
	avro_buf_long(&build->items, line);
	avro_buf_long(&build->items, enter);
	avro_buf_long(&build->items, leave);
}

void build_pace(struct build *build, int64_t line, int64_t enter, int64_t leave)
{
	put(build, ITEM_PACE);
	avro_buf_long(&build->items, line);
	avro_buf_long(&build->items, enter);
	avro_buf_long(&build->items, leave);
}

void build_pause(struct build *build, int64_t ns)
{
	put(build, ITEM_PAUSE);
	avro_buf_long(&build->items, ns);
}

void build_builtin(struct build *build, int64_t name, int64_t calls, int64_t ns)
{
	put(build, ITEM_BUILTIN);
	avro_buf_long(&build->items, name);
	avro_buf_long(&build->items, calls);
	avro_buf_long(&build->items, ns);
}

void build_through(struct build *build, int64_t name)
{
	put(build, ITEM_THROUGH);
	avro_buf_long(&build->items, name);
}

const struct block_head *build_head(struct build *build)
{
	build->head.items = buf_slice(&build->items);
	build->head.item_count = build->item_count;
	build->head.event_count = build->event_count;
	return &build->head;
}

void build_body(struct build *build, struct buf *body)
{
	buf_clear(body);
	block_encode(build_head(build), body);
	body->len -= MESSAGE_HEADER_BYTES;
	memmove(body->data, body->data + MESSAGE_HEADER_BYTES, body->len);
}

void build_release(struct build *build)
{
	buf_release(&build->items);
	*build = (struct build){0};
}
