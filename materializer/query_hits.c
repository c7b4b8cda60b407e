#include "materializer/query_hits.h"

#include <inttypes.h>
#include <string.h>

#include "materializer/query_internal.h"
#include "materializer/run_order.h"

/* A way through the entries of a run, from coarse to fine. */
struct hit_walk {
	struct query *query;
	struct key_parts parts;                /* the run */
	struct store_iter *levels[HIT_LEVELS]; /* those of each level; NULL: not needed yet */
	struct hit_entry entry;                /* where it is */
	int64_t block;                         /* number of that entry's first block */
	int level;
};

static int damaged(struct err *err)
{
	return err_set(
		err, ERR_FORMAT, "an entry of the hits is damaged, `smiley rebuild` makes it anew");
}

static void walk_close(struct hit_walk *walk)
{
	for (int level = 0; level < HIT_LEVELS; level++)
		store_iter_free(walk->levels[level]);
}

/* 1: at the entry of the level that the block's number is in, or with none the next one
 * (forward) or the last one before. 0: there is none. */
static int look(struct hit_walk *walk, int level, int64_t number, bool forward, struct err *err)
{
	struct key_parts parts = walk->parts;
	struct store_iter *iter;
	struct slice key;
	int rc;

	parts.level = level;
	parts.number = number;
	if (!walk->levels[level])
		walk->levels[level] = query_iter(walk->query, KEY_HITS, &parts, 2, err);
	iter = walk->levels[level];
	if (!iter)
		return err ? err->code : ERR_MEMORY;
	key = key_encode(KEY_HITS, &parts, &walk->query->key);
	rc = forward ? store_iter_seek(iter, key, err) : store_iter_seek_back(iter, key, err);
	if (rc != 1)
		return rc;
	if (!key_decode(KEY_HITS, store_iter_key(iter), &parts) ||
		!hit_entry_decode(store_iter_value(iter), &walk->entry))
		return damaged(err);
	walk->block = parts.number;
	walk->level = level;
	return 1;
}

/* 1: at the highest entry that begins (forward) or ends with the block where the walk is. */
static int climb(struct hit_walk *walk, bool forward, struct err *err)
{
	int64_t edge = forward ? walk->block : walk->entry.last;

	while (walk->level + 1 < HIT_LEVELS) {
		const struct hit_walk below =
			*walk; /* each level's entry stays where its iterator is */
		int rc = look(walk, walk->level + 1, edge, forward, err);

		if (rc == 1 && (forward ? walk->block : walk->entry.last) == edge)
			continue;
		walk->entry = below.entry;
		walk->block = below.block;
		walk->level = below.level;
		return rc < 0 ? rc : 1;
	}
	return 1;
}

/* 1: at the highest entry that begins (forward) or ends with the first block from the number
 * on. 0: there is no block. */
static int walk_to(struct hit_walk *walk, int64_t number, bool forward, struct err *err)
{
	int rc = look(walk, 0, number, forward, err);

	return rc == 1 ? climb(walk, forward, err) : rc;
}

/* 1: at the next entry behind this one, or before it. Entries of a level lie side by side; the
 * last blocks are in none but low ones. */
static int walk_past(struct hit_walk *walk, bool forward, struct err *err)
{
	int64_t number = forward ? walk->entry.last + 1 : walk->block - 1;
	int rc = 0;

	if (!forward && walk->block == INT64_MIN)
		return 0;
	for (int level = walk->level; rc == 0 && level >= 0; level--)
		rc = look(walk, level, number, forward, err);
	return rc == 1 ? climb(walk, forward, err) : rc;
}

/* 1: at the first or last entry of those that this one sums up. */
static int walk_into(struct hit_walk *walk, bool forward, struct err *err)
{
	return look(walk, walk->level - 1, forward ? walk->block : walk->entry.last, forward, err);
}

int query_kinds(
	struct query *query, const struct run_id *id, int64_t kinds[EVENT_KINDS], struct err *err)
{
	struct hit_walk walk = {.query = query, .parts = {.run = *id}};
	int rc;

	memset(kinds, 0, EVENT_KINDS * sizeof(kinds[0]));
	for (rc = walk_to(&walk, 0, true, err); rc == 1; rc = walk_past(&walk, true, err)) {
		for (int kind = 0; kind < EVENT_KINDS; kind++)
			kinds[kind] += walk.entry.kinds[kind];
	}
	walk_close(&walk);
	return rc;
}

static int add_places(struct hit_table *table, uint64_t file, struct slice places, struct err *err)
{
	struct hit_place place = {.file = file}, *to;
	int rc;

	while ((rc = hit_entry_next_place(&places, &place)) == 1) {
		to = hit_table_place(table, file, place.line);
		if (!to)
			return err_set(err, ERR_MEMORY, "out of memory");
		to->hits += place.hits;
		to->calls += place.calls;
	}
	return rc < 0 ? damaged(err) : 0;
}

static int add_files(
	struct hit_table *table, const struct hit_entry *entry, struct slice path, struct err *err)
{
	uint64_t wanted = hit_file(path), file;
	struct slice files = entry->files, places;
	int rc;

	while ((rc = hit_entry_next_file(&files, &file, &places)) == 1) {
		if (path.len && file != wanted)
			continue;
		if (add_places(table, file, places, err) < 0)
			return err ? err->code : ERR_FORMAT;
	}
	return rc < 0 ? damaged(err) : 0;
}

int query_hits(struct query *query, const struct run_id *id, struct slice path,
	struct hit_table *table, struct err *err)
{
	struct hit_walk walk = {.query = query, .parts = {.run = *id}};
	int rc;

	for (rc = walk_to(&walk, 0, true, err); rc == 1;) {
		if (!walk.entry.has_places && walk.level > 0) {
			rc = walk_into(&walk, true, err);
			continue;
		}
		rc = add_files(table, &walk.entry, path, err);
		if (rc == 0)
			rc = walk_past(&walk, true, err);
	}
	walk_close(&walk);
	hit_table_sort(table);
	return rc;
}

/* How many of those wanted the entry has; -1: not told, look below it; -2: damaged. */
static int64_t weight(const struct hit_entry *entry, const struct hit_wanted *wanted)
{
	uint64_t wanted_file, file;
	struct slice files = entry->files, places;
	struct hit_place place = {0};
	int rc;

	if (!wanted->path.len)
		return entry->kinds[wanted->kind];
	if (!entry->has_places)
		return -1;
	wanted_file = hit_file(wanted->path);
	while ((rc = hit_entry_next_file(&files, &file, &places)) == 1) {
		if (file != wanted_file)
			continue;
		while ((rc = hit_entry_next_place(&places, &place)) == 1) {
			if (place.line == wanted->line)
				return wanted->kind == EVENT_CALL ? place.calls : place.hits;
		}
		break;
	}
	return rc < 0 ? -2 : 0;
}

static bool is_wanted(const struct event *event, const struct hit_wanted *wanted)
{
	if (event->kind != wanted->kind)
		return false;
	return !wanted->path.len || (event->frame && event->line == wanted->line &&
					    slice_equal(event->frame->code.file, wanted->path));
}

/* Reads the block that the walk is at. */
static int read_block(struct hit_walk *walk,
	int (*each)(void *context, const struct event *event, struct err *err), void *context,
	struct err *err)
{
	struct query *query = walk->query;
	struct key_parts parts = walk->parts;
	int rc;

	parts.number = walk->block;
	rc = query_get(query, KEY_BLOCK, &parts, &query->value, err);
	if (rc != 1)
		return rc < 0 ? rc : damaged(err);
	rc = block_walk(query->cursor, buf_slice(&query->value), walk->block, each, context, err);
	return rc < 0 ? err_wrap(err, "events from %" PRId64, walk->block) : rc;
}

static bool is_skim_wanted(const struct block_skim *skim, const struct skim_event *event,
	const struct hit_wanted *wanted)
{
	if (event->kind != wanted->kind)
		return false;
	if (!wanted->path.len)
		return true;
	return event->line == wanted->line && event->frame != SKIM_NONE &&
	       slice_equal(skim->codes[skim->frames[event->frame].code].file, wanted->path);
}

/* Among the block's events from number `first` on. */
static void search_block(
	const struct block_skim *skim, int64_t first, int64_t seq, struct hit_search *search)
{
	int64_t base = skim->head.first_seq, low = first - base, high = skim->head.event_count;
	int64_t at;

	if (search->forward) {
		for (at = seq + 1 - base > low ? seq + 1 - base : low; at < high; at++) {
			if (is_skim_wanted(skim, &skim->events[at], &search->wanted))
				break;
		}
		if (at < high)
			search->found = base + at;
	} else {
		for (at = (seq - base < high ? seq - base : high) - 1; at >= low; at--) {
			if (is_skim_wanted(skim, &skim->events[at], &search->wanted))
				break;
		}
		if (at >= low)
			search->found = base + at;
	}
}

static int search_from(
	struct hit_walk *walk, int64_t seq, struct hit_search *search, struct err *err)
{
	const struct block_skim *skim;
	bool forward = search->forward;
	int rc;

	search->found = -1;
	/* The event's own block has to be looked into, whatever begins or ends there. */
	rc = look(walk, 0, seq, false, err);
	if (rc == 0 && forward)
		rc = walk_to(walk, 0, true, err);
	while (rc == 1 && search->found < 0) {
		int64_t count = weight(&walk->entry, &search->wanted);

		if (count < -1) {
			rc = damaged(err);
		} else if (count == 0) {
			rc = walk_past(walk, forward, err);
		} else if (walk->level > 0) {
			rc = walk_into(walk, forward, err);
		} else {
			rc = query_skim_block(
				walk->query, &walk->parts.run, walk->block, &skim, err);
			if (rc < 0)
				return err_wrap(err, "events from %" PRId64, walk->block);
			search_block(skim, walk->block, seq, search);
			rc = search->found < 0 ? walk_past(walk, forward, err) : 0;
		}
	}
	return rc < 0 ? rc : 0;
}

int query_next_all(struct query *query, const struct run_id *id, int64_t seq,
	struct hit_search *searches, size_t count, struct err *err)
{
	struct hit_walk walk = {.query = query, .parts = {.run = *id}};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = search_from(&walk, seq, &searches[i], err);
	walk_close(&walk);
	return rc;
}

int query_next(struct query *query, const struct run_id *id, const struct hit_wanted *wanted,
	int64_t seq, bool forward, int64_t *found, struct err *err)
{
	struct hit_search search = {.wanted = *wanted, .forward = forward, .found = -1};
	int rc = query_next_all(query, id, seq, &search, 1, err);

	*found = search.found;
	return rc;
}

struct paging {
	const struct hit_wanted *wanted;
	int64_t skip, count;
	int (*each)(void *context, const struct event *event, struct err *err);
	void *context;
	int rc; /* of each(), when it stopped */
};

static int page_event(void *context, const struct event *event, struct err *err)
{
	struct paging *paging = context;

	if (!is_wanted(event, paging->wanted))
		return 0;
	if (paging->skip > 0) {
		paging->skip--;
		return 0;
	}
	paging->rc = paging->each(paging->context, event, err);
	paging->count--;
	return paging->rc ? paging->rc : paging->count <= 0;
}

int query_hit_events(struct query *query, const struct run_id *id, const struct hit_wanted *wanted,
	int64_t first, int64_t count,
	int (*each)(void *context, const struct event *event, struct err *err), void *context,
	struct err *err)
{
	struct paging paging = {wanted, first, count, each, context, 0};
	struct hit_walk walk = {.query = query, .parts = {.run = *id}};
	int rc = count > 0 ? walk_to(&walk, 0, true, err) : 0;
	while (rc == 1 && paging.count > 0) {
		int64_t there = weight(&walk.entry, wanted);

		if (there < -1) {
			rc = damaged(err);
		} else if (there >= 0 && there <= paging.skip) {
			paging.skip -= there;
			rc = walk_past(&walk, true, err);
		} else if (walk.level > 0) {
			rc = walk_into(&walk, true, err);
		} else {
			rc = read_block(&walk, page_event, &paging, err);
			if (paging.rc)
				rc = paging.rc;
			if (rc < 0 || paging.rc)
				break;
			rc = walk_past(&walk, true, err);
		}
	}
	walk_close(&walk);
	return paging.rc ? paging.rc : rc < 0 ? rc : 0;
}
