#include "schemas/text_internal.h"

#include "schemas/value.h"

static void put_value(struct json *json, struct value value, struct buf *scratch)
{
	buf_clear(scratch);
	value_repr(value, scratch);
	json_slice(json, buf_slice(scratch));
}

static void put_locals(struct json *json, const struct frame *frame, struct buf *scratch)
{
	json_key(json, "locals");
	json_object_begin(json);
	for (size_t i = 0; i < frame->local_count; i++) {
		if (!text_local_shown(&frame->locals[i]))
			continue;
		json_key_slice(json, frame->locals[i].name);
		put_value(json, frame->locals[i].value, scratch);
	}
	json_object_end(json);
}

static void put_changed(struct json *json, const struct frame *frame)
{
	json_key(json, "changed");
	json_array_begin(json);
	for (size_t i = 0; i < frame->local_count; i++) {
		if (frame->locals[i].changed && text_local_shown(&frame->locals[i]))
			json_slice(json, frame->locals[i].name);
	}
	for (size_t i = 0; i < frame->removed_count; i++) {
		if (text_name_shown(frame->removed[i]))
			json_slice(json, frame->removed[i]);
	}
	json_array_end(json);
}

void text_frame_json(struct json *json, const struct frame *frame, struct buf *scratch)
{
	put_locals(json, frame, scratch);
	put_changed(json, frame);
}

static void put_frame(const struct text_moment *moment, struct json *json)
{
	const struct event *event = moment->event;
	const struct frame *frame = event->frame;

	json_key(json, "file");
	json_slice(json, buf_slice(&moment->file->plain));
	json_key(json, "line");
	json_long(json, event->line);
	json_key(json, "function");
	json_slice(json, frame->code.function);
}

static void put_thread(struct json *json, const struct thread *thread)
{
	json_key(json, "thread");
	json_slice(json, thread->name);
	json_key(json, "thread_number");
	json_long(json, thread->number);
}

/* What events of one kind have beside the rest. */
static void put_kind(const struct text_moment *moment, struct json *json)
{
	const struct event *event = moment->event;

	switch (event->kind) {
	case EVENT_RETURN:
	case EVENT_YIELD:
		json_key(json, "value");
		put_value(json, event->value, &moment->text->scratch);
		break;
	case EVENT_EXCEPTION:
	case EVENT_UNWIND:
		json_key(json, "exception");
		if (moment->chain)
			json_slice(json, buf_slice(&moment->chain->repr));
		else
			json_null(json);
		break;
	case EVENT_TASK:
		json_key(json, "task");
		json_slice(json, event->text);
		json_key(json, "task_number");
		json_long(json, event->task);
		break;
	case EVENT_GAP:
		json_key(json, "lost");
		json_long(json, event->lost);
		json_key(json, "reason");
		json_slice(json, event->text);
		break;
	default:
		break;
	}
}

void text_json_event(const struct text_moment *moment)
{
	const struct event *event = moment->event;
	char run[RUN_ID_TEXT_BYTES];
	struct json json;

	json_init(&json, moment->text->out, 0);
	json_object_begin(&json);
	if (moment->text->options.many_runs) {
		json_key(&json, "run");
		json_text(&json, run_id_format(&event->run, run));
	}
	if (moment->text->options.hosts) {
		json_key(&json, "host");
		json_slice(&json, buf_slice(&moment->run->host));
	}
	json_key(&json, "seq");
	json_long(&json, event->seq);
	json_key(&json, "time");
	json_seconds(&json, event->time_ns);
	json_key(&json, "event");
	json_text(&json, event_kind_name(event->kind));
	if (event->frame)
		put_frame(moment, &json);
	if (event->thread)
		put_thread(&json, event->thread);
	if (event->frame) {
		json_key(&json, "depth");
		json_long(&json, (int64_t)event->frame->depth);
		text_frame_json(&json, event->frame, &moment->text->scratch);
	}
	put_kind(moment, &json);
	json_object_end(&json);
	buf_byte(moment->text->out, '\n');
}
