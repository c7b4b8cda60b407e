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

/* A completion script for bash. */
void usage_bash(const struct command *const *commands, struct buf *out);

#endif
