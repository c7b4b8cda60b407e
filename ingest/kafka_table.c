#include "ingest/kafka_internal.h"

#include <stdlib.h>
#include <string.h>

/* Index of the first whose id is not below. */
static size_t lower_bound(const struct kafka_table *table, int32_t id)
{
	size_t low = 0, high = table->count;

	/* Usually all are there, from 0 on. */
	if (id >= 0 && (size_t)id < table->count && table->partitions[id].id == id)
		return (size_t)id;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (table->partitions[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct kafka_partition *kafka_table_find(const struct kafka_table *table, int32_t id)
{
	size_t at = lower_bound(table, id);

	return at < table->count && table->partitions[at].id == id ? &table->partitions[at] : NULL;
}

struct kafka_partition *kafka_table_add(struct kafka_table *table, int32_t id)
{
	size_t at = lower_bound(table, id);
	struct kafka_partition *grown;

	if (at < table->count && table->partitions[at].id == id)
		return &table->partitions[at];
	grown = realloc(table->partitions, (table->count + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	table->partitions = grown;
	memmove(grown + at + 1, grown + at, (table->count - at) * sizeof(*grown));
	table->count++;
	grown[at] = (struct kafka_partition){.id = id, .next = RD_KAFKA_OFFSET_BEGINNING};
	return &grown[at];
}

void kafka_table_release(struct kafka_table *table)
{
	free(table->partitions);
	*table = (struct kafka_table){0};
}
