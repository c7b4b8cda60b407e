/*
 * id_map: finds what belongs to a number. Open addressing, at most half full; zeroed
 * memory is an empty map. What it points to is borrowed.
 */
#ifndef SMILEY_SCHEMAS_ID_MAP_INTERNAL_H
#define SMILEY_SCHEMAS_ID_MAP_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

struct id_slot {
	int64_t id;
	void *what; /* NULL: the slot is empty */
};

struct id_map {
	struct id_slot *slots;
	size_t count;
	size_t cap; /* 0 or a power of two */
};

/* NULL: not there. */
void *id_map_find(const struct id_map *map, int64_t id);

/* Adds an id that is not there yet; what is not NULL. 0 or ERR_MEMORY. */
int id_map_add(struct id_map *map, int64_t id, void *what);

/* Takes an id away that is there. */
void id_map_remove(struct id_map *map, int64_t id);

void id_map_release(struct id_map *map);

#endif
