/*
 * cmd: what a command is. One command is one file cmd_NAME.c with one constant, and one line
 * in the table of smiley.c. A command file is wiring: the work is done by the library it
 * calls.
 */
#ifndef SMILEY_OPS_CMD_H
#define SMILEY_OPS_CMD_H

#include "ops/setting.h"
#include "schemas/err.h"

struct command;

/* One call of a command. Everything is borrowed from main(). */
struct call {
	const struct command *command;
	const struct command *const *commands; /* the table, NULL behind the last */
	const struct settings *settings;
	int argc; /* what is left behind the options */
	char **argv;
	int verbosity; /* -1 quiet, 0, 1 verbose, 2 debug */
};

struct command {
	const char *name;
	const char *arguments; /* as usage shows them behind the options */
	const char *summary;   /* one line */
	const char *details;   /* paragraphs for help and the manual page */
	int min_arguments;
	int max_arguments;  /* -1: any number */
	bool until_program; /* options end where a program begins */
	/* Returns the exit status, or a negative err_code with *err set. */
	int (*run)(const struct call *call, struct err *err);
};

extern const struct command cmd_run, cmd_monitor, cmd_record, cmd_list, cmd_show, cmd_threads,
	cmd_replay, cmd_search, cmd_delete, cmd_rebuild, cmd_verify, cmd_ship, cmd_topics,
	cmd_quarantine, cmd_registry, cmd_server, cmd_report, cmd_stats, cmd_diff, cmd_status,
	cmd_doctor, cmd_pin, cmd_unpin, cmd_pause, cmd_resume, cmd_export, cmd_import, cmd_help;

/* The command of that name in the table, or NULL. */
const struct command *command_find(const struct command *const *commands, const char *name);

#endif
