#include "materializer/hash_set.h"

#include <stdlib.h>

#include "schemas/err.h"

static uint64_t *place_of(uint64_t *places, size_t cap, uint64_t hash)
{
	size_t at = (size_t)hash & (cap - 1);

	while (places[at] && places[at] != hash)
		at = (at + 1) & (cap - 1);
	return &places[at];
}

static int grow(struct hash_set *set)
{
	size_t cap = set->cap ? set->cap * 2 : 64;
	uint64_t *places = calloc(cap, sizeof(*places));

	if (!places)
		return ERR_MEMORY;
	for (size_t i = 0; i < set->cap; i++) {
		if (set->places[i])
			*place_of(places, cap, set->places[i]) = set->places[i];
	}
	free(set->places);
	set->places = places;
	set->cap = cap;
	return 0;
}

int hash_set_add(struct hash_set *set, uint64_t hash)
{
	uint64_t *place;

	hash += !hash;
	if (set->cap) {
		place = place_of(set->places, set->cap, hash);
		if (*place)
			return 0;
	}
	if ((set->count + 1) * 2 > set->cap && grow(set) < 0)
		return ERR_MEMORY;
	*place_of(set->places, set->cap, hash) = hash;
	set->count++;
	return 1;
}

bool hash_set_has(const struct hash_set *set, uint64_t hash)
{
	hash += !hash;
	return set->cap && *place_of(set->places, set->cap, hash);
}

void hash_set_release(struct hash_set *set)
{
	free(set->places);
	*set = (struct hash_set){0};
}
