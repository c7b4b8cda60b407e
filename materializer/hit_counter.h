/*
 * hit_counter: how often the events of one block are where. It is asked for every event of a
 * fold, hence the inline function: a small cache of counts stands before the table of places.
 *
 * Zeroed memory has counted nothing.
 */
#ifndef SMILEY_MATERIALIZER_HIT_COUNTER_H
#define SMILEY_MATERIALIZER_HIT_COUNTER_H

#include "materializer/hit_entry.h"

#define HIT_CACHE 256 /* a power of two */

struct hit_cached {
	const uint8_t *path; /* as it lies in the block: same address, same path */
	size_t path_len;
	int64_t line;
	int64_t hits;
};

struct hit_counter {
	int64_t kinds[EVENT_KINDS];
	struct hit_cached cache[HIT_CACHE];
	struct hit_table table; /* without what is in the cache */
	struct hit_file_seen {
		const uint8_t *path;
		uint64_t file;
	} seen;
};

/* Starts a block: all that was counted is forgotten. */
void hit_counter_begin(struct hit_counter *counter);

/* Brings the table up to date with all that was counted. 0 or ERR_MEMORY. */
int hit_counter_settle(struct hit_counter *counter, struct err *err);

void hit_counter_release(struct hit_counter *counter);

/* What hit_counter_add() does where its cache does not know the place. */
int hit_counter_miss(struct hit_counter *counter, struct hit_cached *cached,
	const struct event *event, struct err *err);
int hit_counter_call(struct hit_counter *counter, const struct event *event, struct err *err);

/* Adds an event that counts. 0 or ERR_MEMORY. */
static inline int hit_counter_add(
	struct hit_counter *counter, const struct event *event, struct err *err)
{
	const uint8_t *path;
	struct hit_cached *cached;

	counter->kinds[event->kind]++;
	if (event->kind != EVENT_LINE)
		return event->kind == EVENT_CALL ? hit_counter_call(counter, event, err) : 0;
	if (!event->frame)
		return 0;
	path = event->frame->code.file.data;
	cached = &counter->cache[((uintptr_t)path * 61 + (uint64_t)event->line) & (HIT_CACHE - 1)];
	if (cached->path != path || cached->line != event->line)
		return hit_counter_miss(counter, cached, event, err);
	cached->hits++;
	return 0;
}

#endif
