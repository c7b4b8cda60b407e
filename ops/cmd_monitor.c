#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "materializer/follow.h"
#include "materializer/query.h"
#include "ops/cmd.h"
#include "ops/printer.h"

#define DATABASE_EVERY_MS 50
#define IDLE_MS 200

/* Ctrl-C and SIGTERM are how a monitor ends; blocked, so that it ends in good order. */
static void enough_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGHUP);
}

static bool enough(void)
{
	const struct timespec at_once = {0};
	sigset_t signals;

	enough_signals(&signals);
	return sigtimedwait(&signals, NULL, &at_once) > 0;
}

struct monitor {
	struct database_paths paths;
	struct log *log;
	struct log_reader *reader;
	struct follow *follow;
	struct printer printer;
	struct run_id run; /* the one wanted, if has_run */
	bool has_run;
};

/* Waits for the database and its log to be made; *waited says that they were not there, so
 * that everything in them is new. */
static int open_log(const struct call *call, struct monitor *monitor, bool *waited, struct err *err)
{
	const char *dir = settings_text(call->settings, OPTION_DATABASE);

	*waited = false;
	for (;;) {
		int rc = database_paths_init(&monitor->paths, dir, false, err);

		if (!rc) {
			rc = file_log_open(monitor->paths.log, false, &monitor->log, err);
			if (!rc)
				return 0;
			database_paths_release(&monitor->paths);
		}
		if (rc != ERR_NOT_FOUND)
			return rc;
		if (!*waited && call->verbosity >= 0 && (call->verbosity || isatty(STDERR_FILENO)))
			fprintf(stderr, "smiley: monitor: waiting for the first run in %s\n", dir);
		*waited = true;
		if (enough())
			return rc;
		err_clear(err);
		poll(NULL, 0, DATABASE_EVERY_MS);
	}
}

/* The run that --run names: a whole id needs no database, which may know nothing of it yet. */
static int find_run(const struct call *call, struct monitor *monitor, struct err *err)
{
	const char *run = settings_text(call->settings, OPTION_RUN);
	struct query *query;
	int rc;

	if (!run)
		return 0;
	monitor->has_run = true;
	if (run_id_parse(&monitor->run, slice_text(run)))
		return 0;
	rc = query_open(&monitor->paths, &query, err);
	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND, "no run %s: nothing has been recorded yet", run);
	if (rc)
		return rc;
	rc = query_resolve(query, run, &monitor->run, err);
	query_close(query);
	return rc;
}

static int monitor_open(const struct call *call, struct monitor *monitor, struct err *err)
{
	struct follow_options options = {.paths = &monitor->paths};
	struct event_sink sink;
	bool start, waited;
	int rc = open_log(call, monitor, &waited, err);

	rc = rc ? rc : find_run(call, monitor, err);
	start = waited || strcmp(settings_text(call->settings, OPTION_MONITOR_FROM), "start") == 0;
	rc = rc ? rc
		: log_reader_open(monitor->log, start ? LOG_FROM_START : LOG_FROM_NOW,
			  &monitor->reader, err);
	rc = rc ? rc : printer_init(&monitor->printer, call, !monitor->has_run, err);
	if (rc)
		return rc;
	options.run = monitor->has_run ? &monitor->run : NULL;
	sink = printer_sink(&monitor->printer);
	return follow_new(&sink, &options, &monitor->follow, err);
}

static void monitor_release(struct monitor *monitor)
{
	follow_free(monitor->follow);
	printer_release(&monitor->printer);
	log_reader_close(monitor->reader);
	log_close(monitor->log);
	database_paths_release(&monitor->paths);
}

/* Prints what comes until the user has enough (a signal), or the run has ended. */
static int watch(const struct call *call, struct monitor *monitor, struct err *err)
{
	bool until_end = settings_flag(call->settings, OPTION_EXIT);
	struct log_record record;

	while (!enough() && !(until_end && monitor->printer.finished)) {
		int rc = log_reader_next(monitor->reader, 0, &record, err);

		if (rc == 0) {
			rc = follow_idle(monitor->follow, err);
			rc = rc ? rc : printer_flush(&monitor->printer, err);
			if (rc || (until_end && monitor->printer.finished))
				return rc;
			rc = log_reader_next(monitor->reader, IDLE_MS, &record, err);
		}
		if (rc > 0)
			rc = follow_record(monitor->follow, &record, err);
		if (rc < 0)
			return rc;
	}
	return printer_flush(&monitor->printer, err);
}

static int run(const struct call *call, struct err *err)
{
	struct monitor monitor = {0};
	sigset_t signals;
	int rc;

	enough_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	rc = monitor_open(call, &monitor, err);
	if (rc == ERR_NOT_FOUND && !monitor.log)
		rc = 0; /* interrupted before there was anything */
	else
		rc = rc ? rc : watch(call, &monitor, err);
	monitor_release(&monitor);
	return rc;
}

const struct command cmd_monitor = {
	.name = "monitor",
	.arguments = "",
	.summary = "show what programs do, while they do it",
	.details = "Waits for runs, of which the database may be made later still, and shows every "
		   "line with its variables until interrupted (Ctrl-C).",
	.run = run,
};
