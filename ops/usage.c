#include "ops/usage.h"

#include <stdio.h>
#include <string.h>

#define COLUMN_OPTIONS 30
#define COLUMN_END 90

const struct command *command_find(const struct command *const *commands, const char *name)
{
	for (; *commands; commands++)
		if (strcmp((*commands)->name, name) == 0)
			return *commands;
	return NULL;
}

/* Appends text with line breaks between words so that it stays between two columns; the
 * cursor is at `column`. A newline in the text stays. */
static void wrap(struct buf *out, const char *text, int column, int indent)
{
	while (*text) {
		size_t len = strcspn(text, " \n");

		if (column > indent && column + 1 + (int)len > COLUMN_END) {
			buf_printf(out, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			buf_byte(out, ' ');
			column++;
		}
		buf_append(out, text, len);
		column += (int)len;
		text += len;
		if (*text == '\n') {
			buf_printf(out, "\n%*s", indent, "");
			column = indent;
		}
		text += *text != '\0';
	}
	buf_byte(out, '\n');
}

/* "-f, --format table|json", "--[no-]include-stdlib" */
static void option_head(const struct option *option, struct buf *out)
{
	if (option->letter)
		buf_printf(out, "-%c, ", option->letter);
	buf_printf(out, "--%s%s", option->type == OPTION_FLAG && option->initial ? "[no-]" : "",
		option->name);
	if (option->argument)
		buf_printf(out, " %s", option->argument);
}

/* The help text with default, variable and key. */
static void option_body(const struct option *option, struct buf *out)
{
	buf_text(out, option->help);
	if (option->initial && option->type == OPTION_FLAG)
		buf_printf(out, " [%s]", *option->initial == '1' ? "on" : "off");
	else if (option->initial)
		buf_printf(out, " [%s]", option->initial);
	if (option->variable)
		buf_printf(out, " (%s)", option->variable);
}

static void option_list(const char *command, struct buf *out)
{
	struct buf text = {0};

	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);
		int column;

		if (!option_belongs(id, command))
			continue;
		buf_clear(&text);
		option_head(option, &text);
		buf_printf(out, "  %s", buf_string(&text));
		column = (int)text.len + 2;
		if (column >= COLUMN_OPTIONS) {
			buf_byte(out, '\n');
			column = 0;
		}
		buf_printf(out, "%*s", COLUMN_OPTIONS - column, "");
		buf_clear(&text);
		option_body(option, &text);
		wrap(out, buf_string(&text), COLUMN_OPTIONS, COLUMN_OPTIONS);
	}
	buf_release(&text);
}

void usage_program(const struct command *const *commands, struct buf *out)
{
	buf_text(out,
		"usage: smiley [-v | -q] COMMAND ...\n\n"
		"smiley traces Python programs as they run: every line, with its variables.\n\n"
		"commands:\n");
	for (; *commands; commands++)
		buf_printf(out, "  %-10s %s\n", (*commands)->name, (*commands)->summary);
	buf_text(out, "\noptions:\n");
	option_list("", out);
	buf_text(out, "\nsmiley help COMMAND tells more, man smiley all.\n");
}

void usage_command(const struct command *command, struct buf *out)
{
	buf_printf(out, "usage: smiley %s [OPTIONS]%s%s\n\n%s\n", command->name,
		*command->arguments ? " " : "", command->arguments, command->summary);
	if (command->details) {
		buf_byte(out, '\n');
		wrap(out, command->details, 0, 0);
	}
	buf_text(out, "\noptions:\n");
	option_list(command->name, out);
	buf_text(out,
		"\n[default] (environment variable; in the configuration file the option's name)\n");
}

/* \ and - escaped, no line begins with . or '. */
void usage_troff(struct buf *out, const char *text)
{
	bool begin = true;

	for (; *text; text++) {
		if (begin && (*text == '.' || *text == '\''))
			buf_text(out, "\\&");
		if (*text == '\\')
			buf_text(out, "\\e");
		else if (*text == '-')
			buf_text(out, "\\-");
		else
			buf_byte(out, (uint8_t)*text);
		begin = *text == '\n';
	}
	buf_byte(out, '\n');
}

static void man_options(const char *command, bool common, struct buf *out)
{
	struct buf text = {0};

	for (int id = 0; id < OPTIONS; id++) {
		if (!option_belongs(id, command) || option_belongs(id, "") != common)
			continue;
		buf_clear(&text);
		option_head(option_get(id), &text);
		buf_text(out, ".TP\n.B ");
		usage_troff(out, buf_string(&text));
		buf_clear(&text);
		option_body(option_get(id), &text);
		usage_troff(out, buf_string(&text));
	}
	buf_release(&text);
}

void usage_man(const struct command *const *commands, struct buf *out)
{
	buf_text(out, ".TH SMILEY 1\n.SH NAME\nsmiley \\- trace Python programs line by line\n"
		      ".SH SYNOPSIS\n.B smiley\n.I COMMAND\n[OPTIONS] ...\n.SH DESCRIPTION\n"
		      "smiley runs a Python program as python itself would and records every line\n"
		      "it executes with its variables. Runs are kept in a database, to be listed,\n"
		      "watched live and replayed.\n.SH COMMON OPTIONS\n");
	man_options("", true, out);
	buf_text(out, ".SH COMMANDS\n");
	for (; *commands; commands++) {
		const struct command *command = *commands;

		buf_printf(out, ".SS smiley %s [OPTIONS] ", command->name);
		usage_troff(out, command->arguments);
		usage_troff(out, command->summary);
		if (command->details) {
			buf_text(out, ".PP\n");
			usage_troff(out, command->details);
		}
		man_options(command->name, false, out);
	}
	buf_text(out,
		".SH CONFIGURATION\n"
		"Options with an environment variable, named behind them in parentheses, can be\n"
		"set in /etc/smiley/smiley.conf and ~/.config/smiley/smiley.conf (or the one\n"
		"file that SMILEY_CONFIG names) by lines of the form\n.PP\n.nf\n"
		"    option\\-name = value\n.fi\n.PP\n"
		"without the dashes, 1 and 0 for flags, commas between the entries of a list.\n"
		"The environment counts more than the files, the command line more than the\n"
		"environment; lists add up. See\n.BR smiley.conf (5).\n"
		".SH EXIT STATUS\n"
		"run: that of the program, its death by a signal included. Other commands: 0,\n"
		"1 on failure, 2 for a command line that makes no sense. 1 is also what search\n"
		"gives when it finds nothing and status when not all is well; doctor gives 3\n"
		"for warnings.\n");
}

bool usage_takes_run(const struct command *command)
{
	return strncmp(command->arguments + (command->arguments[0] == '['), "RUN", 3) == 0;
}

static void bash_command(const struct command *command, struct buf *out)
{
	buf_printf(out, "\t%s)\n\t\twords='", *command->name ? command->name : "''");
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);

		if (!option_belongs(id, command->name))
			continue;
		buf_printf(out, "--%s ", option->name);
		if (option->type == OPTION_FLAG && option->initial)
			buf_printf(out, "--no-%s ", option->name);
	}
	buf_text(out, "' ;;\n");
}

static void bash_choices(struct buf *out)
{
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);

		if (option->type != OPTION_CHOICE)
			continue;
		for (const char *at = option->commands; *at;) {
			int len = (int)strcspn(at, " ");

			buf_printf(out, "\t%.*s:--%s)\n\t\twords='", len, at, option->name);
			for (const char *c = option->argument; *c; c++)
				buf_byte(out, *c == '|' ? ' ' : (uint8_t)*c);
			buf_text(out, "' ;;\n");
			at += len;
			at += *at == ' ';
		}
	}
	buf_text(out, "\t*:--database)\n\t\tCOMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
		      "\t*:--python)\n\t\tCOMPREPLY=($(compgen -f -- \"$word\")); return ;;\n");
}

void usage_bash(const struct command *const *commands, struct buf *out)
{
	buf_text(out,
		"# bash completion for smiley, made by `smiley help --bash`\n"
		"_smiley()\n{\n"
		"\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
		"\tlocal command= words= i\n"
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tcase ${COMP_WORDS[i]} in -*) ;; *) command=${COMP_WORDS[i]}; break ;; esac\n"
		"\tdone\n"
		"\tcase $command:$before in\n");
	bash_choices(out);
	buf_text(out, "\tesac\n\tif [[ $words ]]; then\n"
		      "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\")); return\n\tfi\n"
		      "\tcase $command in\n\t'')\n\t\twords='");
	for (const struct command *const *at = commands; *at; at++)
		buf_printf(out, "%s ", (*at)->name);
	buf_text(out, "--help --version --verbose --quiet' ;;\n");
	for (const struct command *const *at = commands; *at; at++)
		bash_command(*at, out);
	buf_text(out, "\tesac\n"
		      "\tif [[ $command && $word != -* ]]; then\n"
		      "\t\tcase $command in\n"
		      "\t\trun) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
		      "\t\thelp) COMPREPLY=($(compgen -W '");
	for (const struct command *const *at = commands; *at; at++)
		buf_printf(out, "%s ", (*at)->name);
	buf_text(out, "' -- \"$word\")) ;;\n\t\t''");
	for (const struct command *const *at = commands; *at; at++)
		if (usage_takes_run(*at))
			buf_printf(out, " | %s", (*at)->name);
	buf_text(out, ")\n"
		      "\t\t\tCOMPREPLY=($(compgen -W \"@latest $(smiley list -f value -c id "
		      "2>/dev/null)\" -- \"$word\")) ;;\n"
		      "\t\tesac\n\t\treturn\n\tfi\n"
		      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
		      "complete -F _smiley smiley\n");
}
