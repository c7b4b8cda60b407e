#include "web/source_cache.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_BYTES (16u << 20)
#define COLOUR_BYTES (384u * 1024) /* of text that are coloured for one page */
#define BUCKETS 256

struct entry {
	struct entry *next; /* in its bucket */
	uint8_t sha256[32];
	uint64_t used; /* when: the cache's clock */
	size_t bytes;  /* about what it takes */
	bool tried;    /* to be coloured */
	struct source_code code;
	struct highlight *colours; /* = code.colours */
};

struct source_cache {
	struct entry *buckets[BUCKETS];
	uint64_t clock;
	size_t bytes;
	size_t coloured; /* bytes of text, since the last begin */
};

struct source_cache *source_cache_new(void)
{
	return calloc(1, sizeof(struct source_cache));
}

static void entry_free(struct entry *entry)
{
	source_text_free(entry->code.text);
	highlight_free(entry->colours);
	free(entry);
}

void source_cache_free(struct source_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (cache->buckets[i]) {
			struct entry *entry = cache->buckets[i];

			cache->buckets[i] = entry->next;
			entry_free(entry);
		}
	}
	free(cache);
}

static void forget_oldest(struct source_cache *cache)
{
	struct entry **oldest = NULL, *entry;

	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct entry **at = &cache->buckets[i]; *at; at = &(*at)->next) {
			if (!oldest || (*at)->used < (*oldest)->used)
				oldest = at;
		}
	}
	entry = *oldest;
	*oldest = entry->next;
	cache->bytes -= entry->bytes;
	entry_free(entry);
}

void source_cache_begin(struct source_cache *cache)
{
	while (cache->bytes > CACHE_BYTES)
		forget_oldest(cache);
	cache->coloured = 0;
}

static void add_colours(struct source_cache *cache, struct entry *entry)
{
	struct slice text = source_text_whole(entry->code.text);

	if (entry->tried || cache->coloured + text.len > COLOUR_BYTES)
		return;
	entry->tried = true;
	cache->coloured += text.len;
	entry->colours = highlight_new(text);
	entry->code.colours = entry->colours;
	if (entry->colours) {
		entry->bytes += entry->colours->count * sizeof(struct highlight_span);
		cache->bytes += entry->colours->count * sizeof(struct highlight_span);
	}
}

bool source_cache_find(
	struct source_cache *cache, const uint8_t sha256[32], struct source_code *code)
{
	struct entry *entry = cache->buckets[sha256[0]];

	while (entry && memcmp(entry->sha256, sha256, sizeof(entry->sha256)) != 0)
		entry = entry->next;
	if (!entry)
		return false;
	entry->used = ++cache->clock;
	add_colours(cache, entry);
	*code = entry->code;
	return true;
}

int source_cache_put(struct source_cache *cache, const uint8_t sha256[32], struct slice text,
	struct source_code *code, struct err *err)
{
	struct entry **bucket = &cache->buckets[sha256[0]];
	struct entry *entry = calloc(1, sizeof(*entry));

	if (entry)
		entry->code.text = source_text_new(text);
	if (!entry || !entry->code.text) {
		free(entry);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	memcpy(entry->sha256, sha256, sizeof(entry->sha256));
	entry->used = ++cache->clock;
	entry->bytes = sizeof(*entry) + text.len * 2; /* the lines' ends are about as much */
	cache->bytes += entry->bytes;
	entry->next = *bucket;
	*bucket = entry;
	add_colours(cache, entry);
	*code = entry->code;
	return 0;
}
