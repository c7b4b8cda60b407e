/*
 * app_metrics: what /metrics tells, loaded. Counting runs reads all of them, so that is done
 * once in some seconds however often a worker is asked.
 */
#include "web/app_internal.h"

#include "materializer/quarantine.h"
#include "schemas/now.h"
#include "web/metrics.h"

#define COUNT_AGAIN_NS 5000000000
#define DATABASES_MAX 16

static int count_run(void *context, const struct run_info *run, struct err *err)
{
	struct app_counts *counts = context;

	(void)err;
	counts->runs[run->state]++;
	counts->events += run->event_count;
	return 0;
}

static int count_quarantined(void *context, const struct quarantined *entry, struct err *err)
{
	struct app_counts *counts = context;

	(void)err;
	if (entry->lost)
		counts->lost_records += entry->lost;
	else
		counts->quarantined++;
	return 0;
}

static int count(struct app *app, struct err *err)
{
	struct app_counts counts = {.until_ns = monotonic_ns() + COUNT_AGAIN_NS};
	int rc;

	if (!app->query || app->counts.until_ns > monotonic_ns())
		return 0;
	rc = query_runs(app->query, count_run, &counts, err);
	if (rc == 0)
		rc = query_quarantine(app->query, count_quarantined, &counts, err);
	if (rc == 0)
		app->counts = counts;
	return rc;
}

int app_metrics(struct app_request *request, struct err *err)
{
	struct app *app = request->app;
	struct freshness databases[DATABASES_MAX];
	struct metrics metrics = {.version = app->options.version,
		.board = app->board,
		.route_name = app_route_name,
		.databases = databases,
		.worker = app->options.worker};
	int rc = count(app, err);

	for (size_t i = 0; i < RUN_LOST + 1; i++)
		metrics.runs[i] = app->counts.runs[i];
	metrics.events = app->counts.events;
	metrics.quarantined = app->counts.quarantined;
	metrics.lost_records = app->counts.lost_records;
	while (rc == 0 && app->query && metrics.database_count < DATABASES_MAX) {
		size_t number = metrics.database_count;

		rc = query_freshness(app->query, number, &databases[number], err);
		if (rc == 0)
			break;
		metrics.database_count += rc == 1;
		rc = rc == 1 ? 0 : rc;
	}
	if (rc == 0 && app->query)
		rc = query_figures(app->query, &metrics.store, err);
	if (rc < 0)
		return rc;
	request->answer->content_type = METRICS_TYPE;
	metrics_put(&request->answer->body, &metrics);
	return 0;
}
