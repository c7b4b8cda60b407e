/*
 * metrics: what a server tells Prometheus (text exposition format 0.0.4). Pure: from what was
 * counted to text.
 *
 * Requests are counted on the board that all workers share: whichever worker answers, the sums
 * are those of all of them. What the database library holds in memory is the answering
 * worker's, and says so by its label.
 */
#ifndef SMILEY_WEB_METRICS_H
#define SMILEY_WEB_METRICS_H

#include "materializer/freshness.h"
#include "materializer/query_lost.h"
#include "materializer/store.h"
#include "web/board.h"

struct metrics {
	const char *version;
	const struct board *board;
	/* The route's path and method; NULL: there is no such route. */
	const char *(*route_name)(size_t route, const char **method);
	int64_t runs[RUN_LOST + 1]; /* by state */
	int64_t events;
	int64_t quarantined, removed_records, damaged_records;
	struct lost_events lost; /* of all runs */
	const struct freshness *databases;
	size_t database_count;
	int worker; /* who answers, from 0 */
	struct store_figures store;
};

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

void metrics_put(struct buf *out, const struct metrics *metrics);

#endif
