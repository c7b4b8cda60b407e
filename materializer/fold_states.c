#include "materializer/fold_internal.h"

#include <stdlib.h>
#include <string.h>

/*
 * Which states of runs are in memory. One that is not is read from the store, and at the end of its
 * run so are all of its blocks, once more: much more than to fold them. Which one is forgotten is
 * left to chance, those of runs that are over first: where more runs go on in turn than there is
 * room for, the one used longest ago would always be the one needed next.
 */
#define LOOKS 16 /* at states, to find one that is over */

static size_t bucket_of(const struct run_id *run)
{
	uint32_t first, last;

	/* An id of the tracer is random, but for a few bits in its middle. */
	memcpy(&first, run->bytes, sizeof(first));
	memcpy(&last, run->bytes + sizeof(run->bytes) - sizeof(last), sizeof(last));
	return (first ^ last) & (FOLD_BUCKETS - 1);
}

static struct fold_run *make(struct fold *fold, const struct run_id *run, struct err *err)
{
	struct fold_run *state = calloc(1, sizeof(*state));

	if (!state) {
		err_set(err, ERR_MEMORY, "fold: out of memory");
		return NULL;
	}
	state->run = *run;
	if (fold_run_load(fold, state, err) < 0) {
		fold_run_free(state);
		return NULL;
	}
	return state;
}

struct fold_run *fold_run_get(struct fold *fold, const struct run_id *run, struct err *err)
{
	struct fold_run **bucket = &fold->buckets[bucket_of(run)];
	struct fold_run *state = *bucket;

	while (state && !run_id_equal(&state->run, run))
		state = state->next;
	if (!state) {
		state = make(fold, run, err);
		if (!state)
			return NULL;
		state->next = *bucket;
		*bucket = state;
		fold->run_count++;
	}
	if (!state->used) {
		state->used = true;
		state->next_used = fold->used;
		fold->used = state;
	}
	return state;
}

/* What has been used may have grown. */
static void measure_used(struct fold *fold)
{
	for (struct fold_run *state = fold->used; state; state = state->next_used) {
		size_t bytes = sizeof(*state) + thread_stats_bytes(state->stats) +
			       row_index_bytes(state->rows) + hit_index_bytes(state->hits) +
			       profiler_bytes(state->profile);

		fold->run_bytes += bytes - state->bytes;
		state->bytes = bytes;
		state->used = false;
	}
	fold->used = NULL;
}

/* Looks at some states from a place of chance on: the first that is over, or the first. */
static struct fold_run **victim(struct fold *fold)
{
	struct fold_run **first = NULL;
	size_t begin, bucket;
	int seen = 0;

	fold->chance = fold->chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	begin = bucket = fold->chance >> 33 & (FOLD_BUCKETS - 1);
	while (seen < LOOKS && (!first || bucket != begin)) {
		for (struct fold_run **at = &fold->buckets[bucket]; *at; at = &(*at)->next) {
			if ((*at)->summarized || (*at)->deleted)
				return at;
			first = first ? first : at;
			seen++;
		}
		bucket = (bucket + 1) & (FOLD_BUCKETS - 1);
	}
	return first;
}

static void evict_one(struct fold *fold)
{
	struct fold_run **at = victim(fold), *state = *at;

	*at = state->next;
	fold->run_count--;
	fold->run_bytes -= state->bytes;
	fold_run_free(state);
}

void fold_runs_evict(struct fold *fold, size_t keep)
{
	measure_used(fold);
	while (fold->run_count > keep || (fold->run_count > 1 && fold->run_bytes > FOLD_RUNS_BYTES))
		evict_one(fold);
}
