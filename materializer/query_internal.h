/*
 * query's inside, shared by the query_*.c files.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_INTERNAL_H
#define SMILEY_MATERIALIZER_QUERY_INTERNAL_H

#include "materializer/applied.h"
#include "materializer/key.h"
#include "materializer/query.h"
#include "materializer/store.h"
#include "schemas/block.h"
#include "schemas/block_skim.h"

struct query {
	char *store_dir, *log_dir, *applied;
	struct applied_mark mark; /* when it was brought up to date the last time */
	int64_t fresh_ns;         /* until then it need not be without a new mark; 0: it must */
	struct store *store;
	struct block_cursor *cursor;
	struct block_skimmer *skimmer; /* NULL: not needed yet */
	/* The block that was skimmed last, until the query is brought up to date; NULL: none. */
	const struct block_skim *skim;
	struct run_id skim_run;
	int64_t skim_block;
	struct buf skim_body;
	struct buf key, value;
	struct query **others; /* further databases: query_many.c */
	size_t other_count;
	bool has_picked; /* picked has the most of picked_run */
	struct run_id picked_run;
	struct query *picked;
};

/* The databases that are asked: number 0 is the query itself; NULL: no more. */
struct query *query_database(struct query *query, size_t number);

/* In one database, whatever others there are. */
int query_get_of(struct query *query, enum key_kind kind, const struct key_parts *parts,
	struct buf *value, struct err *err);
struct store_iter *query_iter_of(struct query *query, enum key_kind kind,
	const struct key_parts *parts, size_t fields, struct err *err);
int query_next_seq_of(
	struct query *query, const struct run_id *id, int64_t *next_seq, struct err *err);

/* How far the log is in one database; no length where that is not known. */
int query_place(struct query *database, struct position *place, struct err *err);

/* All runs in the order of their starts, each once. */
struct run_walk_place {
	struct store_iter *iter;
	bool there; /* not at the end */
};
struct run_walk {
	struct run_walk_place *at; /* one a database */
	size_t count;
	bool backwards;
};
int run_walk_open(struct run_walk *walk, struct query *query, bool backwards, struct err *err);
/* 1: the next run. 0: there is none. */
int run_walk_next(struct run_walk *walk, struct run_id *run, int64_t *time_ns, struct err *err);
void run_walk_close(struct run_walk *walk);

/* All runs whose start is known, each once, in any order, several times as fast as query_runs().
 * each() borrows info for the call; nonzero stops and is returned. */
int query_run_scan(struct query *query,
	int (*each)(void *context, const struct run_info *info, struct err *err), void *context,
	struct err *err);

/* Of a run that goes on and has so many events: is the last one the beginning of a pause? */
int query_paused(struct query *query, const struct run_id *id, int64_t event_count, bool *paused,
	struct err *err);

/* Of a run whose start and end have been loaded. */
enum run_state query_state_of(const struct run_info *info);

/* 1: `iter`, over a run's blocks, is at the block that holds seq, if any does, its number in
 * parts->number. */
int query_seek_block(struct query *query, struct store_iter *iter, int64_t seq,
	struct key_parts *parts, struct err *err);

/* All of a block's events, without values; until another block is asked for. Of the same block
 * it is read once. The second gets the block itself. */
int query_skim(struct query *query, const struct run_id *run, int64_t block, struct slice value,
	const struct block_skim **skim, struct err *err);
int query_skim_block(struct query *query, const struct run_id *run, int64_t block,
	const struct block_skim **skim, struct err *err);

/* store_get() by a kind of key; of a run in the database that has most of it. */
int query_get(struct query *query, enum key_kind kind, const struct key_parts *parts,
	struct buf *value, struct err *err);

/* An iterator over the keys of a kind that begin with the given number of fields; of a run in
 * the database that has most of it; with no fields in the first alone. NULL: out of memory,
 * told in err. */
struct store_iter *query_iter(struct query *query, enum key_kind kind,
	const struct key_parts *parts, size_t fields, struct err *err);

/* 1: *text is the text of a file of the run, *parts what names it. 0: there is none. */
int query_load_source(struct query *query, const struct run_id *id, struct slice path,
	struct key_parts *parts, struct buf *text, struct err *err);

/* The sequence number behind the last stored event of a run; 0: none. */
int query_next_seq(
	struct query *query, const struct run_id *id, int64_t *next_seq, struct err *err);

/* Runs that the log has something of, but no RunStarted: query_headless.c. */
struct headless {
	struct run_id run;
	int64_t time_ns; /* of the first thing known of it */
};

/* 1: the run is one of these; *started is what can be said of it. 0: it is not. */
int query_headless(
	struct query *query, const struct run_id *id, struct run_started *started, struct err *err);

/* All of them, the oldest first; *list is heap memory. */
int query_headless_list(
	struct query *query, struct headless **list, size_t *count, struct err *err);

#endif
