#include "materializer/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "materializer/event_range.h"
#include "materializer/gap.h"
#include "materializer/hash_set.h"
#include "schemas/block.h"

struct line {
	const struct family_member *member;
	int64_t time_ns;      /* never goes back */
	int64_t next_seq;     /* behind the last event that was fed */
	size_t first_waiting; /* children that wait for it, by parent_seq: FAMILY_NONE ... */
	size_t next_waiting;  /* ... and this one's next in its parent's list */
	bool over;            /* nothing more comes of it */
	void *run;            /* NULL: not open */
	struct block_cursor *cursor;
	bool in_block;             /* the cursor is inside one */
	int64_t from_seq;          /* of that block */
	int64_t base_ns;           /* of that block */
	const struct event *event; /* its next; NULL: its start is */
	struct slice latest;       /* file of the event before, in this block */
	struct hash_set files;     /* fed so far */
};

struct timeline {
	const struct family *family;
	const struct timeline_source *source;
	const struct event_sink *sink;
	struct event_range_feed feed;
	struct line *lines; /* one a member, at the same place */
	size_t *heap;       /* places of those that do not wait, the next in front */
	size_t heap_count;
	struct line *feeding;
};

/* Does a come before b? */
static bool is_before(const struct line *a, const struct line *b)
{
	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns;
	if (a->member->depth != b->member->depth)
		return a->member->depth < b->member->depth;
	if (a->member->started_ns != b->member->started_ns)
		return a->member->started_ns < b->member->started_ns;
	return memcmp(a->member->run.bytes, b->member->run.bytes, sizeof(a->member->run.bytes)) < 0;
}

static bool heap_before(const struct timeline *timeline, size_t a, size_t b)
{
	return is_before(&timeline->lines[timeline->heap[a]], &timeline->lines[timeline->heap[b]]);
}

static void heap_swap(struct timeline *timeline, size_t a, size_t b)
{
	size_t place = timeline->heap[a];

	timeline->heap[a] = timeline->heap[b];
	timeline->heap[b] = place;
}

static void heap_add(struct timeline *timeline, size_t place)
{
	size_t at = timeline->heap_count++;

	timeline->heap[at] = place;
	while (at > 0 && heap_before(timeline, at, (at - 1) / 2)) {
		heap_swap(timeline, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

/* The front has become later, or another. */
static void heap_settle(struct timeline *timeline)
{
	size_t at = 0;

	for (;;) {
		size_t first = at, child = 2 * at + 1;

		if (child < timeline->heap_count && heap_before(timeline, child, first))
			first = child;
		if (child + 1 < timeline->heap_count && heap_before(timeline, child + 1, first))
			first = child + 1;
		if (first == at)
			return;
		heap_swap(timeline, at, first);
		at = first;
	}
}

static void heap_drop_front(struct timeline *timeline)
{
	timeline->heap[0] = timeline->heap[--timeline->heap_count];
	heap_settle(timeline);
}

/* Puts a child on its parent's list, behind those with smaller parent_seq. */
static void wait_for_parent(struct timeline *timeline, size_t place)
{
	struct line *line = &timeline->lines[place];
	size_t *at = &timeline->lines[line->member->parent].first_waiting;

	while (*at != FAMILY_NONE &&
		timeline->lines[*at].member->parent_seq <= line->member->parent_seq)
		at = &timeline->lines[*at].next_waiting;
	line->next_waiting = *at;
	*at = place;
}

/* Children need not wait any more whose place in the parent has come, where that was at
 * now_ns. */
static void wake_children(struct timeline *timeline, struct line *parent, int64_t now_ns)
{
	while (parent->first_waiting != FAMILY_NONE) {
		size_t place = parent->first_waiting;
		struct line *child = &timeline->lines[place];

		if (!parent->over && child->member->parent_seq > parent->next_seq)
			return;
		parent->first_waiting = child->next_waiting;
		if (child->time_ns < now_ns)
			child->time_ns = now_ns;
		heap_add(timeline, place);
	}
}

static void line_close(struct timeline *timeline, struct line *line)
{
	if (line->run)
		timeline->source->close(line->run);
	line->run = NULL;
	block_cursor_free(line->cursor);
	line->cursor = NULL;
	line->event = NULL;
	hash_set_release(&line->files);
}

/* 1: the line has its next event. 0: there is none. */
static int line_next(struct timeline *timeline, struct line *line, struct err *err)
{
	struct slice body;
	int rc;

	for (;;) {
		if (!line->in_block) {
			rc = timeline->source->block(line->run, &body, &line->from_seq, err);
			rc = rc == 1 ? block_cursor_open(line->cursor, body, err) : rc ? rc : 1;
			if (rc != 0)
				return rc < 0 ? rc : 0;
			line->in_block = true;
			line->base_ns = block_cursor_time_ns(line->cursor);
			line->latest = (struct slice){0};
		}
		rc = block_cursor_next(line->cursor, &line->event, err);
		if (rc < 0)
			return err_wrap(err, "events from %" PRId64, line->from_seq);
		if (rc == 1 && line->event->seq >= line->from_seq)
			return 1;
		line->in_block = rc == 1;
	}
}

/* Feeds the source of the event's file the first time it is met. */
static int feed_file(void *context, const struct event *event, struct err *err)
{
	struct timeline *timeline = context;
	struct line *line = timeline->feeding;
	struct source_file source;
	struct slice path;
	int rc;

	if (!event->frame || event->frame->code.file.data == line->latest.data)
		return 0;
	path = line->latest = event->frame->code.file;
	rc = hash_set_add(&line->files, XXH3_64bits(path.data, path.len));
	if (rc < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (rc == 0)
		return 0;
	rc = timeline->source->file(line->run, path, &source, err);
	return rc == 1 ? event_sink_source(timeline->sink, &source, err) : rc;
}

static int line_start(struct timeline *timeline, struct line *line, struct err *err)
{
	struct run_started started;
	int rc = timeline->source->open(
		timeline->source->context, &line->member->run, &line->run, err);

	if (rc == 1)
		rc = timeline->source->started(line->run, &started, err);
	if (rc != 1)
		return rc; /* deleted meanwhile */
	line->cursor = block_cursor_new();
	if (!line->cursor)
		return err_set(err, ERR_MEMORY, "out of memory");
	rc = event_sink_started(timeline->sink, &started, err);
	return rc ? rc : 1;
}

static int feed_end(struct timeline *timeline, struct line *line, struct err *err)
{
	struct run_finished finished;
	int rc = timeline->source->finished(line->run, &finished, err);

	if (rc != 1)
		return rc;
	rc = gap_feed(timeline->sink, NULL, &line->member->run, line->next_seq,
		finished.event_count, finished.finished_ns, err);
	return rc ? rc : event_sink_finished(timeline->sink, &finished, err);
}

static int line_end(struct timeline *timeline, struct line *line, struct err *err)
{
	int rc = line->run ? feed_end(timeline, line, err) : 0;

	line_close(timeline, line);
	line->over = true;
	return rc;
}

/* Feeds what the line has next, and looks what it has behind that. 1, or 0 at its end. */
static int line_step(struct timeline *timeline, struct line *line, struct err *err)
{
	int rc;

	timeline->feeding = line;
	if (line->event) {
		rc = gap_feed(timeline->sink, NULL, &line->member->run, line->next_seq,
			line->event->seq, line->base_ns, err);
		line->next_seq = line->event->seq + 1;
		rc = rc ? rc : event_range_feed(&timeline->feed, line->event, err);
		rc = rc ? rc : 1;
	} else {
		rc = line_start(timeline, line, err);
	}
	rc = rc == 1 ? line_next(timeline, line, err) : rc;
	if (rc == 1 && line->event->time_ns > line->time_ns)
		line->time_ns = line->event->time_ns;
	return rc;
}

static int step(struct timeline *timeline, struct err *err)
{
	struct line *line = &timeline->lines[timeline->heap[0]];
	int64_t now_ns = line->time_ns;
	int rc = line_step(timeline, line, err);

	if (rc < 0)
		return rc;
	if (rc == 0) {
		heap_drop_front(timeline);
		rc = line_end(timeline, line, err);
	} else {
		heap_settle(timeline);
	}
	wake_children(timeline, line, now_ns);
	return rc < 0 ? rc : 0;
}

static int timeline_init(struct timeline *timeline, struct err *err)
{
	size_t count = timeline->family->count;

	timeline->lines = calloc(count + 1, sizeof(*timeline->lines));
	timeline->heap = calloc(count + 1, sizeof(*timeline->heap));
	if (!timeline->lines || !timeline->heap)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		timeline->lines[i].member = &timeline->family->list[i];
		timeline->lines[i].time_ns = timeline->family->list[i].started_ns;
		timeline->lines[i].first_waiting = FAMILY_NONE;
	}
	for (size_t i = 0; i < count; i++) {
		if (timeline->family->list[i].parent == FAMILY_NONE)
			heap_add(timeline, i);
		else
			wait_for_parent(timeline, i);
	}
	return 0;
}

int timeline_feed(const struct family *family, const struct timeline_source *source,
	const struct event_range *range, const struct event_sink *sink, struct err *err)
{
	const struct event_range all = {.to_seq = INT64_MAX, .thread = range->thread};
	struct timeline timeline = {.family = family, .source = source, .sink = sink};
	int rc;

	timeline.feed = (struct event_range_feed){&all, sink, feed_file, &timeline};
	rc = timeline_init(&timeline, err);
	while (rc == 0 && timeline.heap_count > 0)
		rc = step(&timeline, err);
	for (size_t i = 0; timeline.lines && i < family->count; i++)
		line_close(&timeline, &timeline.lines[i]);
	free(timeline.lines);
	free(timeline.heap);
	return rc < 0 ? rc : 0;
}
