#include "materializer/query.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "materializer/materialize_internal.h"
#include "materializer/query_internal.h"
#include "schemas/now.h"

/* A writer that compacts, or a rebuild that puts another store in place, may take files
 * away while they are being opened. */
#define OPEN_TRIES 50
#define OPEN_PAUSE_MS 20
#define FOLLOW_NS 500000000

static int check_version(struct query *query, struct err *err)
{
	int rc = query_get_of(query, KEY_VERSION, &(struct key_parts){0}, &query->value, err);

	if (rc < 0)
		return rc;
	if (rc == 1 && (query->value.len != 1 || query->value.data[0] != STORE_VERSION))
		return err_set(err, ERR_FORMAT,
			"store %s has another version's format, `smiley rebuild` makes it anew "
			"from the log",
			query->store_dir);
	return 0;
}

int query_place(struct query *database, struct position *place, struct err *err)
{
	struct buf *value = &database->value;
	int rc = query_get_of(database, KEY_POSITION, &(struct key_parts){0}, value, err);

	place->len = 0;
	if (rc == 1 && value->len <= POSITION_MAX_BYTES) {
		place->len = value->len;
		memcpy(place->bytes, value->data, value->len);
	}
	return rc < 0 ? rc : 0;
}

/* What has been committed once is there, or the store has lost it: damage at the end of its
 * write-ahead log is no error to RocksDB, which shows an older state then. */
static int check_place(struct query *query, const struct position *applied, struct err *err)
{
	struct position position;
	int rc = query_place(query, &position, err);

	if (rc < 0)
		return rc;
	if (applied->len && position_compare(&position, applied) < 0)
		return err_set(err, ERR_FORMAT,
			"store %s is damaged (it lacks what was written last), `smiley rebuild` "
			"makes it anew from the log",
			query->store_dir);
	return 0;
}

static int open_once(struct query *query, struct err *err)
{
	struct position applied;
	int rc = applied_read(query->applied, &applied, err);

	rc = rc ? rc : store_open_reader(query->store_dir, &query->store, err);
	/* Another version's place may look otherwise; that is told by who asked. */
	if (rc || check_version(query, NULL))
		return rc;
	rc = check_place(query, &applied, err);
	if (rc) {
		store_close(query->store);
		query->store = NULL;
	}
	return rc;
}

static int check_once(struct query *query, struct err *err)
{
	return store_check(query->store_dir, err);
}

/* Again while a writer may be at it. */
static int tried(
	struct query *query, int (*once)(struct query *query, struct err *err), struct err *err)
{
	struct timespec pause = {.tv_nsec = OPEN_PAUSE_MS * 1000000L};
	int rc = 0;

	for (int i = 0; i < OPEN_TRIES; i++) {
		rc = once(query, err);
		if (rc != ERR_FORMAT && rc != ERR_STORE)
			return rc;
		nanosleep(&pause, NULL);
	}
	return rc;
}

static int open_store(struct query *query, struct err *err)
{
	int rc = tried(query, open_once, err);

	return rc ? rc : check_version(query, err);
}

int query_check(struct query *query, struct err *err)
{
	struct query *database;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (database = query_database(query, i)); i++)
		rc = tried(database, check_once, err);
	return rc;
}

int query_open(const struct database_paths *paths, struct query **query, struct err *err)
{
	struct query *q = calloc(1, sizeof(*q));
	int rc;

	*query = NULL;
	if (q) {
		q->store_dir = strdup(paths->store);
		q->log_dir = strdup(paths->log);
		q->applied = strdup(paths->applied);
		q->cursor = block_cursor_new();
	}
	if (!q || !q->store_dir || !q->log_dir || !q->applied || !q->cursor)
		rc = err_set(err, ERR_MEMORY, "out of memory");
	else
		rc = open_store(q, err);
	if (rc < 0) {
		query_close(q);
		return err_wrap(err, "database %s", paths->root);
	}
	*query = q;
	return 0;
}

static int refresh_one(struct query *query, struct err *err)
{
	int rc = query->store ? store_catch_up(query->store, err) : ERR_STORE;

	if (rc == 0)
		return 0;
	/* The store was made anew, or is of a shape that this handle cannot follow. */
	store_close(query->store);
	query->store = NULL;
	return open_store(query, err);
}

/* A writer may die between its commit and its word of it: so, now and then, without one. */
static int follow_one(struct query *query, struct err *err)
{
	int64_t now_ns = monotonic_ns();
	struct applied_mark mark = {{0}};
	bool there = applied_look(query->applied, &mark);
	int rc;

	if (there && now_ns < query->fresh_ns && memcmp(&mark, &query->mark, sizeof(mark)) == 0)
		return 0;
	rc = refresh_one(query, err);
	query->mark = mark;
	query->fresh_ns = rc == 0 && there ? now_ns + FOLLOW_NS : 0;
	return rc;
}

int query_follow(struct query *query, struct err *err)
{
	struct query *database;
	int rc = 0;

	query->has_picked = false;
	query->skim = NULL;
	for (size_t i = 0; rc == 0 && (database = query_database(query, i)); i++)
		rc = follow_one(database, err);
	return rc;
}

int query_refresh(struct query *query, struct err *err)
{
	struct query *database;
	int rc = 0;

	query->has_picked = false;
	query->skim = NULL;
	for (size_t i = 0; rc == 0 && (database = query_database(query, i)); i++)
		rc = refresh_one(database, err);
	return rc;
}

uint64_t query_version(const struct query *query)
{
	uint64_t version = query->store ? store_version(query->store) : 0;

	for (size_t i = 0; i < query->other_count; i++)
		version += query_version(query->others[i]);
	return version;
}

void query_close(struct query *query)
{
	if (!query)
		return;
	for (size_t i = 0; i < query->other_count; i++)
		query_close(query->others[i]);
	free(query->others);
	store_close(query->store);
	block_cursor_free(query->cursor);
	block_skimmer_free(query->skimmer);
	buf_release(&query->key);
	buf_release(&query->value);
	buf_release(&query->skim_body);
	free(query->store_dir);
	free(query->log_dir);
	free(query->applied);
	free(query);
}

int query_get_of(struct query *query, enum key_kind kind, const struct key_parts *parts,
	struct buf *value, struct err *err)
{
	struct slice key = key_encode(kind, parts, &query->key);

	if (!query->store)
		return err_set(err, ERR_STATE, "store %s is not open", query->store_dir);
	if (query->key.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	return store_get(query->store, key_family(kind), key, value, err);
}

struct store_iter *query_iter_of(struct query *query, enum key_kind kind,
	const struct key_parts *parts, size_t fields, struct err *err)
{
	struct slice prefix = key_prefix(kind, parts, fields, &query->key);
	struct store_iter *iter;

	if (!query->store) {
		err_set(err, ERR_STATE, "store %s is not open", query->store_dir);
		return NULL;
	}
	iter = query->key.failed ? NULL : store_iter_new(query->store, key_family(kind), prefix);
	if (!iter)
		err_set(err, ERR_MEMORY, "out of memory");
	return iter;
}

int query_next_seq_of(
	struct query *query, const struct run_id *id, int64_t *next_seq, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter_of(query, KEY_BLOCK, &parts, 1, err);
	struct block_head head;
	int rc;

	*next_seq = 0;
	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = store_iter_last(iter, err);
	if (rc == 1) {
		rc = block_head_parse(store_iter_value(iter), &head, err);
		if (rc == 0)
			*next_seq = head.first_seq + head.event_count;
	}
	store_iter_free(iter);
	return rc;
}
