/*
 * hit_entry: how often each place, a line of a file, was reached in some blocks of a run, as
 * the store keeps it (KEY_HITS).
 *
 * Entries have levels. One of level 0 is about one block; one of level n + 1 sums up
 * HIT_FANOUT entries of level n that follow each other, and has the number of the first of
 * them. So what happened where in a run of any length is known from a few entries, and who
 * looks for something steps over what has none of it.
 *
 * Files are told apart by 64 bits of a hash of their path: who shows an event looks at
 * its path.
 */
#ifndef SMILEY_MATERIALIZER_HIT_ENTRY_H
#define SMILEY_MATERIALIZER_HIT_ENTRY_H

#include "schemas/avro.h"
#include "schemas/err.h"
#include "schemas/event.h"

#define HIT_FANOUT 32
#define HIT_LEVELS 5
/* With more places than this an entry tells none: those below it do. */
#define HIT_PLACES_MAX (64u * 1024)

struct hit_place {
	uint64_t file; /* hit_file() */
	int64_t line;
	int64_t hits;  /* line events there */
	int64_t calls; /* of functions that begin there */
};

uint64_t hit_file(struct slice path);

/* Places, each once. Zeroed memory has none. */
struct hit_table {
	struct hit_place *places; /* as they came, or as sorted; as much room again behind them */
	size_t count, cap;
	uint32_t *slots; /* place + 1, by hash; at most half full */
	size_t slot_cap;
};

/* The place, made when it is not there; valid until the next one is made. NULL: out of
 * memory. Not after hit_table_sort(). */
struct hit_place *hit_table_place(struct hit_table *table, uint64_t file, int64_t line);
/* Adds a place without asking whether it is there: then hit_table_sort() has to follow. False: out
 * of memory. */
bool hit_table_push(struct hit_table *table, const struct hit_place *place);
/* By file, then line; those that are there twice become one. */
void hit_table_sort(struct hit_table *table);
/* Of a sorted one: where the file's places begin. */
size_t hit_table_first(const struct hit_table *table, uint64_t file);
void hit_table_clear(struct hit_table *table);
void hit_table_release(struct hit_table *table);
size_t hit_table_bytes(const struct hit_table *table);

struct hit_entry {
	int64_t last;               /* number of the last block that it is about */
	int64_t kinds[EVENT_KINDS]; /* events of each kind */
	bool has_places;
	struct slice files; /* what hit_entry_next_file() takes off */
};

/* Replaces what is in value; entry->files does not count. `places` is sorted. */
void hit_entry_encode(
	const struct hit_entry *entry, const struct hit_table *places, struct buf *value);
/* entry->files borrows from value. */
bool hit_entry_decode(struct slice value, struct hit_entry *entry);

/* Takes the next file off files: 1, with its places in *places; 0: there is none; -1: these
 * bytes are no files. Files rise by hash. */
int hit_entry_next_file(struct slice *files, uint64_t *file, struct slice *places);
/* The same for a file's places, which rise by line; sets all but place->file. */
int hit_entry_next_place(struct slice *places, struct hit_place *place);

#endif
