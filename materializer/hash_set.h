/*
 * hash_set: a set of 64-bit hashes. Zeroed memory is an empty set.
 */
#ifndef SMILEY_MATERIALIZER_HASH_SET_H
#define SMILEY_MATERIALIZER_HASH_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_set {
	uint64_t *places; /* open addressing, linear probing, at most half full; 0: empty */
	size_t cap;       /* 0, or a power of two */
	size_t count;
};

/* 1: it was not in yet. 0: it was. ERR_MEMORY. */
int hash_set_add(struct hash_set *set, uint64_t hash);
bool hash_set_has(const struct hash_set *set, uint64_t hash);
void hash_set_release(struct hash_set *set);

#endif
