/*
 * Completion for zsh and fish.
 */
#include "ops/usage.h"

#include <string.h>

/* Text between single quotes; each character of `special` gets a backslash. */
static void quoted(struct buf *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_text(out, "'\\''");
		else if (strchr(special, *text))
			buf_printf(out, "\\%c", *text);
		else
			buf_byte(out, (uint8_t)*text);
	}
}

static void choices(struct buf *out, const char *words)
{
	for (; *words; words++)
		buf_byte(out, *words == '|' ? ' ' : (uint8_t)*words);
}

/* How the argument of an option is completed. */
static void zsh_argument(struct buf *out, const struct option *option)
{
	if (!option->argument)
		return;
	buf_byte(out, ':');
	quoted(out, option->type == OPTION_CHOICE ? option->name : option->argument, ":[]\\");
	if (option->type == OPTION_CHOICE) {
		buf_text(out, ":(");
		choices(out, option->argument);
		buf_byte(out, ')');
	} else if (strcmp(option->argument, "DIR") == 0) {
		buf_text(out, ":_files -/");
	} else if (strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "PATH") == 0) {
		buf_text(out, ":_files");
	} else {
		buf_text(out, ": ");
	}
}

static void zsh_option(struct buf *out, const struct option *option, const char *no)
{
	buf_printf(out, " \\\n\t\t\t'*--%s%s%s[", no, option->name, option->argument ? "=" : "");
	quoted(out, option->help, "[]:\\");
	buf_byte(out, ']');
	zsh_argument(out, option);
	buf_byte(out, '\'');
}

static void zsh_command(struct buf *out, const struct command *command)
{
	buf_printf(out, "\t%s)\n\t\t_arguments", command->name);
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);

		if (!option_belongs(id, command->name))
			continue;
		zsh_option(out, option, "");
		if (option->type == OPTION_FLAG && option->initial)
			zsh_option(out, option, "no-");
	}
	if (usage_takes_run(command))
		buf_text(out, " \\\n\t\t\t'*:run:_smiley_runs' ;;\n");
	else
		buf_text(out, " \\\n\t\t\t'*:file:_files' ;;\n");
}

void usage_zsh(const struct command *const *commands, struct buf *out)
{
	buf_text(out, "#compdef smiley\n# zsh completion for smiley, made by `smiley help --zsh`\n"
		      "_smiley_runs()\n{\n"
		      "\tlocal -a runs\n"
		      "\truns=(@latest ${(f)\"$(smiley list -f value -c id 2>/dev/null)\"})\n"
		      "\tcompadd -a runs\n}\n"
		      "_smiley()\n{\n\tlocal -a commands\n\tcommands=(\n");
	for (const struct command *const *at = commands; *at; at++) {
		buf_printf(out, "\t\t'%s:", (*at)->name);
		quoted(out, (*at)->summary, ":\\");
		buf_text(out, "'\n");
	}
	buf_text(out, "\t)\n\tif ((CURRENT == 2)); then\n"
		      "\t\t_describe command commands\n\t\treturn\n\tfi\n"
		      "\tshift words\n\t((CURRENT--))\n\tcase $words[1] in\n");
	for (const struct command *const *at = commands; *at; at++)
		zsh_command(out, *at);
	buf_text(out, "\tesac\n}\n_smiley \"$@\"\n");
}

static void fish_option(
	struct buf *out, const char *command, const struct option *option, const char *no)
{
	buf_printf(out, "complete -c smiley -n '__fish_seen_subcommand_from %s' -l %s%s", command,
		no, option->name);
	if (option->letter && !*no)
		buf_printf(out, " -s %c", option->letter);
	if (option->type == OPTION_CHOICE) {
		buf_text(out, " -xa '");
		choices(out, option->argument);
		buf_byte(out, '\'');
	} else if (option->argument) {
		buf_text(out, " -r");
	}
	buf_text(out, " -d '");
	quoted(out, option->help, "\\");
	buf_text(out, "'\n");
}

static void fish_command(struct buf *out, const struct command *command)
{
	buf_printf(out, "complete -c smiley -n __fish_use_subcommand -xa %s -d '", command->name);
	quoted(out, command->summary, "\\");
	buf_text(out, "'\n");
	if (usage_takes_run(command))
		buf_printf(out,
			"complete -c smiley -n '__fish_seen_subcommand_from %s' -xa '@latest "
			"(smiley list -f value -c id 2>/dev/null)'\n",
			command->name);
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);

		if (!option_belongs(id, command->name))
			continue;
		fish_option(out, command->name, option, "");
		if (option->type == OPTION_FLAG && option->initial)
			fish_option(out, command->name, option, "no-");
	}
}

void usage_fish(const struct command *const *commands, struct buf *out)
{
	buf_text(out, "# fish completion for smiley, made by `smiley help --fish`\n");
	for (; *commands; commands++)
		fish_command(out, *commands);
}
