#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/cmd.h"
#include "ops/heir.h"
#include "ops/installed.h"
#include "ops/python_env.h"
#include "ops/recording.h"

static void say(const char *words)
{
	fprintf(stderr, "smiley: run: %s\n", words);
}

/* The program must run in any case; without us when we cannot record. */
static int run_untraced(
	const char *python, const struct call *call, const struct err *why, struct err *err)
{
	char **argv = calloc((size_t)call->argc + 2, sizeof(*argv));

	fprintf(stderr, "smiley: run: running untraced: %s (--database DIR names another place)\n",
		why->message);
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
	char id[RUN_ID_TEXT_BYTES];

	if (call->verbosity < 0 || (!call->verbosity && !isatty(STDERR_FILENO)))
		return;
	run_id_format(&recording->started.run, id);
	id[8] = '\0';
	fprintf(stderr, "smiley: run %s: %lld events, see: smiley replay %s\n", id,
		(long long)recording->loop.events, id);
}

static int run_traced(const char *interpreter, const char *python, const struct call *call,
	struct recording *recording, struct err *err)
{
	char **argv = calloc((size_t)call->argc + 4, sizeof(*argv));
	struct launch launch;
	int rc, status;

	if (!argv)
		return err_set(err, ERR_MEMORY, "out of memory");
	argv[0] = (char *)interpreter;
	argv[1] = (char *)buf_string(&recording->spool_path);
	argv[2] = (char *)python;
	memcpy(argv + 3, call->argv, (size_t)call->argc * sizeof(*argv));
	rc = launch_start(&launch, interpreter, argv, err);
	free(argv);
	if (rc)
		return rc;
	run_loop_until_end(&recording->loop, &launch);
	rc = run_loop_finish(&recording->loop, &launch, call->verbosity > 0 ? say : NULL, err);
	if (rc)
		fprintf(stderr,
			"smiley: run: not all is recorded yet: %s (smiley ship tries again)\n",
			err->message);
	else
		summary(call, recording);
	if (run_loop_goes_on(&recording->loop))
		brood_bequeath(recording->loop.brood, heir_start(call, &recording->started.run));
	recording_release(recording);
	launch_release(&launch);
	status = launch_leave(&launch);
	return status;
}

static int run(const struct call *call, struct err *err)
{
	struct recording recording = {0};
	char interpreter[PATH_MAX];
	struct buf python = {0};
	struct err why = {0};
	struct run_id root;
	int rc;

	if (heir_is(&root))
		return heir_run(call, &root, err);
	if (call->argc == 1 && strcmp(call->argv[0], "-m") == 0)
		return err_set(err, ERR_USAGE, "-m needs an argument: MODULE");
	if (call->argc == 1 && strcmp(call->argv[0], "-c") == 0)
		return err_set(err, ERR_USAGE, "-c needs an argument: CODE");
	if (python_env_find(settings_text(call->settings, OPTION_PYTHON), &python, err)) {
		err->code = ERR_STATE;
		return err->code;
	}
	rc = installed_path("libexec/smiley/smiley-python", interpreter, err);
	if (!rc && !recording_open(&recording, call->settings, call->argc, call->argv, &why)) {
		rc = run_traced(interpreter, buf_string(&python), call, &recording, err);
	} else if (!rc) {
		recording_release(&recording);
		if (why.code == ERR_USAGE)
			rc = err_set(err, ERR_STATE, "%s", why.message);
		else
			rc = run_untraced(buf_string(&python), call, &why, err);
	}
	buf_release(&python);
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
