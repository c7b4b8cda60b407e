#include "materializer/query_step.h"

#include "materializer/query_hits.h"
#include "materializer/query_internal.h"
#include "materializer/query_rows.h"

#define NEAR_BLOCKS 2   /* read one after the other before it is jumped */
#define IDLE_BLOCKS 32  /* the same where there is nothing to jump by */
#define ROUNDS 24       /* jumps */
#define PASSED_OVER 32  /* yields or resumes of others that are looked at */
#define FIRST_STEP 4096 /* events */

struct stepping {
	struct query *query;
	const struct run_id *run;
	const struct step_from *from;
	bool forward;
	struct store_iter *iter; /* over the blocks */
	struct key_parts parts;  /* of the block where it is */
	int64_t begin, last;     /* the first and last block of those looked at last */
	bool at_end;             /* no more blocks */
	int64_t found;
	/* Of the thread's event that was read last: */
	bool seen;     /* there was one */
	int64_t above; /* id of the frame that the wanted one called, -1: none, or not known */
	int64_t block; /* where it is */
};

/* The thread's frame right above the wanted one at an event, -1: the wanted one is not below
 * it, or that is hidden. */
static int64_t above_at(
	const struct stepping *s, const struct block_skim *skim, const struct skim_event *event)
{
	uint32_t frame = skim->by_cursor ? SKIM_NONE : event->frame;

	while (frame != SKIM_NONE && skim->frames[frame].depth > s->from->depth + 1)
		frame = skim->frames[frame].caller;
	if (frame == SKIM_NONE || skim->frames[frame].depth != s->from->depth + 1)
		return -1;
	return skim->frames[frame].id;
}

static bool is_of_thread(
	const struct stepping *s, const struct block_skim *skim, const struct skim_event *event)
{
	return event->frame != SKIM_NONE && event->thread != SKIM_NONE &&
	       skim->threads[event->thread].number == s->from->thread;
}

/* Event number `at` of the block: true ends the search. */
static bool look_at(struct stepping *s, const struct block_skim *skim, int64_t at)
{
	const struct skim_event *event = &skim->events[at];

	/* A generator may go on in another thread. */
	if (event->frame != SKIM_NONE && skim->frames[event->frame].id == s->from->frame) {
		s->found = skim->head.first_seq + at;
		return true;
	}
	if (is_of_thread(s, skim, event)) {
		s->seen = true;
		s->block = s->parts.number;
		s->above = above_at(s, skim, event);
	}
	return false;
}

static int read_here(struct stepping *s, const struct block_skim **skim, struct err *err)
{
	if (!key_decode(KEY_BLOCK, store_iter_key(s->iter), &s->parts))
		return err_set(err, ERR_FORMAT, "a block's key that is none");
	return query_skim(s->query, s->run, s->parts.number, store_iter_value(s->iter), skim, err);
}

/* The block's events beyond `seq`. */
static int look_here(struct stepping *s, int64_t seq, struct err *err)
{
	const struct block_skim *skim;
	int64_t low, high, at;
	int rc = read_here(s, &skim, err);

	if (rc < 0)
		return rc;
	low = s->parts.number - skim->head.first_seq;
	high = skim->head.event_count;
	seq -= skim->head.first_seq;
	if (s->forward) {
		for (at = seq + 1 > low ? seq + 1 : low; at < high && !look_at(s, skim, at); at++)
			;
	} else {
		for (at = (seq < high ? seq : high) - 1; at >= low && !look_at(s, skim, at); at--)
			;
	}
	return 0;
}

/* Block by block from where `iter` is. More than a few only where there is nothing to jump by: a
 * generator that others resume. */
static int look_near(struct stepping *s, int64_t seq, struct err *err)
{
	int rc = 1;

	s->seen = false;
	s->above = -1;
	for (int i = 0; rc == 1 && i < IDLE_BLOCKS && s->found < 0; i++) {
		if (i >= NEAR_BLOCKS && (!s->seen || s->above >= 0))
			return 0;
		rc = look_here(s, seq, err);
		s->last = s->parts.number;
		if (rc < 0 || s->found >= 0)
			return rc;
		/* A frame has no event before its call. */
		s->at_end = !s->forward && s->parts.number <= s->from->frame;
		rc = s->at_end    ? 0
		     : s->forward ? store_iter_next(s->iter, err)
				  : store_iter_previous(s->iter, err);
		s->at_end |= rc == 0;
	}
	return rc < 0 ? rc : 0;
}

enum there {
	THERE_NOT,
	THERE_STILL, /* or it is hidden */
	THERE_IDLE,  /* the thread does nothing in the block */
};

/* Where the frame `above` still stands on the wanted one at the thread's first event of the block
 * that holds seq. */
static int is_still(
	struct stepping *s, int64_t seq, int64_t above, enum there *there, struct err *err)
{
	const struct block_skim *skim;
	int rc = query_seek_block(s->query, s->iter, seq, &s->parts, err);

	*there = THERE_IDLE;
	if (rc == 1)
		rc = read_here(s, &skim, err);
	if (rc < 0)
		return rc;
	for (int64_t at = s->parts.number - skim->head.first_seq; at < skim->head.event_count;
		at++) {
		const struct skim_event *event = &skim->events[at];
		int64_t now;

		if (!is_of_thread(s, skim, event))
			continue;
		now = above_at(s, skim, event);
		*there = now == above || (now < 0 && skim->frames[event->frame].depth >
							     s->from->depth + 1)
				 ? THERE_STILL
				 : THERE_NOT;
		return 0;
	}
	return 0;
}

/* The block in which the call `above` ends, or one not far before it: steps that double, then
 * halves. */
static int find_end_of_call(struct stepping *s, int64_t above, int64_t *block, struct err *err)
{
	int64_t low = s->block, from = low, high = -1, end, step = FIRST_STEP;
	enum there there;
	int rc = query_next_seq(s->query, s->run, &end, err);

	while (rc == 0 && high < 0 && from < end - 1) {
		from = end - 1 - from > step ? from + step : end - 1;
		step *= 2;
		rc = is_still(s, from, above, &there, err);
		if (rc == 0 && there == THERE_NOT && s->parts.number > low)
			high = s->parts.number;
		else if (rc == 0 && there == THERE_STILL)
			low = s->parts.number;
	}
	for (from = low + 1; rc == 0 && from < high;) {
		int64_t middle = from + (high - from) / 2;

		rc = is_still(s, middle, above, &there, err);
		if (rc == 0 && there == THERE_NOT && s->parts.number > low) {
			high = s->parts.number;
			continue;
		}
		if (rc == 0 && there == THERE_STILL)
			low = s->parts.number;
		from = middle + 1;
	}
	*block = low;
	return rc;
}

/* Makes *to the first event of that kind and frame beyond seq, if it comes before *to; not when
 * too many others do so before. */
static int find_switch(struct stepping *s, enum event_kind kind, int64_t frame, int64_t seq,
	int64_t *to, struct err *err)
{
	const struct hit_wanted wanted = {.kind = kind};

	for (int i = 0; i < PASSED_OVER; i++) {
		const struct block_skim *skim;
		const struct skim_event *event;
		int rc = query_next(s->query, s->run, &wanted, seq, s->forward, &seq, err);

		if (rc < 0 || seq < 0 || (s->forward ? seq >= *to : seq <= *to))
			return rc;
		rc = query_seek_block(s->query, s->iter, seq, &s->parts, err);
		if (rc == 1)
			rc = read_here(s, &skim, err);
		if (rc < 0)
			return rc;
		event = &skim->events[seq - skim->head.first_seq];
		if (event->frame != SKIM_NONE && skim->frames[event->frame].id == frame) {
			*to = seq;
			return 0;
		}
	}
	return 0;
}

/* Over what the thread does in the call `above`: *seq is from where to look then. What is a
 * generator comes back before its end, or left behind its call. */
static int jump(struct stepping *s, int64_t *seq, bool *moved, struct err *err)
{
	int64_t above = s->above, to = above;
	int rc = s->forward ? find_end_of_call(s, above, &to, err) : 0;

	if (rc == 0)
		rc = find_switch(s, s->forward ? EVENT_YIELD : EVENT_RESUME, above, *seq, &to, err);
	if (rc == 0)
		rc = query_seek_block(s->query, s->iter, to, &s->parts, err);
	*moved = s->forward ? to > s->begin : to < *seq;
	*seq = s->forward && to < *seq ? *seq : to;
	return rc < 0 ? rc : 0;
}

/* Over what other threads do: a row begins where the thread goes on. */
static int jump_idle(struct stepping *s, int64_t last, bool *moved, struct err *err)
{
	int64_t block;
	int rc = query_row_block(s->query, s->run, s->from->thread, last, s->forward, &block, err);

	*moved = rc == 0 && block >= 0;
	if (*moved)
		rc = query_seek_block(s->query, s->iter, block, &s->parts, err);
	return rc < 0 ? rc : 0;
}

static int search(struct stepping *s, int64_t *looked, struct err *err)
{
	int64_t seq = s->from->seq;
	bool moved = true;
	int rc = query_seek_block(s->query, s->iter, seq, &s->parts, err);

	if (rc != 1)
		return rc;
	for (int i = 0; moved && i < ROUNDS; i++) {
		s->begin = s->parts.number;
		rc = look_near(s, seq, err);
		*looked = s->at_end ? -1 : s->last;
		if (rc < 0 || s->found >= 0 || s->at_end)
			return rc;
		if (!s->seen) {
			rc = jump_idle(s, s->last, &moved, err);
			if (!moved)
				*looked = -1;
		} else if (s->above >= 0) {
			rc = jump(s, &seq, &moved, err);
		} else {
			moved = false;
		}
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Where the event itself says that the call has left its stack. True: there is nothing else to be
 * looked at. */
static int search_left(struct stepping *s, bool *done, struct err *err)
{
	enum event_kind kind = s->from->kind;
	int64_t found = s->forward ? INT64_MAX : -1;
	int rc = 0;

	*done = s->forward ? kind == EVENT_RETURN || kind == EVENT_UNWIND : kind == EVENT_CALL;
	if (s->forward && kind == EVENT_YIELD)
		rc = find_switch(s, EVENT_RESUME, s->from->frame, s->from->seq, &found, err);
	else if (!s->forward && kind == EVENT_RESUME)
		rc = find_switch(s, EVENT_YIELD, s->from->frame, s->from->seq, &found, err);
	if (found >= 0 && found < INT64_MAX) {
		s->found = found;
		*done = true;
	}
	return rc;
}

int query_step(struct query *query, const struct run_id *id, const struct step_from *from,
	bool forward, int64_t *found, int64_t *looked, struct err *err)
{
	struct stepping s = {.query = query,
		.run = id,
		.from = from,
		.forward = forward,
		.parts = {.run = *id},
		.found = -1};
	bool done;
	int rc;

	*found = *looked = -1;
	s.iter = query_iter(query, KEY_BLOCK, &s.parts, 1, err);
	if (!s.iter)
		return err ? err->code : ERR_MEMORY;
	rc = search_left(&s, &done, err);
	if (rc == 0 && !done)
		rc = search(&s, looked, err);
	store_iter_free(s.iter);
	*found = s.found;
	if (s.found >= 0)
		*looked = -1;
	return rc;
}
