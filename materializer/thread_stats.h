/*
 * thread_stats: what `threads` tells about a run, summed up event by event.
 *
 * The sums depend on the events and their order alone, not on how blocks cut them. Memory
 * grows with the number of threads and of places (file, line) that each has been at, up
 * to PLACES_MAX of them; from there on location_count is a lower bound.
 */
#ifndef SMILEY_MATERIALIZER_THREAD_STATS_H
#define SMILEY_MATERIALIZER_THREAD_STATS_H

#include "materializer/block_facts.h"
#include "materializer/query.h"

#define PLACES_MAX (2u * 1024 * 1024)

struct thread_stats;

struct thread_stats *thread_stats_new(void); /* NULL: out of memory */
void thread_stats_free(struct thread_stats *stats);

/* Adds a block's events that count. 0 or ERR_MEMORY. */
int thread_stats_add(struct thread_stats *stats, const struct block_facts *facts, struct err *err);

/* Memory in use; 0 for NULL. */
size_t thread_stats_bytes(const struct thread_stats *stats);

size_t thread_stats_count(const struct thread_stats *stats);

/* Orders the threads by number; no more events may be added then. */
void thread_stats_sort(struct thread_stats *stats);

/* The thread that came index-th, borrowed until the next add. */
void thread_stats_get(const struct thread_stats *stats, size_t index, struct thread_info *info);

/* The value that the store keeps for a thread (its number is in the key). Decoding
 * borrows from bytes and leaves the number alone; false when they are not one. */
void thread_summary_encode(const struct thread_info *info, struct buf *bytes);
bool thread_summary_decode(struct slice bytes, struct thread_info *info);

#endif
