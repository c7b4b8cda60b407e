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

/* The sequence number behind the last stored event of a run; 0: none. */
int query_next_seq(
	struct query *query, const struct run_id *id, int64_t *next_seq, struct err *err);

#endif
