/*
 * elements: what was last written of lists and dicts, element by element, so that when some have
 * changed only these are written (Splice).
 *
 * Kept by content: by the fingerprint of the whole. A variable that was written with a
 * fingerprint finds here how that was made up, whichever variable put it there; one that does
 * not, since another took its place, is written whole.
 */
#ifndef SMILEY_TRACER_ELEMENTS_H
#define SMILEY_TRACER_ELEMENTS_H

#include "tracer/pycompat_internal.h"

#include <stddef.h>
#include <stdint.h>

#define ELEMENTS_MOST 32 /* of a container; a power of two. One with more is always written whole */
#define ELEMENTS_KEPT 256 /* containers; a power of two */

/* The elements that a container shows: a list's items, a dict's pairs. */
struct elements {
	uint64_t whole;   /* fingerprint; 0: nothing is known */
	const void *type; /* list's or dict's */
	int32_t count;    /* -1: too many */
	int32_t bytes;    /* the encoded value has no more */
	uint64_t hash[ELEMENTS_MOST];
	int32_t nodes[ELEMENTS_MOST]; /* of the value's limit, left before each */
};

struct elements_cache {
	struct elements *kept[ELEMENTS_KEPT]; /* NULL: none yet */
	struct elements *fresh;               /* filled in by each walk over a list or a dict */
	struct elements places[ELEMENTS_KEPT + 1];
};

void elements_init(struct elements_cache *cache);

/* The elements that made up this fingerprint. NULL: not known. */
static inline const struct elements *elements_find(
	const struct elements_cache *cache, uint64_t whole)
{
	const struct elements *found = cache->kept[whole >> 32 & (ELEMENTS_KEPT - 1)];

	return found->whole == whole && whole ? found : NULL;
}

/* Keeps the fresh ones, if they still are of the value of this fingerprint, which has been written
 * with so many bytes at most. */
static inline void elements_keep(struct elements_cache *cache, uint64_t whole, ptrdiff_t bytes)
{
	struct elements **place = &cache->kept[cache->fresh->whole >> 32 & (ELEMENTS_KEPT - 1)];
	struct elements *out = *place;

	if (cache->fresh->whole != whole)
		return;
	cache->fresh->bytes = bytes < INT32_MAX ? (int32_t)bytes : INT32_MAX;
	*place = cache->fresh;
	cache->fresh = out;
}

/* Where the fresh elements differ from those before: `drop` of these from `at` on have given way to
 * `come`. */
struct elements_change {
	int32_t at, drop, come;
};
struct elements_change elements_compare(
	const struct elements *before, const struct elements *fresh);

#endif
