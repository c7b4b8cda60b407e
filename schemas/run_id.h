/*
 * run_id: the UUID (RFC 4122, version 4) that names a run everywhere.
 */
#ifndef SMILEY_SCHEMAS_RUN_ID_H
#define SMILEY_SCHEMAS_RUN_ID_H

#include "schemas/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define RUN_ID_TEXT_BYTES 37 /* 36 characters and the NUL */

struct run_id {
	uint8_t bytes[16];
};

/* A new random id. Returns 0 or ERR_IO when the kernel gives no random bytes. */
int run_id_new(struct run_id *id);

/* Lower-case hex with hyphens and a NUL. Returns text. */
char *run_id_format(const struct run_id *id, char text[RUN_ID_TEXT_BYTES]);

/* Parses the whole 36-character form, any case. False when it is not one. */
bool run_id_parse(struct run_id *id, struct slice text);

bool run_id_equal(const struct run_id *a, const struct run_id *b);

#endif
