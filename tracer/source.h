/*
 * source: the text of each file that recorded code comes from, stored once, as it is when
 * the first of that code is met.
 */
#ifndef SMILEY_TRACER_SOURCE_H
#define SMILEY_TRACER_SOURCE_H

#include "tracer/names.h"

#include <stddef.h>

struct tracer;

/* Reads the file and writes it to the spool, unless that has been done. A file that cannot
 * be read has no text. */
void source_store(struct tracer *tracer, struct name *file);

/* The same with a text that is in no file: a command, standard input. */
void source_store_text(struct tracer *tracer, const char *file, const char *text, size_t len);

#endif
