#include <stdio.h>

#include "ingest/spool.h"
#include "ops/cmd.h"
#include "ops/living.h"
#include "ops/open_log.h"

static int put(const struct call *call, bool paused, struct err *err)
{
	struct database_paths paths = {0};
	int rc = look_at_place(call->settings, &paths, err);

	if (rc == ERR_NOT_FOUND && paths.spool)
		rc = 0;
	for (int i = 0; rc == 0 && i < call->argc; i++) {
		char id[RUN_ID_TEXT_BYTES];
		struct run_id run;

		rc = living_run(paths.spool, call->argv[i], &run, err);
		rc = rc ? rc : spool_pause(paths.spool, &run, paused, err);
		if (rc == 0 && call->verbosity >= 0)
			printf("%s run %s\n", paused ? "Paused" : "Resumed",
				run_id_format(&run, id));
	}
	database_paths_release(&paths);
	return rc;
}

static int pause_runs(const struct call *call, struct err *err)
{
	return put(call, true, err);
}

static int resume_runs(const struct call *call, struct err *err)
{
	return put(call, false, err);
}

const struct command cmd_pause = {
	.name = "pause",
	.arguments = "RUN...",
	.summary = "record nothing more of programs that run, until resume",
	.details =
		"The programs go on, a gap in their runs says so. RUN is one that goes on on this "
		"machine, or @latest: the one begun last that no other of them started. What "
		"descends from it is paused as well. `run --paused` begins so, `run "
		"--toggle-signal` has a signal do it.",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = pause_runs,
};

const struct command cmd_resume = {
	.name = "resume",
	.arguments = "RUN...",
	.summary = "record paused programs again",
	.details = "RUN is as for pause, and so is what descends from it.",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = resume_runs,
};
