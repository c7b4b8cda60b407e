#include "tests/lib/help_story.h"

#include "schemas/avro.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VALUES 8192
#define MAX_NAMES 256
#define MAX_FRAMES 4096
#define MAX_LOCALS 16
#define MAX_THREADS 8
#define START_NS INT64_C(1700000000000000000)

struct told_frame {
	struct frame frame;
	struct local locals[MAX_LOCALS];
	struct slice removed[MAX_LOCALS];
};

struct told_thread {
	struct thread thread;
	bool begun;
	struct told_frame *top;
};

struct story {
	struct event_sink sink;
	struct run_id run;
	int64_t seq, waited_ns;
	struct slice names[MAX_NAMES];
	struct name_table table;
	struct buf values[MAX_VALUES];
	int value_count;
	struct told_frame *frames[MAX_FRAMES];
	int frame_count;
	struct told_thread threads[MAX_THREADS];
	struct told_thread *now;
};

static void check(int result, const struct err *err)
{
	if (result < 0) {
		fprintf(stderr, "story: %s\n", err->message);
		abort();
	}
}

/* Aborts, also in a build without assertions: a story too long is a mistake in the test. */
static void must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "story: %s\n", what);
		abort();
	}
}

struct story *story_new(struct event_sink sink, uint8_t run)
{
	struct story *story = calloc(1, sizeof(*story));

	must(story, "out of memory");
	story->sink = sink;
	for (size_t i = 0; i < sizeof(story->run.bytes); i++)
		story->run.bytes[i] = (uint8_t)(run + i);
	story->table.names = story->names;
	story->now = &story->threads[0];
	story->now->thread.name = slice_text("MainThread");
	story->now->begun = true;
	return story;
}

void story_free(struct story *story)
{
	for (int i = 0; i < story->value_count; i++)
		buf_release(&story->values[i]);
	for (int i = 0; i < story->frame_count; i++)
		free(story->frames[i]);
	free(story);
}

void story_start(struct story *story, const char *cwd, const char *argv)
{
	struct run_started started = {.run = story->run, .cwd = slice_text(cwd)};
	struct buf items = {0};
	struct err err;

	while (*argv) {
		size_t len = strcspn(argv, " ");

		text_list_add(
			&items, &started.argv.count, (struct slice){(const uint8_t *)argv, len});
		argv += len + (argv[len] == ' ');
	}
	started.argv.items = buf_slice(&items);
	check(story->sink.run_started(story->sink.context, &started, &err), &err);
	buf_release(&items);
}

void story_source(struct story *story, const char *path, const char *text)
{
	struct source_file source = {
		.run = story->run,
		.path = slice_text(path),
		.text = slice_text(text),
	};
	struct err err;

	check(story->sink.source_file(story->sink.context, &source, &err), &err);
}

void story_finish(struct story *story, int64_t signal, bool lost, const char *error_type,
	const char *error_message)
{
	struct run_finished finished = {
		.run = story->run,
		.event_count = story->seq,
		.signal = signal,
		.lost = lost,
		.error_type = slice_text(error_type ? error_type : ""),
		.error_message = slice_text(error_message ? error_message : ""),
	};
	struct err err;

	check(story->sink.run_finished(story->sink.context, &finished, &err), &err);
}

static struct frame *top(struct story *story)
{
	must(story->now->top, "no frame");
	return &story->now->top->frame;
}

/* Sends an event of the current thread and counts it. */
static void tell(struct story *story, struct event event)
{
	struct err err;

	event.run = story->run;
	event.seq = story->seq++;
	event.time_ns = START_NS + story->waited_ns + event.seq * 1500;
	event.thread = &story->now->thread;
	if (event.frame)
		event.line = event.frame->line;
	check(story->sink.event(story->sink.context, &event, &err), &err);
}

/* An event of the top frame; what changed for it is old afterwards. */
static void tell_frame(struct story *story, enum event_kind kind, struct value value)
{
	struct told_frame *told = story->now->top;

	tell(story, (struct event){.kind = kind, .frame = top(story), .value = value});
	told->frame.removed_count = 0;
	for (size_t i = 0; i < told->frame.local_count; i++)
		told->locals[i].changed = false;
}

static void leave(struct story *story)
{
	struct frame *frame = top(story);

	story->now->top = (struct told_frame *)(uintptr_t)frame->caller;
	story->now->thread.frame_count--;
}

void story_thread(struct story *story, int64_t number, const char *name)
{
	must(number < MAX_THREADS, "too many threads");
	story->now = &story->threads[number];
	if (story->now->begun)
		return;
	story->now->begun = true;
	story->now->thread.number = number;
	story->now->thread.ident = 1000 + number;
	story->now->thread.name = slice_text(name);
	tell(story, (struct event){.kind = EVENT_THREAD});
}

void story_set(struct story *story, const char *name, struct value value)
{
	struct frame *frame = top(story);
	struct told_frame *told = story->now->top;
	struct slice text = slice_text(name);
	size_t at = 0;
	bool there;

	while (at < frame->local_count && slice_compare(told->locals[at].name, text) < 0)
		at++;
	there = at < frame->local_count && slice_equal(told->locals[at].name, text);
	if (!value.bytes.len) {
		must(there && frame->removed_count < MAX_LOCALS, "no such local");
		frame->local_count--;
		memmove(told->locals + at, told->locals + at + 1,
			(frame->local_count - at) * sizeof(struct local));
		told->removed[frame->removed_count++] = text;
		return;
	}
	if (!there) {
		must(frame->local_count < MAX_LOCALS, "too many locals");
		memmove(told->locals + at + 1, told->locals + at,
			(frame->local_count - at) * sizeof(struct local));
		frame->local_count++;
	}
	told->locals[at] = (struct local){text, value, true};
}

void story_enter(struct story *story, const char *file, const char *function, int64_t line)
{
	struct told_frame *told = calloc(1, sizeof(*told));

	must(told && story->frame_count < MAX_FRAMES, "too many frames");
	story->frames[story->frame_count++] = told;
	told->frame = (struct frame){
		.id = story->seq,
		.code = {.file = slice_text(file), .function = slice_text(function), .line = line},
		.line = line,
		.depth = story->now->thread.frame_count++,
		.locals = told->locals,
		.removed = told->removed,
		.caller = story->now->top ? &story->now->top->frame : NULL,
	};
	story->now->top = told;
}

void story_called(struct story *story)
{
	tell_frame(story, EVENT_CALL, (struct value){0});
}

void story_call(struct story *story, const char *file, const char *function, int64_t line)
{
	story_enter(story, file, function, line);
	story_called(story);
}

void story_line(struct story *story, int64_t line)
{
	top(story)->line = line;
	tell_frame(story, EVENT_LINE, (struct value){0});
}

void story_return(struct story *story, int64_t line, struct value value)
{
	top(story)->line = line;
	tell_frame(story, EVENT_RETURN, value);
	leave(story);
}

int story_yield(struct story *story, int64_t line, struct value value)
{
	int handle = 0;

	top(story)->line = line;
	while (story->frames[handle] != story->now->top)
		handle++;
	tell_frame(story, EVENT_YIELD, value);
	leave(story);
	return handle;
}

void story_resume(struct story *story, int frame)
{
	struct told_frame *told = story->frames[frame];

	told->frame.caller = story->now->top ? &story->now->top->frame : NULL;
	told->frame.depth = story->now->thread.frame_count++;
	story->now->top = told;
	tell_frame(story, EVENT_RESUME, (struct value){0});
}

void story_raise(struct story *story, int64_t line, struct value exception)
{
	top(story)->line = line;
	tell_frame(story, EVENT_EXCEPTION, exception);
}

void story_unwind(struct story *story, int64_t line)
{
	top(story)->line = line;
	tell_frame(story, EVENT_UNWIND, (struct value){0});
	leave(story);
}

void story_task(struct story *story, int64_t number, const char *name)
{
	tell(story, (struct event){.kind = EVENT_TASK, .task = number, .text = slice_text(name)});
}

void story_gap(struct story *story, int64_t lost, const char *reason)
{
	tell(story, (struct event){.kind = EVENT_GAP, .lost = lost, .text = slice_text(reason)});
}

void story_wait(struct story *story, int64_t ns)
{
	story->waited_ns += ns;
}

static struct buf *new_value(struct story *story, enum value_kind kind)
{
	must(story->value_count < MAX_VALUES, "too many values");
	avro_buf_long(&story->values[story->value_count], kind);
	return &story->values[story->value_count++];
}

static struct value finished_value(struct story *story, const struct buf *buf)
{
	return (struct value){buf_slice(buf), &story->table};
}

static int64_t name_index(struct story *story, const char *name)
{
	must(story->table.count < MAX_NAMES, "too many names");
	story->names[story->table.count] = slice_text(name);
	return (int64_t)story->table.count++;
}

struct value story_none(struct story *story)
{
	return finished_value(story, new_value(story, VALUE_NULL));
}

struct value story_long(struct story *story, int64_t value)
{
	struct buf *buf = new_value(story, VALUE_LONG);

	avro_buf_long(buf, value);
	return finished_value(story, buf);
}

struct value story_text(struct story *story, const char *text)
{
	struct buf *buf = new_value(story, VALUE_STRING);

	avro_buf_bytes(buf, text, strlen(text));
	return finished_value(story, buf);
}

struct value story_range_list(struct story *story, int64_t count)
{
	struct buf *buf = new_value(story, VALUE_CONTAINER);

	avro_buf_long(buf, CONTAINER_LIST);
	avro_buf_long(buf, count);
	avro_buf_long(buf, count);
	for (int64_t i = 0; i < count; i++) {
		avro_buf_long(buf, VALUE_LONG);
		avro_buf_long(buf, i);
	}
	avro_buf_long(buf, 0);
	return finished_value(story, buf);
}

struct value story_object(struct story *story, enum object_kind kind, const char *name)
{
	struct buf *buf = new_value(story, VALUE_OBJECT);

	avro_buf_long(buf, kind);
	avro_buf_long(buf, name_index(story, name));
	avro_buf_long(buf, 0x7f10);
	return finished_value(story, buf);
}

struct value story_error(
	struct story *story, const char *type, const char *message, int64_t address)
{
	struct buf *buf = new_value(story, VALUE_ERROR);

	avro_buf_long(buf, name_index(story, type));
	avro_buf_long(buf, address);
	avro_buf_long(buf, 1);
	avro_buf_long(buf, 1);
	avro_buf_long(buf, VALUE_STRING);
	avro_buf_bytes(buf, message, strlen(message));
	avro_buf_long(buf, 0);
	return finished_value(story, buf);
}
