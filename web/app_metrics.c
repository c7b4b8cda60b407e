/*
 * app_metrics: what /metrics tells, loaded. Counting runs reads all of them, so that is done
 * once in some seconds however often a worker is asked, and not when there is nothing new.
 */
#include "web/app_internal.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/quarantine.h"
#include "schemas/now.h"
#include "web/metrics.h"

#define COUNT_AGAIN_NS 5000000000
#define COUNT_SHARE 20 /* and it takes one part in so many of a worker's time at most */
#define DATABASES_MAX 16

struct counting {
	struct app *app;
	struct app_counts counts;
	struct app_lossy *lossy; /* room for APP_LOSSY_MAX */
	size_t lossy_count;
};

/* Runs come in another order than they are sorted in: that of their starts. */
static int by_run(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct run_id));
}

static int count_lost(struct counting *counting, const struct run_id *run, struct err *err)
{
	const struct app *app = counting->app;
	const struct app_lossy *before = NULL;
	struct app_lossy now = {.run = *run};
	struct lost_events *sum = &counting->counts.lost;
	int rc;

	if (app->lossy_count)
		before = bsearch(run, app->lossy, app->lossy_count, sizeof(now), by_run);
	if (before)
		now.lost = before->lost;
	rc = query_lost(app->query, run, &now.lost, err);
	if (now.lost.gaps && counting->lossy_count < APP_LOSSY_MAX)
		counting->lossy[counting->lossy_count++] = now;
	sum->gaps += now.lost.gaps;
	sum->uncounted += now.lost.uncounted;
	sum->events += now.lost.events;
	return rc;
}

static int count_run(void *context, const struct run_info *run, struct err *err)
{
	struct counting *counting = context;

	counting->counts.runs[run->state]++;
	counting->counts.events += run->event_count;
	return count_lost(counting, &run->id, err);
}

static int count_quarantined(void *context, const struct quarantined *entry, struct err *err)
{
	struct app_counts *counts = context;

	(void)err;
	counts->quarantined += entry->lost == 0;
	counts->removed_records += entry->lost - entry->damaged;
	counts->damaged_records += entry->damaged;
	return 0;
}

static int count_all(struct app *app, struct err *err)
{
	struct counting counting = {.app = app,
		.counts = {.version = query_version(app->query)},
		.lossy = calloc(APP_LOSSY_MAX, sizeof(*counting.lossy))};
	int64_t start_ns = monotonic_ns(), pause_ns;
	int rc;

	if (!counting.lossy)
		return err_set(err, ERR_MEMORY, "out of memory");
	rc = query_runs(app->query, count_run, &counting, err);
	if (rc == 0)
		rc = query_quarantine(app->query, count_quarantined, &counting.counts, err);
	if (rc < 0) {
		free(counting.lossy);
		return rc;
	}
	qsort(counting.lossy, counting.lossy_count, sizeof(*counting.lossy), by_run);
	free(app->lossy);
	app->lossy = counting.lossy;
	app->lossy_count = counting.lossy_count;
	pause_ns = (monotonic_ns() - start_ns) * COUNT_SHARE;
	counting.counts.until_ns =
		monotonic_ns() + (pause_ns > COUNT_AGAIN_NS ? pause_ns : COUNT_AGAIN_NS);
	app->counts = counting.counts;
	return 0;
}

static int count(struct app *app, struct err *err)
{
	const struct app_counts *counts = &app->counts;

	if (!app->query || counts->until_ns > monotonic_ns() ||
		(counts->until_ns && counts->version == query_version(app->query)))
		return 0;
	return count_all(app, err);
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
	metrics.removed_records = app->counts.removed_records;
	metrics.damaged_records = app->counts.damaged_records;
	metrics.lost = app->counts.lost;
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
