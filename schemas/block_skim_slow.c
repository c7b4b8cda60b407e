#include "schemas/block_skim_internal.h"

static uint32_t changed_count(const struct frame *frame)
{
	uint32_t changed = 0;

	for (size_t i = 0; i < frame->local_count; i++)
		changed += frame->locals[i].changed;
	return changed;
}

/* The last entry serves as long as it is the same thread by the same name. */
static bool thread_entry(struct block_skimmer *s, const struct thread *thread, uint32_t *entry)
{
	const struct skim_thread *last = s->thread_count ? &s->threads[s->thread_count - 1] : NULL;

	if (!last || last->number != thread->number || last->name.data != thread->name.data) {
		if (!skim_grow(
			    &s->threads, &s->thread_cap, s->thread_count + 1, sizeof(*s->threads)))
			return false;
		s->threads[s->thread_count++] = (struct skim_thread){thread->number, thread->name};
	}
	*entry = (uint32_t)s->thread_count - 1;
	return true;
}

static bool same_code(const struct code *a, const struct code *b)
{
	return a->file.data == b->file.data && a->function.data == b->function.data &&
	       a->line == b->line;
}

static bool frame_entry(struct block_skimmer *s, const struct frame *frame, uint32_t *entry)
{
	const struct skim_frame *last = s->frame_count ? &s->frames[s->frame_count - 1] : NULL;

	if (!last || last->id != frame->id || last->depth != frame->depth ||
		!same_code(&s->codes[last->code], &frame->code)) {
		if (!skim_grow(&s->codes, &s->code_cap, s->code_count + 1, sizeof(*s->codes)) ||
			!skim_grow(
				&s->frames, &s->frame_cap, s->frame_count + 1, sizeof(*s->frames)))
			return false;
		s->frames[s->frame_count++] = (struct skim_frame){
			.id = frame->id,
			.code = (uint32_t)s->code_count,
			.depth = (uint32_t)frame->depth,
			.caller = SKIM_NONE,
		};
		s->codes[s->code_count++] = frame->code;
	}
	*entry = (uint32_t)s->frame_count - 1;
	return true;
}

/* What stood before the event, when something did. */
static bool add_ahead(struct block_skimmer *s, const struct event *event)
{
	struct skim_ahead *ahead;

	for (size_t i = 0; i < event->builtin_count; i++) {
		const struct builtin_calls *builtin = &event->builtins[i];

		if (!skim_builtin(s, builtin->name, builtin->calls, builtin->self_ns))
			return false;
	}
	if (!event->pause_ns && !event->through.data && !event->builtin_count)
		return true;
	ahead = skim_ahead(s);
	if (!ahead)
		return false;
	ahead->pause_ns = event->pause_ns;
	ahead->through = event->through;
	ahead->event = (uint32_t)(s->next - s->events) - 1;
	s->ahead_count++;
	s->ahead = false;
	return true;
}

static bool add_event(struct block_skimmer *s, const struct event *event)
{
	const struct frame *frame = event->frame;
	struct skim_event *to = s->next++;

	*to = (struct skim_event){
		.time_ns = event->time_ns,
		.line = event->line,
		.frame = SKIM_NONE,
		.thread = SKIM_NONE,
		.kind = (uint8_t)event->kind,
	};
	if (!add_ahead(s, event))
		return false;
	if (event->thread && !thread_entry(s, event->thread, &to->thread))
		return false;
	if (!frame)
		return true;
	to->locals = (uint32_t)frame->local_count;
	to->removed = (uint32_t)frame->removed_count;
	to->changed = changed_count(frame);
	return frame_entry(s, frame, &to->frame);
}

static int no_memory(struct err *err)
{
	return err_set(err, ERR_MEMORY, "block: out of memory");
}

int skim_slowly(struct block_skimmer *s, struct slice body, struct err *err)
{
	const struct event *event;
	struct block_head head;
	int rc = block_head_parse(body, &head, err);

	if (rc < 0)
		return rc;
	s->slow_blocks++;
	if (!s->cursor)
		s->cursor = block_cursor_new();
	if (!s->cursor || !skim_begin(s, &head))
		return no_memory(err);
	rc = block_cursor_open(s->cursor, body, err);
	if (rc < 0)
		return rc;
	while ((rc = block_cursor_next(s->cursor, &event, err)) == 1) {
		if (!add_event(s, event))
			return no_memory(err);
	}
	s->skim.by_cursor = true;
	if (rc == 0)
		skim_finish(s);
	return rc;
}
