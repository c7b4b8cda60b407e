#include "ops/cmd.h"
#include "ops/term.h"
#include "ops/usage.h"

static int run(const struct call *call, struct err *err)
{
	const struct command *command = NULL;
	struct buf text = {0};
	int rc;

	if (call->argc) {
		command = command_find(call->commands, call->argv[0]);
		if (!command)
			return err_set(err, ERR_USAGE, "unknown command %s; try: smiley help",
				call->argv[0]);
		usage_command(command, &text);
	} else if (settings_flag(call->settings, OPTION_MAN)) {
		usage_man(call->commands, &text);
	} else if (settings_flag(call->settings, OPTION_MAN_CONF)) {
		usage_man_conf(&text);
	} else if (settings_flag(call->settings, OPTION_CONF)) {
		usage_conf(&text);
	} else if (settings_flag(call->settings, OPTION_BASH)) {
		usage_bash(call->commands, &text);
	} else if (settings_flag(call->settings, OPTION_ZSH)) {
		usage_zsh(call->commands, &text);
	} else if (settings_flag(call->settings, OPTION_FISH)) {
		usage_fish(call->commands, &text);
	} else {
		usage_program(call->commands, &text);
	}
	rc = term_write(buf_slice(&text), err);
	buf_release(&text);
	return rc;
}

const struct command cmd_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "show the commands, or a command's options",
	.details = NULL,
	.max_arguments = 1,
	.run = run,
};
