/*
 * row_rule: where display rows begin. The pages show a run as rows, one after the other:
 * every event but a line is a row of its own, and lines that follow each other are one.
 *
 * A line goes on with the row before it when that ends in a line of the same call, further
 * up in the file, and no variable known by then has got another value: variables that
 * are new do not part rows. A hole, where events are missing, parts rows: who walks events
 * forgets the mark there. Rows depend on the events and their order alone, not on how blocks
 * cut them, and every view of a run has the same rows.
 */
#ifndef SMILEY_MATERIALIZER_ROW_RULE_H
#define SMILEY_MATERIALIZER_ROW_RULE_H

#include "schemas/block_skim.h"

#include <stdbool.h>

/* What there is to know of the event before. Zeroed: there is none. */
struct row_mark {
	bool is_line;
	int64_t frame;
	int64_t line;
	size_t local_count;
};

/* True when the event begins a row. The mark, of the event before, becomes this one's. */
bool row_begins(struct row_mark *mark, const struct event *event);

/* True when a line may go on with the row before it, but for changes of known variables. */
static inline bool row_follows(const struct row_mark *before, const struct row_mark *now)
{
	return before->is_line && before->frame == now->frame && now->line > before->line;
}

/* Names that an event added are as many as its frame has gained; were more of them set
 * than that, one that was known has changed. */
static inline bool row_changes_known(
	const struct row_mark *before, size_t locals, size_t removed, size_t changed)
{
	size_t now = locals + removed;

	return changed > (now > before->local_count ? now - before->local_count : 0);
}

/* The mark that an event of a skim leaves. */
static inline struct row_mark row_mark_skim(
	const struct block_skim *skim, const struct skim_event *event)
{
	if (event->kind != EVENT_LINE)
		return (struct row_mark){0};
	return (struct row_mark){true, skim->frames[event->frame].id, event->line, event->locals};
}

/* As row_begins(), for an event of a skim. */
static inline bool row_begins_skim(
	struct row_mark *mark, const struct block_skim *skim, const struct skim_event *event)
{
	struct row_mark before = *mark;

	*mark = row_mark_skim(skim, event);
	if (event->kind != EVENT_LINE)
		return true;
	return !row_follows(&before, mark) ||
	       row_changes_known(&before, event->locals, event->removed, event->changed);
}

/* The same where the event and the one before it are lines of one frame of the skim. */
static inline bool row_parts_lines(const struct skim_event *event)
{
	const struct skim_event *before = event - 1;
	uint32_t now = event->locals + event->removed;

	return event->line <= before->line ||
	       event->changed > (now > before->locals ? now - before->locals : 0);
}

#endif
