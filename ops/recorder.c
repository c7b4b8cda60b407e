#include "ops/recorder.h"

#include <poll.h>

#include "ops/notice.h"
#include "ops/record_metrics.h"
#include "ops/yield.h"
#include "schemas/now.h"

#define STEP_BYTES (1024 * 1024)
#define RETRY_MS 1000
#define YIELD_MS 20

/* NULL: all is well. Ends the line of progress first. */
static void tell_obstacle(struct recorder *recorder, const char *words)
{
	if (words || recorder->obstacle.told.len)
		progress_end(&recorder->progress);
	obstacle_tell(&recorder->obstacle, recorder->call, words);
}

/* May it pass by itself? What the user has to mend does not. */
static bool may_pass(int rc)
{
	return rc == ERR_BUSY || rc == ERR_IO || rc == ERR_MEMORY;
}

static void export_metrics(struct recorder *recorder)
{
	struct buf text = {0};

	if (!exporter_due(&recorder->exporter))
		return;
	record_metrics_put(recorder, &text);
	if (!text.failed)
		exporter_put(&recorder->exporter, buf_slice(&text));
	buf_release(&text);
}

int recorder_open(struct recorder *recorder, const struct call *call,
	const struct database_paths *paths, struct log *log, struct err *err)
{
	*recorder = (struct recorder){
		.call = call, .paths = paths, .log = log, .want_fd = -1, .started_ns = wall_ns()};
	progress_begin(&recorder->progress, "record", PROGRESS_RECORDS,
		call->verbosity >= 0 && !notice_is_json(call));
	recorder->want_fd = yield_listen(paths);
	if (retainer_init(&recorder->retainer, call, paths, log, err))
		return ERR_USAGE;
	if (materializer_open(paths, log, &recorder->materializer, err))
		return err->code;
	return exporter_start_asked(&recorder->exporter, call, err);
}

static void let_go(struct recorder *recorder)
{
	if (recorder->materializer)
		recorder->quarantined += materializer_quarantined(recorder->materializer);
	materializer_close(recorder->materializer);
	recorder->materializer = NULL;
}

/* A rebuild asks for the lock: it gets it, and the new store is opened afterwards. */
static int take_back(struct recorder *recorder, struct err *err)
{
	int rc;

	if (yield_wanted(recorder->want_fd)) {
		let_go(recorder);
		poll(NULL, 0, YIELD_MS);
		return 0;
	}
	if (recorder->materializer)
		return 0;
	rc = materializer_open(recorder->paths, recorder->log, &recorder->materializer, err);
	if (rc && may_pass(rc)) {
		poll(NULL, 0, YIELD_MS);
		err_clear(err);
		rc = 0;
	}
	return rc;
}

static int fold(struct recorder *recorder, int wait_ms, struct err *err)
{
	size_t records = 0;
	int rc = materializer_wait(recorder->materializer, STEP_BYTES, wait_ms, &records, err);

	if (!rc && !records)
		rc = retainer_step(&recorder->retainer, recorder->materializer, err);
	if (rc && may_pass(rc)) {
		tell_obstacle(recorder, err->message);
		err_clear(err);
		poll(NULL, 0, RETRY_MS);
		return 0;
	}
	if (rc)
		return rc;
	recorder->records += records;
	if (!records)
		recorder->behind_ns = 0;
	else if (!recorder->behind_ns)
		recorder->behind_ns = monotonic_ns();
	tell_obstacle(recorder, records ? NULL : log_trouble(recorder->log));
	if (records)
		progress_update(&recorder->progress, recorder->records, 0);
	else
		progress_end(&recorder->progress);
	return 0;
}

int recorder_step(struct recorder *recorder, int wait_ms, struct err *err)
{
	int rc = take_back(recorder, err);

	if (!rc && recorder->materializer)
		rc = fold(recorder, wait_ms, err);
	export_metrics(recorder);
	return rc;
}

void recorder_close(struct recorder *recorder)
{
	let_go(recorder);
	progress_end(&recorder->progress);
	if (recorder->call)
		notice_tell(recorder->call,
			&(struct notice){NOTICE_INFO, NOTICE_VERBOSE, "stopped",
				{{"records", .number = (int64_t)recorder->records},
					{"set_aside", .number = (int64_t)recorder->quarantined}}},
			"%zu records folded, %lld set aside", recorder->records,
			(long long)recorder->quarantined);
	exporter_stop(&recorder->exporter);
	yield_close(recorder->want_fd);
	obstacle_release(&recorder->obstacle);
}
