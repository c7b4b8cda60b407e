/*
 * redact_argv: takes secrets out of a command line before it is recorded. The values of
 * options whose name is a secret (schemas/secret.h) become `***`: `--password=x`,
 * `--password x`, `-password:x`, `API_KEY=x`; so does the password in `scheme://user:x@host`.
 */
#ifndef SMILEY_SCHEMAS_REDACT_ARGV_H
#define SMILEY_SCHEMAS_REDACT_ARGV_H

#include "schemas/buf.h"
#include "schemas/secret.h"

/* Appends argv as a text list (schemas/message.h), *count entries more. list NULL: as it is. */
void redact_argv(
	int argc, char **argv, const struct secret_list *list, struct buf *items, int64_t *count);

#endif
