#include <stdio.h>
#include <string.h>

#include "ingest/spool.h"
#include "ops/cmd.h"
#include "ops/open_log.h"

/* The run that is meant by its first characters, or the latest, of those whose processes live. */
struct choice {
	const char *wanted;
	bool latest;
	struct run_id run;
	uint64_t started;
	size_t count;
};

static int consider(void *context, const struct run_id *run, uint64_t started)
{
	struct choice *choice = context;
	char id[RUN_ID_TEXT_BYTES];

	run_id_format(run, id);
	if (!choice->latest && strncmp(id, choice->wanted, strlen(choice->wanted)) != 0)
		return 0;
	choice->count++;
	if (choice->count == 1 || started > choice->started) {
		choice->run = *run;
		choice->started = started;
	}
	return 0;
}

static int choose(const char *spools, const char *wanted, struct run_id *run, struct err *err)
{
	struct choice choice = {.wanted = wanted, .latest = strcmp(wanted, "@latest") == 0};
	int rc = spool_living(spools, consider, &choice, err);

	if (rc < 0)
		return rc;
	if (choice.count == 0)
		return err_set(err, ERR_NOT_FOUND, "run %s: no such run goes on here", wanted);
	if (choice.count > 1 && !choice.latest)
		return err_set(err, ERR_STATE, "run %s: %zu runs that go on begin so", wanted,
			choice.count);
	*run = choice.run;
	return 0;
}

static int put(const struct call *call, bool paused, struct err *err)
{
	struct database_paths paths = {0};
	int rc = look_at_place(call->settings, &paths, err);

	if (rc == ERR_NOT_FOUND && paths.spool)
		rc = 0;
	for (int i = 0; rc == 0 && i < call->argc; i++) {
		char id[RUN_ID_TEXT_BYTES];
		struct run_id run;

		rc = choose(paths.spool, call->argv[i], &run, err);
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
		"machine; what descends from it is paused as well. `run --paused` begins so, `run "
		"--toggle-signal` has a signal do it.",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = pause_runs,
};

const struct command cmd_resume = {
	.name = "resume",
	.arguments = "RUN...",
	.summary = "record paused programs again",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = resume_runs,
};
