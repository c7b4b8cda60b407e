/*
 * schema_text: the texts of the .avsc files, as they are inside the program: what a schema
 * registry is told, and what tests parse.
 */
#ifndef SMILEY_SCHEMAS_SCHEMA_TEXT_H
#define SMILEY_SCHEMAS_SCHEMA_TEXT_H

#include "schemas/item.h"

/* The JSON of a schema, byte for byte its file in schemas/ (of an older version, in
 * schemas/history/); static. NULL: no such id. */
const char *schema_text(enum schema_id id);

/* "trace_block", "run_started", ...: the name of its file without the end, the same for all
 * versions. NULL: no such id. */
const char *schema_name(enum schema_id id);

/* 1, 2, ...: which version of those of its name, in the order in which they were made. 0: no
 * such id. */
int schema_version(enum schema_id id);

#endif
