#include "materializer/thread_stats.h"

#include <stdlib.h>

#include <xxhash.h>

#include "materializer/hash_set.h"
#include "schemas/avro.h"

#define FILE_CACHE 64 /* a power of two */

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
	struct slice latest_name; /* of the latest thread, in this block */
	struct hash_set places;
	struct file_hash {
		struct slice file;
		uint64_t hash;
	} files[FILE_CACHE]; /* of this block: same slice, same file */
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

void thread_stats_next_block(struct thread_stats *stats)
{
	memset(stats->files, 0, sizeof(stats->files));
	stats->latest_name = (struct slice){0};
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

static struct thread_sum *thread_of(struct thread_stats *stats, const struct event *event)
{
	int64_t number = event->thread->number;
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
		thread->info.start_ns = event->time_ns;
	}
	stats->latest = (size_t)(thread - stats->threads);
	stats->latest_name = (struct slice){0};
	return thread;
}

static uint64_t file_hash(struct thread_stats *stats, struct slice file)
{
	size_t at = (size_t)mix((uintptr_t)file.data) & (FILE_CACHE - 1);
	struct file_hash *cached = &stats->files[at];

	if (cached->file.data != file.data || cached->file.len != file.len) {
		cached->file = file;
		cached->hash = XXH3_64bits(file.data, file.len);
	}
	return cached->hash;
}

/* 1: a place where the thread had not been yet. */
static int add_place(struct thread_stats *stats, uint64_t place)
{
	if (stats->places.count >= PLACES_MAX)
		return 0;
	return hash_set_add(&stats->places, place);
}

/* Threads may be renamed: the last name stays. */
static void keep_name(struct thread_stats *stats, struct thread_sum *thread, struct slice name)
{
	stats->latest_name = name;
	if (slice_equal(buf_slice(&thread->name), name))
		return;
	buf_clear(&thread->name);
	buf_append(&thread->name, name.data, name.len);
}

int thread_stats_add(struct thread_stats *stats, const struct event *event, struct err *err)
{
	struct thread_sum *thread;
	uint64_t place;
	int added;

	if (!event->thread)
		return 0;
	thread = thread_of(stats, event);
	if (!thread)
		return err_set(err, ERR_MEMORY, "thread summary: out of memory");
	thread->info.event_count++;
	thread->info.end_ns = event->time_ns;
	if (event->thread->name.data != stats->latest_name.data)
		keep_name(stats, thread, event->thread->name);
	if (!event->frame)
		return 0;
	place = file_hash(stats, event->frame->code.file) ^ mix((uint64_t)event->line) ^
		mix(~(uint64_t)thread->info.number);
	added = add_place(stats, mix(place));
	if (added < 0)
		return err_set(err, ERR_MEMORY, "thread summary: out of memory");
	thread->info.location_count += added;
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
