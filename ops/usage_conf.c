/*
 * The configuration file: one with every key, commented out, and its manual page.
 */
#include "ops/usage.h"

#include <string.h>

#define COLUMN_END 90

/* Lines that begin with "# ", broken between words. */
static void comment(struct buf *out, const char *text)
{
	size_t column = COLUMN_END;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column + 1 + len > COLUMN_END) {
			buf_text(out, "\n#");
			column = 1;
		}
		buf_byte(out, ' ');
		buf_append(out, text, len);
		column += 1 + len;
		text += len + (text[len] == ' ');
	}
	buf_byte(out, '\n');
}

/* An option that several commands have in their own way has one key. */
static bool is_first(int id)
{
	const char *name = option_get((enum option_id)id)->name;

	return option_find_key(name, strlen(name), OPTIONS) == (enum option_id)id;
}

static void key(struct buf *out, const struct option *option, const char *before)
{
	if (option->type == OPTION_PAIRS)
		buf_printf(out, "%s%s.KEY = VALUE", before, option->name);
	else
		buf_printf(out, "%s%s = %s", before, option->name,
			option->initial    ? option->initial
			: option->argument ? option->argument
					   : "0");
}

void usage_conf(struct buf *out)
{
	buf_text(out, "# smiley.conf: settings for all users; ~/.config/smiley/smiley.conf, the "
		      "environment and the\n"
		      "# command line count more. A line is `name = value`; lists have commas "
		      "between their entries.\n"
		      "# Everybody reads this file: keep passwords in files of their own "
		      "(kafka-password-file).\n"
		      "# What stands here with a # in front is the default, or what a value looks "
		      "like.\n");
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);

		if (!option->variable || !is_first(id))
			continue;
		comment(out, option->help);
		if (option->type == OPTION_CHOICE) {
			buf_text(out, "# One of: ");
			buf_text(out, option->argument);
			buf_byte(out, '\n');
		}
		key(out, option, "#");
		buf_byte(out, '\n');
	}
}

void usage_man_conf(struct buf *out)
{
	struct buf text = {0};

	buf_text(out, ".TH SMILEY.CONF 5\n.SH NAME\nsmiley.conf \\- settings of smiley\n"
		      ".SH SYNOPSIS\n.I /etc/smiley/smiley.conf\n.br\n"
		      ".I ~/.config/smiley/smiley.conf\n.SH DESCRIPTION\n"
		      "Lines of the form\n.PP\n.nf\n    name = value\n.fi\n.PP\n"
		      "set options of\n.BR smiley (1).\n"
		      "A # begins a comment. Flags are 1 or 0; the entries of a list have commas\n"
		      "between them. The user's file counts more than the one for all, the\n"
		      "environment's variables more than files, the command line more than these.\n"
		      "The environment variable\n.B SMILEY_CONFIG\nnames one file to be read in "
		      "place of the two.\n.SH KEYS\n");
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get(id);

		if (!option->variable || !is_first(id))
			continue;
		buf_clear(&text);
		key(&text, option, "");
		buf_text(out, ".TP\n.B ");
		usage_troff(out, buf_string(&text));
		buf_clear(&text);
		buf_printf(&text, "%s (%s; commands: %s)", option->help, option->variable,
			option->commands);
		usage_troff(out, buf_string(&text));
	}
	buf_text(out, ".SH SEE ALSO\n.BR smiley (1)\n");
	buf_release(&text);
}
