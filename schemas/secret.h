/*
 * secret: which names sound like secrets. One rule for variables, dict keys, attributes and
 * command line options; the tracer asks it before a value is looked at.
 *
 * A name is cut into words at _ - . space and at camelCase humps, and is a secret when the
 * whole of it, or its last words put together, are on the list: `password`, `db_password`,
 * `X-Api-Key`, `userAccessToken2`. Plurals of parsers' words are not (`tokens`), nor are
 * words that only begin like one (`tokenize`, `password_file`). Allocates nothing, keeps
 * nothing: any thread.
 */
#ifndef SMILEY_SCHEMAS_SECRET_H
#define SMILEY_SCHEMAS_SECRET_H

#include "schemas/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* What the user adds to the built-in list and takes off it; borrowed. Written in any style:
 * `api-key`, `apiKey` and `APIKEY` are the same name. */
struct secret_list {
	const char **add;
	size_t add_count;
	const char **except;
	size_t except_count;
};

/* extra may be NULL. A name over SECRET_NAME_BYTES is judged by its end. */
#define SECRET_NAME_BYTES 128
bool secret_name(struct slice name, const struct secret_list *extra);

#endif
