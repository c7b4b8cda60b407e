#include "materializer/row_rule.h"

/* Names that the event added are as many as the frame has gained; were more of them set
 * than that, one that was known has changed. */
static bool changed_known(const struct frame *frame, size_t count_before)
{
	size_t added = frame->local_count + frame->removed_count;
	size_t changed = 0;

	added = added > count_before ? added - count_before : 0;
	for (size_t i = 0; i < frame->local_count; i++)
		changed += frame->locals[i].changed;
	return changed > added;
}

bool row_begins(struct row_mark *mark, const struct event *event)
{
	struct row_mark before = *mark;
	const struct frame *frame = event->frame;

	*mark = (struct row_mark){0};
	if (event->kind != EVENT_LINE || !frame)
		return true;
	*mark = (struct row_mark){true, frame->id, event->line, frame->local_count};
	return !before.is_line || before.frame != frame->id || event->line <= before.line ||
	       changed_known(frame, before.local_count);
}
