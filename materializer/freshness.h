/*
 * freshness: how much of its log a database, as a query shows it, has.
 */
#ifndef SMILEY_MATERIALIZER_FRESHNESS_H
#define SMILEY_MATERIALIZER_FRESHNESS_H

#include "ingest/log.h"
#include "materializer/lag.h"
#include "materializer/query.h"

/* Records behind are counted up to this many. */
#define FRESHNESS_RECORDS 1000

struct freshness {
	struct position applied; /* all before it is in the answer */
	bool at_hand;            /* the log is a file log beside the database; else what
				    follows is 0 but where it was told */
	uint64_t log_bytes, applied_bytes;
	int64_t records;   /* behind: not in the answer yet, FRESHNESS_RECORDS or that many */
	int64_t oldest_ns; /* when the first of them was made; 0: not known, or there is none */
	bool told;         /* not at hand, on Kafka: records is what who folds it said, */
	struct lag lag;    /* here with when */
};

/* Of the number-th database of a query (0: the first). 1: told. 0: there are no more. */
int query_freshness(
	struct query *query, size_t number, struct freshness *freshness, struct err *err);

/* How long the first record behind has waited, 0: none has, or it is not known. */
int64_t freshness_lag_ns(const struct freshness *freshness);

/* What the database library says of its memory and files, summed over the databases. */
struct store_figures;
int query_figures(struct query *query, struct store_figures *figures, struct err *err);

#endif
