#include "materializer/thread_stats.h"

#include <stdlib.h>

#include "materializer/hash_set.h"
#include "schemas/avro.h"

struct thread_sum {
	struct thread_info info;
	struct buf name;
};

struct thread_stats {
	struct thread_sum *threads;
	size_t count, cap;
	size_t *index; /* thread's place in threads + 1, by hash of its number */
	size_t index_cap;
	size_t latest;
	struct hash_set places;
};

struct thread_stats *thread_stats_new(void)
{
	return calloc(1, sizeof(struct thread_stats));
}

void thread_stats_free(struct thread_stats *stats)
{
	if (!stats)
		return;
	for (size_t i = 0; i < stats->count; i++)
		buf_release(&stats->threads[i].name);
	free(stats->threads);
	free(stats->index);
	hash_set_release(&stats->places);
	free(stats);
}

static uint64_t mix(uint64_t bits)
{
	bits ^= bits >> 32;
	bits *= UINT64_C(0x9e3779b97f4a7c15);
	bits ^= bits >> 29;
	bits *= UINT64_C(0xbf58476d1ce4e5b9);
	return bits ^ bits >> 32;
}

static size_t *index_place(const struct thread_stats *stats, int64_t number)
{
	size_t at = (size_t)mix((uint64_t)number) & (stats->index_cap - 1);

	while (stats->index[at] && stats->threads[stats->index[at] - 1].info.number != number)
		at = (at + 1) & (stats->index_cap - 1);
	return &stats->index[at];
}

static int index_grow(struct thread_stats *stats)
{
	size_t cap = stats->index_cap ? stats->index_cap * 2 : 16;
	size_t *index = calloc(cap, sizeof(*index));

	if (!index)
		return ERR_MEMORY;
	free(stats->index);
	stats->index = index;
	stats->index_cap = cap;
	for (size_t i = 0; i < stats->count; i++)
		*index_place(stats, stats->threads[i].info.number) = i + 1;
	return 0;
}

static struct thread_sum *thread_new(struct thread_stats *stats, int64_t number)
{
	struct thread_sum *thread;

	if (stats->count == stats->cap) {
		size_t cap = stats->cap ? stats->cap * 2 : 8;

		thread = realloc(stats->threads, cap * sizeof(*thread));
		if (!thread)
			return NULL;
		stats->threads = thread;
		stats->cap = cap;
	}
	if ((stats->count + 1) * 2 > stats->index_cap && index_grow(stats) < 0)
		return NULL;
	thread = &stats->threads[stats->count];
	*thread = (struct thread_sum){.info = {.number = number}};
	*index_place(stats, number) = ++stats->count;
	return thread;
}

/* NULL: out of memory. */
static struct thread_sum *thread_of(struct thread_stats *stats, int64_t number, int64_t time_ns)
{
	struct thread_sum *thread = NULL;

	if (stats->count && stats->threads[stats->latest].info.number == number)
		return &stats->threads[stats->latest];
	if (stats->index_cap) {
		size_t place = *index_place(stats, number);

		if (place)
			thread = &stats->threads[place - 1];
	}
	if (!thread) {
		thread = thread_new(stats, number);
		if (!thread)
			return NULL;
		thread->info.start_ns = time_ns;
	}
	stats->latest = (size_t)(thread - stats->threads);
	return thread;
}

/* Threads may be renamed: the last name stays. */
static void keep_name(struct thread_sum *thread, struct slice name)
{
	if (slice_equal(buf_slice(&thread->name), name))
		return;
	buf_clear(&thread->name);
	buf_append(&thread->name, name.data, name.len);
}

/* Counts events, which mostly come many of one thread in a row. */
static int add_events(struct thread_stats *stats, const struct block_facts *facts)
{
	const struct block_skim *skim = facts->skim;
	const struct skim_event *end = skim->events + skim->head.event_count;
	const struct skim_event *event = skim->events + facts->first;

	while (event < end) {
		const struct skim_event *first = event;
		struct thread_sum *thread;

		while (event < end && event->thread == first->thread)
			event++;
		if (first->thread == SKIM_NONE)
			continue;
		thread = thread_of(stats, skim->threads[first->thread].number, first->time_ns);
		if (!thread)
			return ERR_MEMORY;
		thread->info.event_count += event - first;
		thread->info.end_ns = event[-1].time_ns;
		keep_name(thread, skim->threads[first->thread].name);
	}
	return 0;
}

/* Counts where each thread has not been yet. */
static int add_places(struct thread_stats *stats, const struct block_facts *facts)
{
	for (size_t i = 0; i < facts->place_count && stats->places.count < PLACES_MAX; i++) {
		const struct place *place = &facts->places[i];
		int64_t number = facts->skim->threads[place->thread].number;
		uint64_t hash = facts->files[place->code] ^ mix((uint64_t)place->line) ^
				mix(~(uint64_t)number);
		int added = hash_set_add(&stats->places, mix(hash));

		if (added < 0)
			return ERR_MEMORY;
		if (added)
			thread_of(stats, number, 0)->info.location_count++;
	}
	return 0;
}

int thread_stats_add(struct thread_stats *stats, const struct block_facts *facts, struct err *err)
{
	if (add_events(stats, facts) < 0 || add_places(stats, facts) < 0)
		return err_set(err, ERR_MEMORY, "thread summary: out of memory");
	return 0;
}

size_t thread_stats_bytes(const struct thread_stats *stats)
{
	if (!stats)
		return 0;
	return sizeof(*stats) + stats->cap * sizeof(*stats->threads) +
	       stats->index_cap * sizeof(*stats->index) +
	       stats->places.cap * sizeof(*stats->places.places);
}

size_t thread_stats_count(const struct thread_stats *stats)
{
	return stats->count;
}

static int compare(const void *a, const void *b)
{
	const struct thread_sum *left = a, *right = b;

	return (left->info.number > right->info.number) - (left->info.number < right->info.number);
}

void thread_stats_sort(struct thread_stats *stats)
{
	if (stats->count)
		qsort(stats->threads, stats->count, sizeof(*stats->threads), compare);
}

void thread_stats_get(const struct thread_stats *stats, size_t index, struct thread_info *info)
{
	*info = stats->threads[index].info;
	info->name = buf_slice(&stats->threads[index].name);
}

void thread_summary_encode(const struct thread_info *info, struct buf *bytes)
{
	avro_buf_bytes(bytes, info->name.data, info->name.len);
	avro_buf_long(bytes, info->start_ns);
	avro_buf_long(bytes, info->end_ns);
	avro_buf_long(bytes, info->event_count);
	avro_buf_long(bytes, info->location_count);
}

bool thread_summary_decode(struct slice bytes, struct thread_info *info)
{
	struct avro_in in = {bytes.data, bytes.data + bytes.len};

	return avro_get_string(&in, &info->name) && avro_get_long(&in, &info->start_ns) &&
	       avro_get_long(&in, &info->end_ns) && avro_get_long(&in, &info->event_count) &&
	       avro_get_long(&in, &info->location_count) && in.at == in.end;
}
