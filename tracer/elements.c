#include "tracer/elements.h"

void elements_init(struct elements_cache *cache)
{
	for (int i = 0; i < ELEMENTS_KEPT; i++)
		cache->kept[i] = &cache->places[i];
	cache->fresh = &cache->places[ELEMENTS_KEPT];
}

struct elements_change elements_compare(const struct elements *before, const struct elements *fresh)
{
	int32_t least = before->count < fresh->count ? before->count : fresh->count;
	int32_t head = 0, tail = 0;

	while (head < least && before->hash[head] == fresh->hash[head])
		head++;
	while (tail < least - head &&
		before->hash[before->count - 1 - tail] == fresh->hash[fresh->count - 1 - tail])
		tail++;
	return (struct elements_change){
		head, before->count - head - tail, fresh->count - head - tail};
}
