#include "materializer/row_rule.h"

static size_t changed_count(const struct frame *frame)
{
	size_t changed = 0;

	for (size_t i = 0; i < frame->local_count; i++)
		changed += frame->locals[i].changed;
	return changed;
}

bool row_begins(struct row_mark *mark, const struct event *event)
{
	struct row_mark before = *mark;
	const struct frame *frame = event->frame;

	*mark = (struct row_mark){0};
	if (event->kind != EVENT_LINE || !frame)
		return true;
	*mark = (struct row_mark){true, frame->id, event->line, frame->local_count};
	return !row_follows(&before, mark) || row_changes_known(&before, frame->local_count,
						      frame->removed_count, changed_count(frame));
}
