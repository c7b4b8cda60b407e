/*
 * source_text: the text of a Python file as lines of UTF-8.
 *
 * The bytes are decoded as Python does: by their byte order mark or by what their first
 * two lines declare (PEP 263), else as UTF-8; what cannot be decoded becomes U+FFFD.
 * Lines end at "\n", "\r\n" or "\r" and at nothing else. Decoding and splitting wait until
 * a line is asked for. Not shared between threads.
 */
#ifndef SMILEY_SCHEMAS_SOURCE_TEXT_H
#define SMILEY_SCHEMAS_SOURCE_TEXT_H

#include "schemas/buf.h"

#include <stdint.h>

struct source_text;

/* Copies the bytes. NULL: out of memory. */
struct source_text *source_text_new(struct slice bytes);
void source_text_free(struct source_text *source);

/* The line by its number from 1, without its end; empty when there is none. Lives as long
 * as source. */
struct slice source_text_line(struct source_text *source, int64_t line);

/* The whole text, decoded: the lines lie in it one behind the other. Lives as long. */
struct slice source_text_whole(struct source_text *source);

/* How many lines there are: a last one without an end counts. */
int64_t source_text_count(struct source_text *source);

/* Appends the encoding that the bytes declare, lower case with '-' for '_'; "utf-8" when
 * none. */
void source_text_encoding(struct slice bytes, struct buf *name);

#endif
