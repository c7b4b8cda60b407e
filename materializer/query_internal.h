/*
 * query's inside, shared by the query_*.c files.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_INTERNAL_H
#define SMILEY_MATERIALIZER_QUERY_INTERNAL_H

#include "materializer/key.h"
#include "materializer/query.h"
#include "materializer/store.h"
#include "schemas/block.h"

struct query {
	char *store_dir;
	struct store *store;
	struct block_cursor *cursor;
	struct buf key, value;
};

/* store_get() by a kind of key. */
int query_get(struct query *query, enum key_kind kind, const struct key_parts *parts,
	struct buf *value, struct err *err);

/* An iterator over the keys of a kind that begin with the given number of fields. NULL:
 * out of memory, told in err. */
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
