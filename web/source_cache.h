/*
 * source_cache: sources that were shown lately, decoded, split and coloured once, up to a
 * bound of memory. By what is in them: the same text in many runs is there once.
 *
 * Not shared between threads.
 */
#ifndef SMILEY_WEB_SOURCE_CACHE_H
#define SMILEY_WEB_SOURCE_CACHE_H

#include "schemas/err.h"
#include "web/code.h"

struct source_cache;

struct source_cache *source_cache_new(void); /* NULL: out of memory */
void source_cache_free(struct source_cache *cache);

/* To be called between pages: forgets what was shown longest ago where it is too much. What is
 * found or put afterwards lives until the next call. */
void source_cache_begin(struct source_cache *cache);

/* The source of this SHA-256. False: it is not there. */
bool source_cache_find(
	struct source_cache *cache, const uint8_t sha256[32], struct source_code *code);

/* Puts a text, as it was recorded. 0 or ERR_MEMORY. A source gets its colours when it is put or
 * found; of a page of very many new sources not all do, but some more each time. */
int source_cache_put(struct source_cache *cache, const uint8_t sha256[32], struct slice text,
	struct source_code *code, struct err *err);

#endif
