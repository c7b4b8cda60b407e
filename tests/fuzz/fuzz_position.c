/* links: ingest schemas */
/*
 * fuzz_position: a byte, how long the first of two positions is, then both. What decodes must
 * encode to the same bytes; comparing is antisymmetric, and never wrong about a position itself.
 */
#include <stdlib.h>
#include <string.h>

#include "ingest/kafka_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static void fill(struct position *position, const uint8_t *data, size_t size)
{
	position->len = size < POSITION_MAX_BYTES ? size : POSITION_MAX_BYTES;
	if (position->len)
		memcpy(position->bytes, data, position->len);
}

static void decode(const struct position *position)
{
	struct kafka_table tables[LOG_TOPICS] = {0};
	struct position again;
	size_t count = 0;
	uint64_t identity;

	if (kafka_position_get(position, &identity, tables, NULL) < 0)
		return;
	kafka_position_put(&again, identity, tables);
	for (int i = 0; i < LOG_TOPICS; i++) {
		count += tables[i].count;
		kafka_table_release(&tables[i]);
	}
	if (count > 0) {
		must(again.len == position->len);
		must(memcmp(again.bytes, position->bytes, again.len) == 0);
	} else {
		must(again.len == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct position a, b;
	size_t first;

	if (size == 0)
		return 0;
	first = data[0] < size - 1 ? data[0] : size - 1;
	fill(&a, data + 1, first);
	fill(&b, data + 1 + first, size - 1 - first);
	decode(&a);
	decode(&b);
	must(position_compare(&a, &a) == 0);
	if (position_compare(&a, &b) == 1)
		must(position_compare(&b, &a) == -1);
	if (position_compare(&a, &b) == 0)
		must(position_compare(&b, &a) == 0);
	return 0;
}
