#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/attach.h"
#include "ops/heir.h"
#include "ops/notice.h"
#include "ops/python_env.h"
#include "ops/recording.h"

static void say(const char *words)
{
	fprintf(stderr, "smiley: run: %s\n", words);
}

/* The program must run in any case; without us when we cannot record. */
static int run_untraced(const char *python, const struct call *call, const struct err *why,
	const char *remedy, struct err *err)
{
	char **argv = calloc((size_t)call->argc + 2, sizeof(*argv));

	notice_tell(call, &(struct notice){NOTICE_ERROR, .event = "untraced"},
		"running untraced: %s (%s)", why->message, remedy);
	if (!argv)
		return err_set(err, ERR_MEMORY, "out of memory");
	argv[0] = (char *)python;
	memcpy(argv + 1, call->argv, (size_t)call->argc * sizeof(*argv));
	execv(python, argv);
	free(argv);
	return err_set_errno(err, errno, "start %s", python);
}

static void summary(const struct call *call, const struct recording *recording)
{
	long long events = (long long)recording->loop.events;
	char id[RUN_ID_TEXT_BYTES];

	run_id_format(&recording->started.run, id);
	notice_tell(call,
		&(struct notice){NOTICE_INFO, NOTICE_NO_PEOPLE, "recorded",
			{{"run", .text = id}, {"events", .number = events}}},
		"%lld events recorded", events);
	if (notice_is_json(call) || call->verbosity < 0 ||
		(!call->verbosity && !isatty(STDERR_FILENO)))
		return;
	id[8] = '\0';
	fprintf(stderr, "smiley: run %s: %lld events, see: smiley replay %s\n", id, events, id);
}

/* The program runs without, too. */
static void start_metrics(const struct call *call, struct recording *recording)
{
	struct err err = {0};

	if (exporter_start_asked(&recording->loop.exporter, call, &err))
		notice_tell(call, &(struct notice){NOTICE_ERROR, .event = "no-metrics"}, "%s",
			err.message);
}

static int run_traced(struct python_env *python, const struct call *call,
	struct recording *recording, struct err *err)
{
	struct launch launch = {.toggle_signal = launch_signal(
					settings_text(call->settings, OPTION_TOGGLE_SIGNAL))};
	int rc;

	start_metrics(call, recording);
	python->log_json = notice_is_json(call);
	rc = python_env_start(
		python, &launch, buf_string(&recording->spool_path), call->argc, call->argv, err);
	if (rc)
		return rc;
	run_loop_until_end(&recording->loop, &launch);
	rc = run_loop_finish(&recording->loop, &launch,
		call->verbosity > 0 && !notice_is_json(call) ? say : NULL, err);
	if (rc)
		notice_tell(call, &(struct notice){NOTICE_ERROR, .event = "not-shipped"},
			"not all is recorded yet: %s (smiley ship tries again)", err->message);
	else
		summary(call, recording);
	if (run_loop_goes_on(&recording->loop))
		brood_bequeath(recording->loop.brood, heir_start(call, &recording->started.run));
	recording_release(recording);
	launch_release(&launch);
	return launch_leave(&launch);
}

static int record(struct python_env *python, const struct call *call, struct err *err)
{
	char blinding = python->known_build ? 0 : python_env_blind(call->argc, call->argv);
	struct recording recording = {0};
	struct err why = {0};
	int rc;

	if (blinding) {
		err_set(&why, ERR_STATE, "with -%c %s does not load the tracer", blinding,
			buf_string(&python->path));
		return run_untraced(buf_string(&python->path), call, &why,
			"--python " PYTHON_DEFAULT " is traced with it, too", err);
	}
	rc = recording_open(&recording, call->settings, call->argc, call->argv, &why);
	if (!rc)
		return run_traced(python, call, &recording, err);
	recording_release(&recording);
	if (why.code == ERR_USAGE)
		return err_set(err, ERR_STATE, "%s", why.message);
	return run_untraced(
		buf_string(&python->path), call, &why, "--database DIR names another place", err);
}

static int run(const struct call *call, struct err *err)
{
	struct python_env python;
	struct run_id root;
	pid_t process;
	int rc;

	if (heir_is(&root))
		return heir_run(call, &root, err);
	if (attach_is(&process))
		return attach_run(call, process, err);
	if (call->argc == 1 && strcmp(call->argv[0], "-m") == 0)
		return err_set(err, ERR_USAGE, "-m needs an argument: MODULE");
	if (call->argc == 1 && strcmp(call->argv[0], "-c") == 0)
		return err_set(err, ERR_USAGE, "-c needs an argument: CODE");
	rc = python_env_find(settings_text(call->settings, OPTION_PYTHON), &python, err);
	if (rc)
		err->code = rc = ERR_STATE;
	else
		rc = record(&python, call, err);
	python_env_release(&python);
	return rc;
}

const struct command cmd_run = {
	.name = "run",
	.arguments = "[--] FILE ARGS | -m MODULE ARGS | -c CODE ARGS | -",
	.summary = "run a program as python does, and record it",
	.details =
		"Output, input, exit status and signals are those of the program. Nothing is "
		"added to its output, but for a last line on a terminal or with -v. Options of "
		"run come first; behind -- everything goes to python as it is. The pythons that it starts "
		"are traced as well, each as a run of its own, unless --no-children is given.",
	.min_arguments = 1,
	.max_arguments = -1,
	.until_program = true,
	.run = run,
};
