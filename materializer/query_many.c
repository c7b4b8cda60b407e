/*
 * query_many: several databases asked as one.
 */
#include "materializer/query.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/query_internal.h"

int query_join(struct query *query, const struct database_paths *paths, struct err *err)
{
	struct query **others =
		realloc(query->others, (query->other_count + 1) * sizeof(*query->others));
	int rc;

	if (!others)
		return err_set(err, ERR_MEMORY, "out of memory");
	query->others = others;
	rc = query_open(paths, &others[query->other_count], err);
	query->other_count += rc == 0;
	query->has_picked = false;
	return rc;
}

struct query *query_database(struct query *query, size_t number)
{
	if (number == 0)
		return query;
	return number <= query->other_count ? query->others[number - 1] : NULL;
}

/* What one database has of a run. */
struct share {
	int64_t next_seq;
	bool finished, started;
};

static int measure(
	struct query *query, const struct run_id *id, struct share *share, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct buf value = {0};
	int rc = query_next_seq_of(query, id, &share->next_seq, err);

	if (rc == 0) {
		rc = query_get_of(query, KEY_RUN_FINISHED, &parts, &value, err);
		share->finished = rc == 1;
	}
	if (rc >= 0) {
		rc = query_get_of(query, KEY_RUN_STARTED, &parts, &value, err);
		share->started = rc == 1;
	}
	buf_release(&value);
	return rc < 0 ? rc : 0;
}

static bool is_more(const struct share *a, const struct share *b)
{
	if (a->next_seq != b->next_seq)
		return a->next_seq > b->next_seq;
	if (a->finished != b->finished)
		return a->finished;
	return a->started && !b->started;
}

/* The database that has most of the run; the first of several that have as much. */
static int pick(
	struct query *query, const struct run_id *id, struct query **picked, struct err *err)
{
	struct share best, share;
	struct query *database;
	int rc = 0;

	*picked = query;
	if (query->other_count == 0)
		return 0;
	if (query->has_picked && run_id_equal(&query->picked_run, id)) {
		*picked = query->picked;
		return 0;
	}
	for (size_t i = 0; rc == 0 && (database = query_database(query, i)); i++) {
		rc = measure(database, id, &share, err);
		if (rc == 0 && (i == 0 || is_more(&share, &best))) {
			best = share;
			*picked = database;
		}
	}
	query->has_picked = rc == 0;
	query->picked_run = *id;
	query->picked = *picked;
	return rc;
}

static bool is_of_run(enum key_kind kind)
{
	return kind != KEY_RUN_BY_TIME && kind != KEY_SOURCE && kind != KEY_SOURCE_RUN &&
	       kind != KEY_POSITION && kind != KEY_VERSION && kind != KEY_LOST;
}

/* A run's start and end may be known where its events are not; a text is the same everywhere. */
static int get_elsewhere(struct query *query, const struct query *but, enum key_kind kind,
	const struct key_parts *parts, struct buf *value, struct err *err)
{
	struct query *database;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (database = query_database(query, i)); i++) {
		if (database != but)
			rc = query_get_of(database, kind, parts, value, err);
	}
	return rc;
}

int query_get(struct query *query, enum key_kind kind, const struct key_parts *parts,
	struct buf *value, struct err *err)
{
	struct query *picked = query;
	int rc = is_of_run(kind) ? pick(query, &parts->run, &picked, err) : 0;

	if (rc == 0)
		rc = query_get_of(picked, kind, parts, value, err);
	if (rc == 0 && query->other_count &&
		(kind == KEY_RUN_STARTED || kind == KEY_RUN_FINISHED || kind == KEY_SOURCE))
		rc = get_elsewhere(query, picked, kind, parts, value, err);
	return rc;
}

struct store_iter *query_iter(struct query *query, enum key_kind kind,
	const struct key_parts *parts, size_t fields, struct err *err)
{
	struct query *picked = query;

	if (fields > 0 && is_of_run(kind) && pick(query, &parts->run, &picked, err) < 0)
		return NULL;
	return query_iter_of(picked, kind, parts, fields, err);
}

int query_next_seq(struct query *query, const struct run_id *id, int64_t *next_seq, struct err *err)
{
	struct query *picked;
	int rc = pick(query, id, &picked, err);

	return rc ? rc : query_next_seq_of(picked, id, next_seq, err);
}

int run_walk_open(struct run_walk *walk, struct query *query, bool backwards, struct err *err)
{
	struct key_parts parts = {0};
	size_t count = 1 + query->other_count;

	*walk = (struct run_walk){.backwards = backwards};
	walk->at = calloc(count, sizeof(*walk->at));
	if (!walk->at)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; walk->count < count; walk->count++) {
		struct store_iter *iter = query_iter_of(
			query_database(query, walk->count), KEY_RUN_BY_TIME, &parts, 0, err);
		int rc = err ? err->code : ERR_MEMORY;

		if (iter)
			rc = backwards ? store_iter_last(iter, err) : store_iter_first(iter, err);
		walk->at[walk->count] = (struct run_walk_place){iter, rc == 1};
		if (rc < 0) {
			walk->count++;
			run_walk_close(walk);
			return rc;
		}
	}
	return 0;
}

void run_walk_close(struct run_walk *walk)
{
	for (size_t i = 0; i < walk->count; i++)
		store_iter_free(walk->at[i].iter);
	free(walk->at);
	*walk = (struct run_walk){0};
}

/* The place with the next key; NULL: all are at their ends. */
static const struct run_walk_place *next_place(const struct run_walk *walk)
{
	const struct run_walk_place *best = NULL;

	for (size_t i = 0; i < walk->count; i++) {
		const struct run_walk_place *place = &walk->at[i];
		int order = !place->there ? 0
			    : best        ? slice_compare(store_iter_key(place->iter),
						    store_iter_key(best->iter))
					  : -1;

		if (place->there && (!best || (walk->backwards ? order > 0 : order < 0)))
			best = place;
	}
	return best;
}

int run_walk_next(struct run_walk *walk, struct run_id *run, int64_t *time_ns, struct err *err)
{
	const struct run_walk_place *next = next_place(walk);
	struct key_parts parts = {0};
	struct buf key = {0};
	int rc = 1;

	if (!next)
		return 0;
	buf_append(&key, store_iter_key(next->iter).data, store_iter_key(next->iter).len);
	if (key.failed || !key_decode(KEY_RUN_BY_TIME, buf_slice(&key), &parts))
		rc = err_set(err, ERR_FORMAT,
			"the list of runs is damaged, `smiley rebuild` "
			"makes it anew");
	*run = parts.run;
	*time_ns = parts.number;
	/* A run is in several databases by the same key. */
	for (size_t i = 0; rc >= 0 && i < walk->count; i++) {
		struct run_walk_place *place = &walk->at[i];

		if (!place->there || !slice_equal(store_iter_key(place->iter), buf_slice(&key)))
			continue;
		rc = walk->backwards ? store_iter_previous(place->iter, err)
				     : store_iter_next(place->iter, err);
		place->there = rc == 1;
	}
	buf_release(&key);
	return rc < 0 ? rc : 1;
}
