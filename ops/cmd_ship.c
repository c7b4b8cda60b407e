#include <stdio.h>
#include <string.h>

#include "ingest/shipper.h"
#include "ops/fold_now.h"
#include "ops/notice.h"
#include "ops/open_log.h"

#define WAIT_MS 30000

static int ship(const struct call *call, const struct database_paths *paths, struct err *err)
{
	bool remote = log_is_remote(call->settings);
	struct err damaged = {0};
	struct log *log = NULL;
	size_t runs = 0;
	int rc = open_log(call->settings, paths, true, &log, err);

	if (rc)
		return rc;
	rc = shipper_collect(
		paths->spool, log, (struct shipper_wait){SHIPPER_FINISH_MS, true}, &runs, &damaged);
	notice_tell(call,
		&(struct notice){NOTICE_INFO, NOTICE_NO_PEOPLE, "shipped",
			{{"runs", .number = (int64_t)runs}}},
		"%zu run%s picked up", runs, runs == 1 ? "" : "s");
	if (call->verbosity >= 0)
		printf("%zu run%s picked up\n", runs, runs == 1 ? "" : "s");
	if (!remote && fold_now(call, paths, log, WAIT_MS, "ship", err) && !rc)
		rc = err->code;
	else if (rc)
		*err = damaged;
	log_close(log);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct database_paths paths;
	int rc;

	if (log_is_remote(call->settings))
		rc = open_spools(call->settings, &paths, err);
	else
		rc = open_place(call->settings, PLACE_ASK, &paths, err);
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
	.details = "Every other command does so as well; this one does nothing else. With brokers, "
		   "run, record and ship do: from --spool-dir to Kafka.",
	.run = run,
};
