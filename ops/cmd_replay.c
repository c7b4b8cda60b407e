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
	const char *group = settings_text(call->settings, OPTION_OF_GROUP);
	struct run_id id;
	int rc;

	if (group && !opened->query)
		return err_set(err, ERR_NOT_FOUND,
			"no runs of a group %s: nothing has been recorded in %s yet", group,
			opened->paths.root);
	if (group)
		return query_replay_group(opened->query, group, range, sink, err);
	rc = opened_resolve(opened, call->argv[0], &id, err);
	return rc ? rc : query_replay(opened->query, &id, range, sink, err);
}

static int replay_log(const struct call *call, const struct opened *opened,
	const struct event_range *range, const struct event_sink *sink, struct err *err)
{
	const char *group = settings_text(call->settings, OPTION_OF_GROUP);
	int patience_ms = log_patience_ms(call->settings);
	struct log *log = NULL;
	struct run_id id;
	int rc = open_log(call->settings, &opened->paths, false, &log, err);

	if (!rc && group)
		rc = log_replay_group(log, patience_ms, group, range, sink, err);
	if (!rc && !group && !run_id_parse(&id, slice_text(call->argv[0])))
		rc = run_word(log_resolve(log, patience_ms, call->argv[0], &id, err), err);
	if (!rc && !group)
		rc = log_replay(log, patience_ms, &id, range, sink, err);
	log_close(log);
	return rc;
}

/* Either a run or a group; events are numbered within a run. */
static int check_words(const struct call *call, struct err *err)
{
	const char *group = settings_text(call->settings, OPTION_OF_GROUP);

	if (!group && !call->argc)
		return err_set(err, ERR_USAGE, "RUN missing; try: smiley help replay");
	if (group && call->argc)
		return err_set(
			err, ERR_USAGE, "unexpected argument %s with --group", call->argv[0]);
	if (group && (settings_text(call->settings, OPTION_FROM) ||
			     settings_text(call->settings, OPTION_TO)))
		return err_set(err, ERR_USAGE,
			"--from and --to need a RUN: they are numbers of its events");
	return 0;
}

static int replay(const struct call *call, const struct opened *opened, struct err *err)
{
	struct event_range range = {
		.from_seq = settings_number(call->settings, OPTION_FROM, 0),
		.to_seq = settings_number(call->settings, OPTION_TO, INT64_MAX),
		.thread = settings_text(call->settings, OPTION_THREAD),
	};
	const char *group = settings_text(call->settings, OPTION_OF_GROUP);
	struct progress progress;
	struct printer printer;
	struct event_sink sink;
	int rc = printer_init(&printer, call, group ? PRINTER_GROUP : PRINTER_ONE_RUN, err);

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
		rc = err_set(err, ERR_NOT_FOUND, "%s %s: no events of a thread %s",
			group ? "group" : "run", group ? group : call->argv[0], range.thread);
	printer_release(&printer);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	bool from_kafka = settings_flag(call->settings, OPTION_FROM_LOG) &&
			  log_is_remote(call->settings); /* needs no database */
	struct opened opened = {0};
	int rc = check_words(call, err);

	if (!rc && !from_kafka)
		rc = opened_init(&opened, call, err);
	if (rc)
		return rc;
	rc = replay(call, &opened, err);
	opened_release(&opened);
	return rc;
}

const struct command cmd_replay = {
	.name = "replay",
	.arguments = "RUN | --group NAME",
	.summary = "show a run, or all runs of a group, as monitor shows it live",
	.details = "RUN is a run's id, the first characters of it that no other has, or @latest. "
		   "With --group the runs of the group and all their children are merged into "
		   "one timeline; each line begins with HOST/RUN. A child never begins before "
		   "what its parent did before starting it, whatever their hosts' clocks say.",
	.max_arguments = 1,
	.run = run,
};
