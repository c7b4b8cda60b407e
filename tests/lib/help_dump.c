#include "tests/lib/help_dump.h"

static void dump_text(struct buf *out, const char *what, struct slice text)
{
	buf_printf(out, " %s=\"", what);
	buf_append(out, text.data, text.len);
	buf_byte(out, '"');
}

static void dump_hex(struct buf *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(out, "%02x", bytes.data[i]);
}

static void dump_frame(const struct frame *frame, bool own, struct buf *out)
{
	const struct cost *cost = &frame->code.cost;
	const struct pace *pace = &frame->code.pace;

	buf_printf(out, " frame=%lld line=%lld depth=%zu", (long long)frame->id,
		(long long)frame->line, frame->depth);
	dump_text(out, "file", frame->code.file);
	dump_text(out, "function", frame->code.function);
	buf_printf(out, " first=%lld", (long long)frame->code.line);
	if (cost->before || cost->line || cost->enter || cost->leave)
		buf_printf(out, " cost=%d/%d/%d/%d", cost->before, cost->line, cost->enter,
			cost->leave);
	if (pace->line || pace->enter || pace->leave)
		buf_printf(out, " pace=%d/%d/%d", pace->line, pace->enter, pace->leave);
	for (size_t i = 0; i < frame->local_count; i++) {
		dump_text(out, "local", frame->locals[i].name);
		buf_text(out, own && frame->locals[i].changed ? "*" : ":");
		dump_hex(out, frame->locals[i].value.bytes);
	}
	for (size_t i = 0; own && i < frame->removed_count; i++)
		dump_text(out, "removed", frame->removed[i]);
}

/* What stood before the event; nothing in blocks of the first schema. */
static void dump_ahead(const struct event *event, struct buf *out)
{
	if (event->pause_ns)
		buf_printf(out, " pause=%lld", (long long)event->pause_ns);
	for (size_t i = 0; i < event->builtin_count; i++) {
		dump_text(out, "builtin", event->builtins[i].name);
		buf_printf(out, " calls=%lld ns=%lld", (long long)event->builtins[i].calls,
			(long long)event->builtins[i].self_ns);
	}
	if (event->through.data)
		dump_text(out, "through", event->through);
}

void dump_event(const struct event *event, struct buf *out)
{
	const struct frame *frame;

	buf_printf(out, "%lld %lld %s line=%lld lost=%lld task=%lld", (long long)event->seq,
		(long long)event->time_ns, event_kind_name(event->kind), (long long)event->line,
		(long long)event->lost, (long long)event->task);
	dump_text(out, "text", event->text);
	buf_text(out, " value=");
	dump_hex(out, event->value.bytes);
	if (event->thread) {
		buf_printf(out, " thread=%lld ident=%lld frames=%zu",
			(long long)event->thread->number, (long long)event->thread->ident,
			event->thread->frame_count);
		dump_text(out, "name", event->thread->name);
	}
	dump_ahead(event, out);
	for (frame = event->frame; frame; frame = frame->caller)
		dump_frame(frame, frame == event->frame, out);
	buf_byte(out, '\n');
}

int dump_rest(struct block_cursor *cursor, struct buf *out, struct err *err)
{
	const struct event *event;
	int rc;

	while ((rc = block_cursor_next(cursor, &event, err)) == 1)
		dump_event(event, out);
	return rc;
}
