/*
 * json_event: what a program did, in JSON: rows, and an event with its state. Members that
 * `smiley replay --format json` has too have the same names and values.
 */
#include "schemas/text.h"
#include "schemas/value.h"
#include "web/json_page.h"

#define STACK_SHOWN 1000

static void put_value(struct json *json, struct value value)
{
	struct buf text = {0};

	value_repr(value, &text);
	json_slice(json, buf_slice(&text));
	json->out->failed |= text.failed;
	buf_release(&text);
}

/* Under the name that it has for this kind of event. */
static const char *value_key(enum event_kind kind)
{
	return kind == EVENT_EXCEPTION || kind == EVENT_UNWIND ? "exception" : "value";
}

static void put_about(struct json *json, enum event_kind kind, struct slice text, int64_t lost)
{
	if (kind == EVENT_TASK) {
		json_key(json, "task");
		json_slice(json, text);
	} else if (kind == EVENT_GAP) {
		json_key(json, "lost");
		json_long(json, lost);
		json_key(json, "reason");
		json_slice(json, text);
	}
}

static void put_row_frame(struct json *json, const struct row *row)
{
	json_key(json, "file");
	json_slice(json, row->file);
	json_key(json, "function");
	json_slice(json, row->function);
	json_key(json, "function_line");
	json_long(json, row->code_line);
	json_key(json, "call");
	json_long(json, row->frame);
	json_key(json, "depth");
	json_long(json, (int64_t)row->depth);
	json_key(json, "lines");
	json_array_begin(json);
	for (size_t i = 0; i < row->line_count; i++)
		json_long(json, row->lines[i]);
	json_array_end(json);
	json_key(json, "changed");
	json_object_begin(json);
	for (size_t i = 0; i < row->change_count; i++) {
		json_key_slice(json, row->changes[i].name);
		json_slice_or_null(json, row->changes[i].value);
	}
	json_object_end(json);
}

void json_row(struct json *json, const struct row *row)
{
	json_object_begin(json);
	json_key(json, "row");
	json_long(json, row->number);
	json_key(json, "seq");
	json_long(json, row->first_seq);
	json_key(json, "last_seq");
	json_long(json, row->last_seq);
	json_key(json, "time");
	json_seconds(json, row->time_ns);
	json_key(json, "event");
	json_text(json, event_kind_name(row->kind));
	if (row->has_thread) {
		json_key(json, "thread");
		json_slice(json, row->thread_name);
		json_key(json, "thread_number");
		json_long(json, row->thread);
	}
	if (row->frame >= 0)
		put_row_frame(json, row);
	if (row->value.len) {
		json_key(json, value_key(row->kind));
		json_slice(json, row->value);
	}
	put_about(json, row->kind, row->text, row->lost);
	if (row->off_ns >= 0) {
		json_key(json, "recorded_again_after");
		json_seconds(json, row->off_ns);
	}
	if (row->missing) {
		json_key(json, "missing_before");
		json_long(json, row->missing);
	}
	json_object_end(json);
}

void json_run(struct json *json, const struct page_run *page)
{
	json_key(json, "run");
	json_run_info(json, page->run);
	json_pager(json, &page->pager);
	json_key(json, "thread_number");
	if (page->thread == ROW_VIEW_ALL)
		json_null(json);
	else
		json_long(json, page->thread);
	json_key(json, "kinds");
	json_object_begin(json);
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		json_key(json, event_kind_name((enum event_kind)kind));
		json_long(json, page->kinds[kind]);
	}
	json_object_end(json);
	json_key(json, "missing_behind");
	json_long(json, page->missing_behind);
	json_key(json, "rows");
	json_array_begin(json);
	for (size_t i = 0; i < page->rows->count; i++)
		json_row(json, &page->rows->rows[i]);
	json_array_end(json);
}

static void put_locals(struct json *json, const struct frame *frame)
{
	struct buf text = {0};

	text_frame_json(json, frame, &text);
	json->out->failed |= text.failed;
	buf_release(&text);
}

static void put_stack(struct json *json, const struct frame *frame)
{
	int shown = 0;

	json_key(json, "stack");
	json_array_begin(json);
	for (; frame && shown < STACK_SHOWN; frame = frame->caller, shown++) {
		json_object_begin(json);
		json_key(json, "function");
		json_slice(json, frame->code.function);
		json_key(json, "file");
		json_slice(json, frame->code.file);
		json_key(json, "line");
		json_long(json, frame->line);
		json_key(json, "call");
		json_long(json, frame->id);
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_frame(struct json *json, const struct event *event)
{
	json_key(json, "file");
	json_slice(json, event->frame->code.file);
	json_key(json, "line");
	json_long(json, event->line);
	json_key(json, "function");
	json_slice(json, event->frame->code.function);
	json_key(json, "call");
	json_long(json, event->frame->id);
	json_key(json, "depth");
	json_long(json, (int64_t)event->frame->depth);
	put_locals(json, event->frame);
	put_stack(json, event->frame);
}

static void put_step(struct json *json, const char *name, int64_t seq, int64_t event_count)
{
	json_key(json, name);
	if (seq >= 0 && seq < event_count)
		json_long(json, seq);
	else
		json_null(json);
}

static void put_steps(struct json *json, const struct page_event *page)
{
	int64_t seq = page->event->seq, count = page->run->event_count;

	json_key(json, "steps");
	json_object_begin(json);
	put_step(json, "back", seq - 1, count);
	put_step(json, "forward", seq + 1, count);
	put_step(json, "back_over", page->over_back, count);
	put_step(json, "over", page->over, count);
	put_step(json, "out", page->out, count);
	put_step(json, "looked_to", page->looked, count);
	put_step(json, "looked_back_to", page->looked_back, count);
	put_step(json, "line_again", page->again, count);
	put_step(json, "line_before", page->again_back, count);
	put_step(json, "next_exception", page->exception, count);
	put_step(json, "exception_before", page->exception_back, count);
	json_object_end(json);
}

void json_event(struct json *json, const struct page_event *page)
{
	const struct event *event = page->event;

	json_key(json, "run");
	json_run_info(json, page->run);
	put_steps(json, page);
	json_key(json, "row");
	json_long(json, page->row);
	json_key(json, "event");
	json_object_begin(json);
	json_key(json, "seq");
	json_long(json, event->seq);
	json_key(json, "time");
	json_seconds(json, event->time_ns);
	json_key(json, "event");
	json_text(json, event_kind_name(event->kind));
	if (event->thread) {
		json_key(json, "thread");
		json_slice(json, event->thread->name);
		json_key(json, "thread_number");
		json_long(json, event->thread->number);
	}
	if (event->frame)
		put_frame(json, event);
	if (event->value.bytes.len) {
		json_key(json, value_key(event->kind));
		put_value(json, event->value);
	}
	put_about(json, event->kind, event->text, event->lost);
	json_object_end(json);
}
