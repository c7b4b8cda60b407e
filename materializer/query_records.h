/*
 * query_records: a run as the messages it is made of, from the store.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_RECORDS_H
#define SMILEY_MATERIALIZER_QUERY_RECORDS_H

#include "materializer/query.h"
#include "schemas/item.h"

/* Calls each() for every record of the run, in an order in which a log may hold them: its
 * beginning (when it is known), source files, blocks, children that are not traced, its end (when
 * it has one). Bodies are of the newest version of their schema, borrowed for the call. A nonzero
 * return stops and is returned. */
int query_records(struct query *query, const struct run_id *id,
	int (*each)(void *context, enum schema_id schema, struct slice body, struct err *err),
	void *context, struct err *err);

#endif
