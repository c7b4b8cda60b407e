#include <limits.h>
#include <unistd.h>

#include "materializer/log_replay.h"
#include "ops/cmd.h"
#include "ops/open_log.h"
#include "ops/opened.h"
#include "ops/printer.h"

static int replay_store(const struct call *call, const struct opened *opened,
	const struct event_range *range, const struct event_sink *sink, struct err *err)
{
	struct run_id id;
	int rc = opened_resolve(opened, call->argv[0], &id, err);

	return rc ? rc : query_replay(opened->query, &id, range, sink, err);
}

static int replay_log(const struct call *call, const struct opened *opened,
	const struct event_range *range, const struct event_sink *sink, struct err *err)
{
	int patience_ms = log_patience_ms(call->settings);
	struct log *log = NULL;
	struct run_id id;
	int rc = open_log(call->settings, &opened->paths, false, &log, err);

	if (!rc && !run_id_parse(&id, slice_text(call->argv[0])))
		rc = run_word(log_resolve(log, patience_ms, call->argv[0], &id, err), err);
	rc = rc ? rc : log_replay(log, patience_ms, &id, range, sink, err);
	log_close(log);
	return rc;
}

static int replay(const struct call *call, const struct opened *opened, struct err *err)
{
	struct event_range range = {
		.from_seq = settings_number(call->settings, OPTION_FROM, 0),
		.to_seq = settings_number(call->settings, OPTION_TO, INT64_MAX),
		.thread = settings_text(call->settings, OPTION_THREAD),
	};
	struct progress progress;
	struct printer printer;
	struct event_sink sink;
	int rc = printer_init(&printer, call, false, err);

	if (rc)
		return rc;
	progress_begin(&progress, "replay", PROGRESS_EVENTS,
		call->verbosity >= 0 && !isatty(STDOUT_FILENO));
	printer.progress = &progress;
	sink = printer_sink(&printer);
	if (settings_flag(call->settings, OPTION_FROM_LOG))
		rc = replay_log(call, opened, &range, &sink, err);
	else
		rc = replay_store(call, opened, &range, &sink, err);
	progress_end(&progress);
	rc = rc ? rc : printer_flush(&printer, err);
	if (!rc && range.thread && !printer.events)
		rc = err_set(err, ERR_NOT_FOUND, "run %s: no events of a thread %s", call->argv[0],
			range.thread);
	printer_release(&printer);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	bool from_kafka = settings_flag(call->settings, OPTION_FROM_LOG) &&
			  log_is_remote(call->settings); /* needs no database */
	struct opened opened = {0};
	int rc = from_kafka ? 0 : opened_init(&opened, call, err);

	if (rc)
		return rc;
	rc = replay(call, &opened, err);
	opened_release(&opened);
	return rc;
}

const struct command cmd_replay = {
	.name = "replay",
	.arguments = "RUN",
	.summary = "show a run as monitor shows it live",
	.details = "RUN is a run's id, the first characters of it that no other has, or @latest.",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
