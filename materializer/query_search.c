#include "materializer/query_search.h"

#include <inttypes.h>
#include <stdlib.h>

#include "materializer/event_range.h"
#include "materializer/query_hits.h"
#include "materializer/query_internal.h"
#include "materializer/run_order.h"
#include "materializer/source_lines.h"
#include "schemas/now.h"
#include "schemas/text.h"
#include "schemas/value.h"

#define SEQS_AT_ONCE 512 /* the hits of a block, when they are wanted backwards */

struct searcher {
	struct query *query;
	const struct run_id *id;
	struct search *search;
	const struct search_span *span;
	int (*each)(void *context, const struct search_hit *hit, struct err *err);
	void *context;
	struct source_lines *lines;
	struct store_iter *iter;
	int64_t from, to; /* what is left of the range */
	int64_t *seqs;    /* hits of a block, when they are gathered only */
	size_t count, cap;
	int stopped; /* what each() returned, when it was positive */
};

static int pass_on(struct searcher *self, const struct search_hit *hit, struct err *err)
{
	int rc = self->each(self->context, hit, err);

	if (self->span->backward)
		self->to = hit->event->seq - 1;
	else
		self->from = hit->event->seq + 1;
	if (rc > 0)
		self->stopped = rc;
	return rc;
}

static int gather(struct searcher *self, int64_t seq, struct err *err)
{
	if (self->count == self->cap) {
		size_t cap = self->cap ? 2 * self->cap : SEQS_AT_ONCE;
		int64_t *seqs = realloc(self->seqs, cap * sizeof(*seqs));

		if (!seqs)
			return err_set(err, ERR_MEMORY, "out of memory");
		self->seqs = seqs;
		self->cap = cap;
	}
	self->seqs[self->count++] = seq;
	return 0;
}

static int load_line(struct searcher *self, struct search_hit *hit, struct err *err)
{
	const struct frame *frame = hit->event->frame;

	return frame ? source_lines_get(
			       self->lines, frame->code.file, hit->event->line, &hit->source, err)
		     : 0;
}

/* The line is for who is shown the hit, and before that for few searches. */
static int look_at(struct searcher *self, const struct event *event, bool show, struct err *err)
{
	bool reads = search_reads_source(self->search);
	struct search_hit hit = {.event = event};
	int rc = reads ? load_line(self, &hit, err) : 0;

	if (rc < 0 || !search_meets(self->search, event, hit.source, &hit.match))
		return rc;
	if (!show)
		return gather(self, event->seq, err);
	rc = reads ? 0 : load_line(self, &hit, err);
	return rc < 0 ? rc : pass_on(self, &hit, err);
}

static int look_at_event(void *context, const struct event *event, struct err *err)
{
	struct searcher *self = context;

	if (event->seq > self->to)
		return 1;
	if (!event_range_takes(&self->span->range, event))
		return 0;
	return look_at(self, event, !self->span->backward, err);
}

/* The last of those that were gathered. */
static int look_again(void *context, const struct event *event, struct err *err)
{
	struct searcher *self = context;
	int rc = look_at(self, event, true, err);

	return rc ? rc : 1;
}

static int search_block(struct searcher *self, struct err *err)
{
	struct slice block = store_iter_value(self->iter);
	int rc;

	if (!search_may_meet(self->search, block))
		return 0;
	self->count = 0;
	rc = block_walk(self->query->cursor, block, self->from, look_at_event, self, err);
	while (rc >= 0 && !self->stopped && self->count > 0)
		rc = block_walk(self->query->cursor, block, self->seqs[--self->count], look_again,
			self, err);
	return rc < 0 ? rc : 0;
}

/* Where only events of a rare kind are meant, what is left begins with the next of them. */
static int skip_to_kind(struct searcher *self, struct err *err)
{
	struct hit_wanted wanted = {.kind = search_kind(self->search)};
	bool forward = !self->span->backward;
	int64_t found;
	int rc;

	if (wanted.kind < EVENT_EXCEPTION || wanted.kind == EVENT_UNWIND ||
		wanted.kind == EVENT_KINDS)
		return 0;
	rc = query_next(self->query, self->id, &wanted, forward ? self->from - 1 : self->to + 1,
		forward, &found, err);
	if (rc < 0)
		return rc;
	if (found < 0) /* nothing is left */
		self->from = self->to + 1;
	else if (forward)
		self->from = found;
	else
		self->to = found;
	return 0;
}

static int head_here(struct searcher *self, struct block_head *head, struct err *err)
{
	int rc = block_head_parse(store_iter_value(self->iter), head, err);

	return rc < 0 ? rc : 1;
}

/* At the block that has the first event of what is left, or the one behind the hole that is
 * there. 0: there is none. */
static int find_block(struct searcher *self, struct block_head *head, struct err *err)
{
	bool forward = !self->span->backward;
	struct key_parts parts = {.run = *self->id};
	int rc = query_seek_block(
		self->query, self->iter, forward ? self->from : self->to, &parts, err);

	if (rc == 1)
		rc = head_here(self, head, err);
	if (rc == 1 && forward && head->first_seq + head->event_count <= self->from)
		rc = store_iter_next(self->iter, err);
	else if (rc == 0 && forward)
		rc = store_iter_first(self->iter, err);
	else
		return rc;
	return rc == 1 ? head_here(self, head, err) : rc;
}

static void tell(const struct searcher *self, int64_t first, int64_t last)
{
	const struct search_span *span = self->span;
	int64_t left = self->to - self->from + 1;

	if (span->progress)
		span->progress(span->progress_context, (uint64_t)(last - first + 1 - left),
			(uint64_t)(last - first + 1));
}

/* Each block is sought anew: what is left may begin far behind the one before. */
static int search_blocks(struct searcher *self, struct err *err)
{
	int64_t first = self->from, last = self->to;
	struct block_head head;
	int rc = 0;

	while (!self->stopped && self->from <= self->to) {
		if (self->span->until_ns && monotonic_ns() >= self->span->until_ns)
			return 0;
		rc = skip_to_kind(self, err);
		if (rc < 0 || self->from > self->to)
			return rc;
		rc = find_block(self, &head, err);
		if (rc == 1)
			rc = search_block(self, err);
		else
			self->from = self->to + 1;
		if (rc < 0 || self->stopped)
			return rc;
		if (self->span->backward)
			self->to = head.first_seq - 1;
		else
			self->from = head.first_seq + head.event_count;
		tell(self, first, last);
	}
	return 0;
}

static int begin(struct searcher *self, struct err *err)
{
	struct key_parts parts = {.run = *self->id};
	int64_t events;
	int rc = query_stored(self->query, self->id, &events, err);

	if (rc < 0)
		return rc;
	self->from = self->span->range.from_seq;
	self->to = self->span->range.to_seq < events ? self->span->range.to_seq : events - 1;
	self->lines = source_lines_new(self->query, self->id);
	if (!self->lines)
		return err_set(err, ERR_MEMORY, "out of memory");
	self->iter = query_iter(self->query, KEY_BLOCK, &parts, 1, err);
	return self->iter ? 0 : err ? err->code : ERR_MEMORY;
}

/* A call as it was made, its arguments in the order of their names. */
static bool call_text(const struct event *event, struct buf *out)
{
	const struct frame *frame = event->frame;
	bool any = false;

	for (size_t i = 0; frame && i < frame->local_count; i++) {
		const struct local *local = &frame->locals[i];

		if (!local->changed || !text_local_shown(local))
			continue;
		if (any)
			buf_text(out, ", ");
		else
			buf_printf(out, "%.*s(", (int)frame->code.function.len,
				(const char *)frame->code.function.data);
		buf_printf(out, "%.*s=", (int)local->name.len, (const char *)local->name.data);
		value_repr(local->value, out);
		any = true;
	}
	if (any)
		buf_text(out, ")");
	return any;
}

void search_hit_text(const struct search_hit *hit, struct buf *out)
{
	const struct event *event = hit->event;
	struct slice source = hit->source;

	if (hit->match.local) {
		buf_append(out, hit->match.local->name.data, hit->match.local->name.len);
		buf_text(out, " = ");
		value_repr(hit->match.local->value, out);
	} else if (event->value.bytes.len) {
		if (event->kind != EVENT_EXCEPTION)
			buf_printf(out, "%s>>> ", event_kind_name(event->kind));
		value_repr(event->value, out);
	} else if (event->text.len) {
		buf_append(out, event->text.data, event->text.len);
	} else if (event->kind != EVENT_CALL || !call_text(event, out)) {
		while (source.len && (source.data[0] == ' ' || source.data[0] == '\t')) {
			source.data++;
			source.len--;
		}
		buf_append(out, source.data, source.len);
	}
}

int query_search(struct query *query, const struct run_id *id, struct search *search,
	const struct search_span *span,
	int (*each)(void *context, const struct search_hit *hit, struct err *err), void *context,
	int64_t *next, struct err *err)
{
	struct searcher self = {.query = query,
		.id = id,
		.search = search,
		.span = span,
		.each = each,
		.context = context};
	int rc = begin(&self, err);

	if (rc == 0)
		rc = search_blocks(&self, err);
	*next = self.from > self.to ? -1 : span->backward ? self.to : self.from;
	store_iter_free(self.iter);
	source_lines_free(self.lines);
	free(self.seqs);
	return rc < 0 ? rc : self.stopped;
}
