/*
 * query_lost: how many events a run's gaps tell of: those that its tracer or its shipper lost,
 * and counted.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_LOST_H
#define SMILEY_MATERIALIZER_QUERY_LOST_H

#include "materializer/query.h"

struct lost_events {
	int64_t gaps;      /* of them and of the next */
	int64_t uncounted; /* where nothing was lost: a pause, a limit */
	int64_t events;    /* that the others stand for */
};

/* Adds what the gaps behind the first lost->gaps tell of; zeroed memory has seen none. So who
 * asks again about a run that goes on reads what is new alone. */
int query_lost(
	struct query *query, const struct run_id *id, struct lost_events *lost, struct err *err);

#endif
