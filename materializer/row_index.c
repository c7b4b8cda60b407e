#include "materializer/row_index.h"

#include <stdlib.h>

#include "schemas/avro.h"

/* Rows of one view. */
struct row_count {
	int64_t thread;
	int64_t total;   /* in blocks that have been put */
	int64_t pending; /* in the block at hand */
	size_t touched;  /* the next view with pending rows, plus one; 0: none */
};

struct row_index {
	struct run_id run;
	struct row_mark mark;     /* of the last event of the blocks that have been put */
	struct row_mark at;       /* of the last event told */
	int64_t next_seq;         /* behind the blocks that have been put */
	int64_t at_seq;           /* behind the last event told */
	struct row_count *counts; /* the first one is the view of all */
	size_t count, cap;
	size_t *places; /* view's place in counts + 1, by hash of its thread */
	size_t place_cap;
	size_t touched; /* the first view with pending rows, plus one */
	size_t latest;  /* view of the last event's thread */
	bool goes_on;
	uint32_t kinds;
	struct buf key, value;
};

void row_entry_encode(const struct row_entry *entry, struct buf *value)
{
	avro_buf_long(value, entry->block);
	avro_buf_long(value, entry->count);
	avro_buf_long(value, (int64_t)entry->kinds << 1 | entry->goes_on);
}

bool row_entry_decode(struct slice value, struct row_entry *entry)
{
	struct avro_in in = {value.data, value.data + value.len};
	int64_t flags;

	if (!avro_get_long(&in, &entry->block) || !avro_get_long(&in, &entry->count) ||
		!avro_get_long(&in, &flags) || in.at != in.end || entry->count < 1)
		return false;
	entry->goes_on = flags & 1;
	entry->kinds = (uint32_t)(flags >> 1);
	return true;
}

struct row_index *row_index_new(const struct run_id *run)
{
	struct row_index *index = calloc(1, sizeof(*index));

	if (index)
		index->run = *run;
	return index;
}

void row_index_free(struct row_index *index)
{
	if (!index)
		return;
	free(index->counts);
	free(index->places);
	buf_release(&index->key);
	buf_release(&index->value);
	free(index);
}

size_t row_index_bytes(const struct row_index *index)
{
	if (!index)
		return 0;
	return sizeof(*index) + index->cap * sizeof(*index->counts) +
	       index->place_cap * sizeof(*index->places);
}

/* Takes one view with pending rows off their list. */
static struct row_count *take_touched(struct row_index *index)
{
	struct row_count *count = &index->counts[index->touched - 1];

	index->touched = count->touched;
	return count;
}

static void begin(struct row_index *index)
{
	while (index->touched)
		take_touched(index)->pending = 0;
	index->at = index->mark;
	index->goes_on = false;
	index->kinds = 0;
}

void row_index_resume(struct row_index *index, const struct block_facts *facts)
{
	const struct block_skim *skim = facts->skim;

	index->mark = (struct row_mark){0};
	for (size_t i = facts->first; i < (size_t)skim->head.event_count; i++)
		row_begins_skim(&index->mark, skim, &skim->events[i]);
	index->at = index->mark;
	index->next_seq = skim->head.first_seq + skim->head.event_count;
}

/* How many rows of the view are in the store. */
static int stored_total(struct row_index *index, struct store *store, int64_t thread,
	int64_t *total, struct err *err)
{
	struct key_parts parts = {.run = index->run, .thread = thread};
	struct store_iter *iter =
		store_iter_new(store, STORE_ROWS, key_prefix(KEY_ROW, &parts, 2, &index->key));
	struct row_entry entry;
	int rc;

	*total = 0;
	if (!iter)
		return err_set(err, ERR_MEMORY, "rows: out of memory");
	rc = store_iter_last(iter, err);
	if (rc == 1) {
		rc = 0;
		if (key_decode(KEY_ROW, store_iter_key(iter), &parts) &&
			row_entry_decode(store_iter_value(iter), &entry))
			*total = parts.number + entry.count;
		else
			rc = err_set(err, ERR_STORE,
				"an entry of the rows is damaged, `smiley rebuild` makes it anew");
	}
	store_iter_free(iter);
	return rc;
}

static size_t *place_of(const struct row_index *index, int64_t thread)
{
	size_t mask = index->place_cap - 1;
	size_t at = (size_t)((uint64_t)thread * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;

	while (index->places[at] && index->counts[index->places[at] - 1].thread != thread)
		at = (at + 1) & mask;
	return &index->places[at];
}

/* Room for one more view: places stay at most half full. */
static int grow(struct row_index *index, struct err *err)
{
	size_t cap = index->cap ? index->cap * 2 : 4;
	struct row_count *counts;
	size_t *places;

	if (index->count < index->cap)
		return 0;
	counts = realloc(index->counts, cap * sizeof(*counts));
	if (counts)
		index->counts = counts;
	places = calloc(cap * 2, sizeof(*places));
	if (!counts || !places) {
		free(places);
		return err_set(err, ERR_MEMORY, "rows: out of memory");
	}
	free(index->places);
	index->places = places;
	index->place_cap = cap * 2;
	index->cap = cap;
	for (size_t i = 0; i < index->count; i++)
		*place_of(index, index->counts[i].thread) = i + 1;
	return 0;
}

/* A view that has not been met since the run's state is in memory: none of its rows is in
 * the pending batch, so the store knows its count. */
static int add_view(struct row_index *index, struct store *store, int64_t thread, struct err *err)
{
	struct row_count count = {.thread = thread};
	int rc = stored_total(index, store, thread, &count.total, err);

	if (rc == 0)
		rc = grow(index, err);
	if (rc < 0)
		return rc;
	index->counts[index->count] = count;
	*place_of(index, thread) = ++index->count;
	return 0;
}

/* Makes index->latest the view of the thread. */
static int find_view(struct row_index *index, struct store *store, int64_t thread, struct err *err)
{
	size_t place;
	int rc = index->count ? 0 : add_view(index, store, ROW_VIEW_ALL, err);

	if (rc < 0)
		return rc;
	if (index->counts[index->latest].thread == thread)
		return 0;
	place = *place_of(index, thread);
	if (!place) {
		rc = add_view(index, store, thread, err);
		if (rc < 0)
			return rc;
		place = index->count;
	}
	index->latest = place - 1;
	return 0;
}

static void count_rows(struct row_index *index, size_t view, int64_t rows)
{
	struct row_count *count = &index->counts[view];

	if (rows == 0)
		return;
	if (count->pending == 0) {
		count->touched = index->touched;
		index->touched = view + 1;
	}
	count->pending += rows;
}

/* Rows that begin in the events from *at on which are of one thread; *at goes behind them. */
static int64_t rows_of_thread(struct row_index *index, const struct block_skim *skim, size_t *at)
{
	const struct skim_event *event = &skim->events[*at];
	const struct skim_event *end = skim->events + skim->head.event_count;
	uint32_t thread = event->thread;
	const struct skim_event *first = event;
	struct row_mark mark = index->at;
	int64_t rows = 0;

	for (; event < end && event->thread == thread; event++) {
		if (event > first && event->kind == EVENT_LINE && event[-1].kind == EVENT_LINE &&
			event[-1].frame == event->frame) {
			rows += row_parts_lines(event);
			continue;
		}
		if (event > first)
			mark = row_mark_skim(skim, event - 1);
		rows += row_begins_skim(&mark, skim, event);
	}
	index->at = row_mark_skim(skim, event - 1);
	*at = (size_t)(event - skim->events);
	return rows;
}

int row_index_add(struct row_index *index, struct store *store, const struct block_facts *facts,
	struct err *err)
{
	const struct block_skim *skim = facts->skim;
	size_t at = facts->first, count = (size_t)skim->head.event_count;
	struct row_mark mark;

	if (skim->head.first_seq + (int64_t)at != index->next_seq)
		index->mark = (struct row_mark){0};
	mark = index->mark;
	begin(index);
	index->at_seq = skim->head.first_seq + skim->head.event_count;
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		index->kinds |= facts->kinds[kind] ? 1u << kind : 0;
	if (at < count)
		index->goes_on = !row_begins_skim(&mark, skim, &skim->events[at]);
	while (at < count) {
		int64_t thread = facts_thread(facts, &skim->events[at], ROW_VIEW_ALL);
		int rc = find_view(index, store, thread, err);
		int64_t rows;

		if (rc < 0)
			return rc;
		rows = rows_of_thread(index, skim, &at);
		count_rows(index, 0, rows);
		if (index->latest)
			count_rows(index, index->latest, rows);
	}
	return 0;
}

int row_index_put(struct row_index *index, struct store *store, int64_t block, struct err *err)
{
	struct row_entry entry = {.block = block, .goes_on = index->goes_on, .kinds = index->kinds};
	struct key_parts parts = {.run = index->run};

	while (index->touched) {
		struct row_count *count = take_touched(index);

		parts.thread = count->thread;
		parts.number = count->total;
		entry.count = count->pending;
		buf_clear(&index->value);
		row_entry_encode(&entry, &index->value);
		store_put(store, STORE_ROWS, key_encode(KEY_ROW, &parts, &index->key),
			buf_slice(&index->value));
		count->total += count->pending;
		count->pending = 0;
	}
	index->mark = index->at;
	index->next_seq = index->at_seq;
	if (index->key.failed || index->value.failed)
		return err_set(err, ERR_MEMORY, "rows: out of memory");
	return 0;
}
