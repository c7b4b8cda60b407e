#include "schemas/id_map_internal.h"

#include "schemas/err.h"

#include <stdlib.h>

#define ID_MAP_MIN 64

static size_t home_of(const struct id_map *map, int64_t id)
{
	uint64_t hash = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(hash ^ hash >> 32) & (map->cap - 1);
}

/* The slot of the id, or the empty one where it would be. */
static size_t slot_of(const struct id_map *map, int64_t id)
{
	size_t at = home_of(map, id);

	while (map->slots[at].what && map->slots[at].id != id)
		at = (at + 1) & (map->cap - 1);
	return at;
}

void *id_map_find(const struct id_map *map, int64_t id)
{
	return map->cap ? map->slots[slot_of(map, id)].what : NULL;
}

static int id_map_grow(struct id_map *map)
{
	struct id_map bigger = {.cap = map->cap ? map->cap * 2 : ID_MAP_MIN};

	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return ERR_MEMORY;
	for (size_t i = 0; i < map->cap; i++) {
		if (map->slots[i].what)
			bigger.slots[slot_of(&bigger, map->slots[i].id)] = map->slots[i];
	}
	bigger.count = map->count;
	free(map->slots);
	*map = bigger;
	return 0;
}

int id_map_add(struct id_map *map, int64_t id, void *what)
{
	if (map->count >= map->cap / 2 && id_map_grow(map) < 0)
		return ERR_MEMORY;
	map->slots[slot_of(map, id)] = (struct id_slot){id, what};
	map->count++;
	return 0;
}

void id_map_remove(struct id_map *map, int64_t id)
{
	size_t mask = map->cap - 1;
	size_t hole = slot_of(map, id);

	/* Moves back what a search could not reach over the hole. */
	for (size_t at = (hole + 1) & mask; map->slots[at].what; at = (at + 1) & mask) {
		size_t home = home_of(map, map->slots[at].id);

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			map->slots[hole] = map->slots[at];
			hole = at;
		}
	}
	map->slots[hole].what = NULL;
	map->count--;
}

void id_map_release(struct id_map *map)
{
	free(map->slots);
	*map = (struct id_map){0};
}
