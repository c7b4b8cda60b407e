/*
 * monitor: a log that is followed live, from before it is there.
 */
#ifndef SMILEY_OPS_MONITOR_H
#define SMILEY_OPS_MONITOR_H

#include <stdbool.h>

#include "materializer/follow.h"
#include "ops/cmd.h"
#include "ops/printer.h"
#include "ops/obstacle.h"
#include "ops/text_topic.h"

struct monitor {
	struct database_paths paths;
	struct log *log;
	struct log_reader *reader;
	struct follow *follow;
	struct printer printer;
	struct text_topic *topic; /* where lines go; NULL: to stdout */
	struct run_id run;        /* the one wanted, if has_run */
	bool has_run;
	bool has_database; /* that knows the log's runs */
	bool interrupted;  /* before there was a log */
	const struct call *call;
	struct obstacle obstacle; /* that was told */
};

/* Waits for the database and its log to be made, for as long as enough() is false (then
 * ERR_STATE and monitor->interrupted), and begins to follow it. monitor_release() follows, whatever this returns. */
int monitor_open(
	struct monitor *monitor, const struct call *call, bool (*enough)(void), struct err *err);
void monitor_release(struct monitor *monitor);

/* Feeds the printer what has come; waits up to wait_ms when nothing has. */
int monitor_step(struct monitor *monitor, int wait_ms, struct err *err);

#endif
