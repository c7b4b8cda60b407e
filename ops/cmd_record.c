#include <signal.h>
#include <time.h>

#include "ingest/shipper.h"
#include "ops/notice.h"
#include "ops/open_log.h"
#include "ops/recorder.h"

#define IDLE_MS 200

/* Blocked, so that a step ends in good order; a terminal that goes away is no reason to. */
static void block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGHUP, SIG_IGN);
}

static bool enough(void)
{
	const struct timespec at_once = {0};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	return sigtimedwait(&signals, NULL, &at_once) > 0;
}

/* Who starts a program after this line can list it. */
static void say_recording(const struct call *call, const struct database_paths *paths)
{
	const char *brokers = settings_text(call->settings, OPTION_BROKERS);
	bool remote = log_is_remote(call->settings);
	struct notice started = {NOTICE_INFO, .event = "started",
		.fields = {{"database", .text = paths->root},
			{remote ? "brokers" : NULL, .text = brokers}}};

	if (remote)
		notice_tell(call, &started, "from %s into %s", brokers, paths->root);
	else
		notice_tell(call, &started, "into %s", paths->root);
}

/* What killed processes of this host left. A failure is tried again by the next one. */
static void pick_up(const struct database_paths *paths, struct log *log)
{
	size_t runs;

	shipper_collect(paths->spool, log, (struct shipper_wait){.timeout_ms = SHIPPER_FINISH_MS},
		&runs, NULL);
}

static int record(const struct call *call, const struct database_paths *paths, struct log *log,
	struct err *err)
{
	struct recorder recorder;
	int rc = recorder_open(&recorder, call, paths, log, err);

	if (!rc)
		say_recording(call, paths);
	if (!rc)
		pick_up(paths, log);
	while (!rc && !enough())
		rc = recorder_step(&recorder, IDLE_MS, err);
	recorder_close(&recorder);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct database_paths paths;
	struct log *log = NULL;
	int rc = open_place(call->settings, PLACE_FOLD, &paths, err);

	if (rc)
		return rc;
	block_signals();
	rc = open_log_shared(call->settings, &paths, &log, err);
	rc = rc ? rc : record(call, &paths, log, err);
	log_close(log);
	database_paths_release(&paths);
	return rc;
}

const struct command cmd_record = {
	.name = "record",
	.arguments = "",
	.summary = "make what is traced anywhere a database here, until stopped",
	.details =
		"Folds the log into the database as it grows, until SIGINT or SIGTERM. A broker that is "
		"away is waited for. With --group-id several of them, each with a --database "
		"of its own, share the topics' partitions. Without brokers it folds what runs on "
		"this machine record.",
	.run = run,
};
