#include <signal.h>
#include <time.h>

#include "ops/cmd.h"
#include "ops/monitor.h"

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

/* Prints what comes until the user has enough, or the run has ended. */
static int watch(const struct call *call, struct monitor *monitor, struct err *err)
{
	bool until_end = settings_flag(call->settings, OPTION_EXIT);
	int rc = 0;

	while (!rc && !enough() && !(until_end && monitor->printer.finished))
		rc = monitor_step(monitor, until_end ? IDLE_MS / 4 : IDLE_MS, err);
	rc = rc ? rc : printer_flush(&monitor->printer, err);
	return rc ? rc : text_topic_finish(monitor->topic, err);
}

static int run(const struct call *call, struct err *err)
{
	struct monitor monitor = {0};
	sigset_t signals;
	int rc;

	enough_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	rc = monitor_open(&monitor, call, enough, err);
	if (rc && monitor.interrupted)
		rc = 0; /* before there was anything */
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
