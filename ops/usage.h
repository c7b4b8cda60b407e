/*
 * usage: texts made from the tables of commands and options. Renders to a buf.
 */
#ifndef SMILEY_OPS_USAGE_H
#define SMILEY_OPS_USAGE_H

#include "ops/cmd.h"
#include "schemas/buf.h"

/* What `smiley help` prints. */
void usage_program(const struct command *const *commands, struct buf *out);

/* What `smiley help COMMAND` prints. */
void usage_command(const struct command *command, struct buf *out);

/* The manual page, troff with the man macros. */
void usage_man(const struct command *const *commands, struct buf *out);

/* Does the command take the id of a run? It is completed, then. */
bool usage_takes_run(const struct command *command);

/* A completion script for bash. */
void usage_bash(const struct command *const *commands, struct buf *out);

/* The same for zsh and fish: usage_shell.c. */
void usage_zsh(const struct command *const *commands, struct buf *out);
void usage_fish(const struct command *const *commands, struct buf *out);

/* A configuration file with every key in a comment, and its manual page: usage_conf.c. */
void usage_conf(struct buf *out);
void usage_man_conf(struct buf *out);

/* Appends text as troff reads it, and a line end. */
void usage_troff(struct buf *out, const char *text);

#endif
