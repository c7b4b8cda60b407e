/*
 * block_facts: what a block tells those who sum up or index events: its events without
 * their values, and the places they are at. The fold makes the facts of each block once, and
 * hands them to every part that derives something from events.
 *
 * To add such a part: a function that takes facts, called where fold_block.c calls the
 * others. It loops over events[first..], or over places when it wants to know which lines a
 * block holds and how often: there are a hundred times fewer of them.
 */
#ifndef SMILEY_MATERIALIZER_BLOCK_FACTS_H
#define SMILEY_MATERIALIZER_BLOCK_FACTS_H

#include "schemas/block_skim.h"

/* Where a thread has been. Different ones may be of the same thread, file and line, since
 * skim->threads and skim->codes may name the same twice. */
struct place {
	int64_t line;
	uint32_t code;   /* index in skim->codes */
	uint32_t thread; /* index in skim->threads */
	uint32_t lines;  /* line events there: how often it was about to run */
	uint32_t calls;  /* calls of functions that begin there */
};

struct block_facts {
	const struct block_skim *skim;
	size_t first; /* index of the first event that counts: those before came earlier */
	uint32_t kinds[EVENT_KINDS]; /* how many of those that count are of each kind */
	const struct place *places;  /* that they are at, in the order of their first one */
	size_t place_count;
	const uint64_t *files; /* by code: hash of its file's path (XXH3, 64 bits) */
};

struct facts_reader;

struct facts_reader *facts_reader_new(void); /* NULL: out of memory */
void facts_reader_free(struct facts_reader *reader);

/* Reads a block, of which events from from_seq on count. *facts is valid until the next read,
 * as long as body is. ERR_FORMAT when the bytes are not a block. */
int facts_read(struct facts_reader *reader, struct slice body, int64_t from_seq,
	const struct block_facts **facts, struct err *err);

/* The number of an event's thread, or none. */
static inline int64_t facts_thread(
	const struct block_facts *facts, const struct skim_event *event, int64_t none)
{
	return event->thread == SKIM_NONE ? none : facts->skim->threads[event->thread].number;
}

#endif
