#include <stdio.h>
#include <string.h>

#include "ingest/shipper.h"
#include "ops/cmd.h"
#include "ops/opened.h"
#include "ops/term.h"

#define WAIT_MS 30000

static int ship(const struct call *call, const struct database_paths *paths, struct err *err)
{
	struct progress progress;
	struct err damaged = {0};
	struct log *log = NULL;
	size_t runs = 0;
	int rc = file_log_open(paths->log, true, &log, err);

	if (rc)
		return rc;
	progress_begin(&progress, "ship", PROGRESS_BYTES, call->verbosity >= 0);
	rc = shipper_collect(paths->spool, log, &runs, &damaged);
	log_close(log);
	if (call->verbosity >= 0)
		printf("%zu run%s picked up\n", runs, runs == 1 ? "" : "s");
	if (materialize_now(paths, WAIT_MS, progress_update, &progress, err) && !rc)
		rc = err->code;
	else if (rc)
		*err = damaged;
	progress_end(&progress);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct database_paths paths;
	int rc = database_paths_init(
		&paths, settings_text(call->settings, OPTION_DATABASE), false, err);

	if (rc)
		return rc;
	rc = ship(call, &paths, err);
	database_paths_release(&paths);
	return rc;
}

const struct command cmd_ship = {
	.name = "ship",
	.arguments = "",
	.summary = "pick up what killed processes have left behind",
	.details = "Every other command does so as well; this one does nothing else.",
	.run = run,
};
