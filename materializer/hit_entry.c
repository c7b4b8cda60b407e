#include "materializer/hit_entry.h"

#include <stdlib.h>

#include <xxhash.h>

#define SLOTS_MIN 256
#define SORT_FEW 8

uint64_t hit_file(struct slice path)
{
	return XXH3_64bits(path.data, path.len);
}

static size_t slot_of(const struct hit_table *table, uint64_t file, int64_t line)
{
	size_t mask = table->slot_cap - 1;
	size_t at = (size_t)((file + (uint64_t)line * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;

	for (;; at = (at + 1) & mask) {
		const struct hit_place *place;

		if (!table->slots[at])
			return at;
		place = &table->places[table->slots[at] - 1];
		if (place->line == line && place->file == file)
			return at;
	}
}

static bool grow(struct hit_table *table)
{
	size_t cap = table->cap ? table->cap * 2 : SLOTS_MIN / 2;
	struct hit_place *places = realloc(table->places, 2 * cap * sizeof(*places));
	uint32_t *slots;

	if (!places)
		return false;
	table->places = places;
	slots = calloc(cap * 2, sizeof(*slots));
	if (!slots)
		return false;
	free(table->slots);
	table->slots = slots;
	table->slot_cap = cap * 2;
	table->cap = cap;
	for (size_t i = 0; i < table->count; i++)
		slots[slot_of(table, places[i].file, places[i].line)] = (uint32_t)i + 1;
	return true;
}

struct hit_place *hit_table_place(struct hit_table *table, uint64_t file, int64_t line)
{
	size_t slot;

	if (table->slot_cap) {
		slot = slot_of(table, file, line);
		if (table->slots[slot])
			return &table->places[table->slots[slot] - 1];
	}
	if (table->count == table->cap && !grow(table))
		return NULL;
	slot = slot_of(table, file, line);
	table->places[table->count] = (struct hit_place){.file = file, .line = line};
	table->slots[slot] = (uint32_t)++table->count;
	return &table->places[table->count - 1];
}

static inline bool is_before(const struct hit_place *a, const struct hit_place *b)
{
	return a->file < b->file || (a->file == b->file && a->line < b->line);
}

bool hit_table_push(struct hit_table *table, const struct hit_place *place)
{
	if (table->count == table->cap && !grow(table))
		return false;
	table->places[table->count++] = *place;
	return true;
}

static void sort_few(struct hit_place *places, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct hit_place place = places[i];
		size_t at = i;

		for (; at > 0 && is_before(&place, &places[at - 1]); at--)
			places[at] = places[at - 1];
		places[at] = place;
	}
}

/* Merges from[0, middle) and from[middle, count) to `to`. */
static void merge(const struct hit_place *from, size_t middle, size_t count, struct hit_place *to)
{
	size_t left = 0, right = middle;

	for (size_t i = 0; i < count; i++) {
		if (right == count || (left < middle && !is_before(&from[right], &from[left])))
			to[i] = from[left++];
		else
			to[i] = from[right++];
	}
}

static void join_doubles(struct hit_table *table)
{
	struct hit_place *places = table->places;
	size_t kept = 0;

	for (size_t i = 1; i < table->count; i++) {
		if (is_before(&places[kept], &places[i])) {
			places[++kept] = places[i];
		} else {
			places[kept].hits += places[i].hits;
			places[kept].calls += places[i].calls;
		}
	}
	table->count = kept + 1;
}

/* qsort() would take five times as long for the hundred places of a block. */
void hit_table_sort(struct hit_table *table)
{
	struct hit_place *from = table->places, *to = from + table->cap, *swap;
	size_t count = table->count;

	if (count < 2)
		return;
	for (size_t low = 0; low < count; low += SORT_FEW)
		sort_few(from + low, count - low < SORT_FEW ? count - low : SORT_FEW);
	for (size_t width = SORT_FEW; width < count; width *= 2) {
		for (size_t low = 0; low < count; low += 2 * width) {
			size_t left = count - low;

			merge(from + low, left < width ? left : width,
				left < 2 * width ? left : 2 * width, to + low);
		}
		swap = from;
		from = to;
		to = swap;
	}
	if (from != table->places)
		memcpy(table->places, from, count * sizeof(*from));
	join_doubles(table);
}

size_t hit_table_first(const struct hit_table *table, uint64_t file)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->places[middle].file < file)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void hit_table_clear(struct hit_table *table)
{
	if (table->count)
		memset(table->slots, 0, table->slot_cap * sizeof(*table->slots));
	table->count = 0;
}

void hit_table_release(struct hit_table *table)
{
	free(table->places);
	free(table->slots);
	*table = (struct hit_table){0};
}

size_t hit_table_bytes(const struct hit_table *table)
{
	return 2 * table->cap * sizeof(*table->places) + table->slot_cap * sizeof(*table->slots);
}

/* Lines as differences. The sign of the hits tells whether calls follow, which few lines
 * have. */
static void put_places(const struct hit_place *places, size_t count, struct buf *value)
{
	int64_t line = 0;
	uint8_t *out;

	if (buf_reserve(value, count * 3 * AVRO_LONG_MAX_BYTES) < 0)
		return;
	out = value->data + value->len;
	for (size_t i = 0; i < count; i++) {
		out = avro_put_long(out, (int64_t)((uint64_t)places[i].line - (uint64_t)line));
		out = avro_put_long(out, places[i].calls ? ~places[i].hits : places[i].hits);
		if (places[i].calls)
			out = avro_put_long(out, places[i].calls);
		line = places[i].line;
	}
	value->len = (size_t)(out - value->data);
}

/* A file: its hash, the length of its places, these. */
static void put_files(const struct hit_table *table, struct buf *value)
{
	struct buf places = {0};

	for (size_t from = 0, to; from < table->count; from = to) {
		uint64_t file = table->places[from].file;

		for (to = from + 1; to < table->count && table->places[to].file == file;)
			to++;
		buf_clear(&places);
		put_places(table->places + from, to - from, &places);
		value->failed |= places.failed;
		for (int i = 0; i < 8; i++)
			buf_byte(value, (uint8_t)(file >> (56 - 8 * i)));
		avro_buf_bytes(value, places.data, places.len);
	}
	buf_release(&places);
}

void hit_entry_encode(
	const struct hit_entry *entry, const struct hit_table *places, struct buf *value)
{
	int64_t mask = 0;

	buf_clear(value);
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		mask |= entry->kinds[kind] ? INT64_C(1) << kind : 0;
	avro_buf_long(value, entry->last);
	avro_buf_long(value, mask << 1 | entry->has_places);
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		if (entry->kinds[kind])
			avro_buf_long(value, entry->kinds[kind]);
	}
	if (entry->has_places)
		put_files(places, value);
}

bool hit_entry_decode(struct slice value, struct hit_entry *entry)
{
	struct avro_in in = avro_in(value);
	int64_t mask;

	*entry = (struct hit_entry){0};
	if (!avro_get_long(&in, &entry->last) || !avro_get_long(&in, &mask) || mask < 0)
		return false;
	entry->has_places = mask & 1;
	mask >>= 1;
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		if (mask >> kind & 1 && !avro_get_long(&in, &entry->kinds[kind]))
			return false;
	}
	entry->files = (struct slice){in.at, (size_t)(in.end - in.at)};
	return mask >> EVENT_KINDS == 0;
}

int hit_entry_next_file(struct slice *files, uint64_t *file, struct slice *places)
{
	struct avro_in in = avro_in(*files);
	uint8_t hash[8];

	if (files->len == 0)
		return 0;
	if (!avro_get_fixed(&in, hash, sizeof(hash)) || !avro_get_bytes(&in, places))
		return -1;
	*file = 0;
	for (int i = 0; i < 8; i++)
		*file = *file << 8 | hash[i];
	*files = (struct slice){in.at, (size_t)(in.end - in.at)};
	return 1;
}

int hit_entry_next_place(struct slice *places, struct hit_place *place)
{
	struct avro_in in = avro_in(*places);
	int64_t step;

	if (places->len == 0)
		return 0;
	if (!avro_get_long(&in, &step) || !avro_get_long(&in, &place->hits))
		return -1;
	place->calls = 0;
	if (place->hits < 0) {
		place->hits = ~place->hits;
		if (!avro_get_long(&in, &place->calls))
			return -1;
	}
	place->line = (int64_t)((uint64_t)place->line + (uint64_t)step);
	*places = (struct slice){in.at, (size_t)(in.end - in.at)};
	return 1;
}
