/*
 * smiley: the program. Finds the command, reads its settings, and says what went wrong.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/cmd.h"
#include "ops/exhausted.h"
#include "ops/kafka_options.h"
#include "ops/notice.h"
#include "ops/term.h"
#include "ops/usage.h"
#include "schemas/version.h"

static const struct command *const commands[] = {
	&cmd_run,
	&cmd_pause,
	&cmd_resume,
	&cmd_monitor,
	&cmd_record,
	&cmd_list,
	&cmd_show,
	&cmd_threads,
	&cmd_replay,
	&cmd_search,
	&cmd_stats,
	&cmd_diff,
	&cmd_delete,
	&cmd_pin,
	&cmd_unpin,
	&cmd_export,
	&cmd_import,
	&cmd_rebuild,
	&cmd_verify,
	&cmd_quarantine,
	&cmd_status,
	&cmd_doctor,
	&cmd_ship,
	&cmd_topics,
	&cmd_registry,
	&cmd_server,
	&cmd_report,
	&cmd_help,
	NULL,
};

static int status_of(const struct err *err)
{
	return err->code == ERR_USAGE ? 2 : 1;
}

static int complain(const char *command, const struct err *err)
{
	if (err->code == ERR_CLOSED) {
		/* `smiley replay RUN | head`: end as any program does there. */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	fprintf(stderr, "smiley: %s%s%s\n", command, *command ? ": " : "", err->message);
	return status_of(err);
}

static int print_usage(const struct command *command)
{
	struct buf text = {0};
	struct err err = {0};
	int rc;

	if (command)
		usage_command(command, &text);
	else
		usage_program(commands, &text);
	rc = term_write(buf_slice(&text), &err);
	buf_release(&text);
	return rc ? complain("help", &err) : 0;
}

static int verbosity(const struct settings *settings)
{
	if (settings_flag(settings, OPTION_DEBUG))
		return 2;
	if (settings_flag(settings, OPTION_QUIET))
		return -1;
	return settings_count(settings, OPTION_VERBOSE);
}

/* Pairs may hold passwords. */
static void tell_pairs(const struct call *call, enum option_id id)
{
	size_t count;
	const char **pairs = settings_list(call->settings, id, &count);

	for (size_t i = 0; i < count; i++) {
		struct buf shown = {0};

		kafka_options_show(pairs[i], &shown);
		fprintf(stderr, "smiley: %s: %s = %s\n", call->command->name, option_get(id)->name,
			buf_string(&shown));
		buf_release(&shown);
	}
}

/* For who wonders where a value came from. */
static void tell_settings(const struct call *call)
{
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);
		const char *text = settings_text(call->settings, id);
		size_t count;

		if (!option_belongs(id, call->command->name) || option_belongs(id, "") || !text)
			continue;
		if (option->type == OPTION_PAIRS) {
			tell_pairs(call, id);
			continue;
		}
		if (option->type != OPTION_LIST && option->type != OPTION_TEXTS) {
			fprintf(stderr, "smiley: %s: %s = %s\n", call->command->name, option->name,
				text);
			continue;
		}
		settings_list(call->settings, id, &count);
		for (size_t i = 0; i < count; i++)
			fprintf(stderr, "smiley: %s: %s = %s\n", call->command->name, option->name,
				settings_list(call->settings, id, &count)[i]);
	}
}

/* In the form that is asked for. */
static int fail(const struct call *call, const struct err *err)
{
	if (err->code == ERR_CLOSED || !notice_is_json(call))
		return complain(call->command->name, err);
	notice_tell(call,
		&(struct notice){NOTICE_ERROR, .event = "failed",
			.fields = {{"status", .number = status_of(err)}}},
		"%s", err->message);
	return status_of(err);
}

/* argv[0] is the command's name. */
static int call_command(struct settings *settings, const struct command *command, int argc,
	char **argv, struct err *err)
{
	struct call call = {.command = command, .commands = commands, .settings = settings};
	int rc;

	call.argc = settings_arguments(
		settings, command->name, argc - 1, argv + 1, command->until_program, err);
	call.argv = argv + 1;
	call.verbosity = verbosity(settings);
	if (call.argc < 0)
		return call.argc;
	if (settings_flag(settings, OPTION_HELP))
		return print_usage(command);
	if (settings_flag(settings, OPTION_VERSION)) {
		printf("smiley %s\n", SMILEY_VERSION);
		return 0;
	}
	if (call.argc < command->min_arguments)
		return err_set(err, ERR_USAGE, "%s missing; try: smiley help %s",
			command->arguments, command->name);
	if (command->max_arguments >= 0 && call.argc > command->max_arguments)
		return err_set(err, ERR_USAGE, "unexpected argument %s; try: smiley help %s",
			call.argv[command->max_arguments], command->name);
	if (call.verbosity > 1)
		tell_settings(&call);
	if (!command->until_program)
		signal(SIGPIPE, SIG_IGN); /* stores are to be closed first */
	/* Whatever is made holds what programs did: their user's alone. A program has its own mask. */
	if (!command->until_program)
		umask(S_IRWXG | S_IRWXO);
	exhausted_watch(command->name, command->until_program, notice_is_json(&call));
	rc = command->run(&call, err);
	return rc < 0 ? fail(&call, err) : rc;
}

/* Options in front of the command; then the command. */
static int dispatch(struct settings *settings, int argc, char **argv)
{
	struct err err = {0};
	const struct command *command;
	int rc;

	rc = settings_surroundings(settings, &err);
	if (rc)
		return complain("", &err);
	argc = settings_arguments(settings, "", argc - 1, argv + 1, true, &err);
	if (argc < 0)
		return complain("", &err);
	argv++;
	if (settings_flag(settings, OPTION_VERSION)) {
		printf("smiley %s\n", SMILEY_VERSION);
		return 0;
	}
	if (!argc || settings_flag(settings, OPTION_HELP)) {
		rc = print_usage(NULL);
		return rc || settings_flag(settings, OPTION_HELP) ? rc : 2;
	}
	command = command_find(commands, argv[0]);
	if (!command) {
		err_set(&err, ERR_USAGE, "unknown command %s; try: smiley help", argv[0]);
		return complain("", &err);
	}
	rc = call_command(settings, command, argc, argv, &err);
	return rc < 0 ? complain(command->name, &err) : rc;
}

int main(int argc, char **argv)
{
	struct settings *settings = settings_new();
	int status;

	if (!settings) {
		fputs("smiley: out of memory\n", stderr);
		return 1;
	}
	status = dispatch(settings, argc, argv);
	if (exhausted()) {
		fflush(NULL);
		_exit(status);
	}
	settings_free(settings);
	return status;
}
