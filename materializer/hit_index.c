#include "materializer/hit_index.h"

#include <stdlib.h>

#include "materializer/key.h"

/* An entry in the making. */
struct sum {
	struct hit_entry entry;
	struct hit_table table;
	int64_t first;   /* number of the first block */
	size_t children; /* entries of the level below that are in it */
	bool too_many;   /* places */
};

struct hit_index {
	struct run_id run;
	struct sum sums[HIT_LEVELS]; /* by level; that of the first is not used */
};

void hit_scratch_release(struct hit_scratch *scratch)
{
	hit_table_release(&scratch->table);
	buf_release(&scratch->key);
	buf_release(&scratch->value);
}

struct hit_index *hit_index_new(const struct run_id *run)
{
	struct hit_index *index = calloc(1, sizeof(*index));

	if (index)
		index->run = *run;
	return index;
}

void hit_index_free(struct hit_index *index)
{
	if (!index)
		return;
	for (int level = 0; level < HIT_LEVELS; level++)
		hit_table_release(&index->sums[level].table);
	free(index);
}

size_t hit_index_bytes(const struct hit_index *index)
{
	size_t bytes = index ? sizeof(*index) : 0;

	for (int level = 0; index && level < HIT_LEVELS; level++)
		bytes += hit_table_bytes(&index->sums[level].table);
	return bytes;
}

static int no_memory(struct err *err)
{
	return err_set(err, ERR_MEMORY, "hits: out of memory");
}

static void sum_clear(struct sum *sum)
{
	hit_table_clear(&sum->table);
	memset(&sum->entry, 0, sizeof(sum->entry));
	sum->children = 0;
	sum->too_many = false;
}

static int add_place(struct sum *sum, const struct hit_place *place, struct err *err)
{
	struct hit_place *to = hit_table_place(&sum->table, place->file, place->line);

	if (!to)
		return no_memory(err);
	to->hits += place->hits;
	to->calls += place->calls;
	if (sum->table.count > HIT_PLACES_MAX) {
		sum->too_many = true;
		hit_table_release(&sum->table);
	}
	return 0;
}

/* Takes note of an entry of the level below; its places are added by the caller. */
static void add_entry(struct sum *sum, const struct hit_entry *entry, int64_t first)
{
	if (sum->children++ == 0)
		sum->first = first;
	sum->entry.last = entry->last;
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		sum->entry.kinds[kind] += entry->kinds[kind];
	if (!entry->has_places) {
		sum->too_many = true;
		hit_table_release(&sum->table);
	}
}

static int add_places(struct sum *sum, const struct hit_table *table, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < table->count && rc == 0 && !sum->too_many; i++)
		rc = add_place(sum, &table->places[i], err);
	return rc;
}

static int put_entry(struct hit_scratch *scratch, struct store *store, struct key_parts parts,
	const struct hit_entry *entry, struct hit_table *table, struct err *err)
{
	hit_table_sort(table);
	hit_entry_encode(entry, table, &scratch->value);
	store_put(store, STORE_INDEX, key_encode(KEY_HITS, &parts, &scratch->key),
		buf_slice(&scratch->value));
	return scratch->key.failed || scratch->value.failed ? no_memory(err) : 0;
}

/* Puts the sums that are full, and adds each to the one above it. */
static int put_full(
	struct hit_index *index, struct hit_scratch *scratch, struct store *store, struct err *err)
{
	struct key_parts parts = {.run = index->run};
	int rc = 0;

	for (int level = 1; level < HIT_LEVELS && rc == 0; level++) {
		struct sum *sum = &index->sums[level], *above = sum + 1;

		if (sum->children < HIT_FANOUT)
			return 0;
		sum->entry.has_places = !sum->too_many;
		parts.level = level;
		parts.number = sum->first;
		rc = put_entry(scratch, store, parts, &sum->entry, &sum->table, err);
		if (rc == 0 && level + 1 < HIT_LEVELS) {
			add_entry(above, &sum->entry, sum->first);
			rc = add_places(above, &sum->table, err);
		}
		sum_clear(sum);
	}
	return rc;
}

/* The places of a block by their files. */
static int gather(struct hit_table *table, const struct block_facts *facts, struct err *err)
{
	hit_table_clear(table);
	for (size_t i = 0; i < facts->place_count; i++) {
		const struct place *place = &facts->places[i];
		struct hit_place hits = {
			facts->files[place->code], place->line, place->lines, place->calls};

		if ((hits.hits || hits.calls) && !hit_table_push(table, &hits))
			return no_memory(err);
	}
	return 0;
}

int hit_index_add(struct hit_index *index, struct hit_scratch *scratch, struct store *store,
	const struct block_facts *facts, int64_t block, struct err *err)
{
	struct key_parts parts = {.run = index->run, .number = block};
	struct hit_entry entry = {.last = block, .has_places = true};
	struct hit_table *table = &scratch->table;
	int rc = gather(table, facts, err);

	for (int kind = 0; kind < EVENT_KINDS; kind++)
		entry.kinds[kind] = facts->kinds[kind];
	if (rc == 0)
		rc = put_entry(scratch, store, parts, &entry, table, err);
	if (rc == 0) {
		add_entry(&index->sums[1], &entry, block);
		rc = add_places(&index->sums[1], table, err);
	}
	return rc == 0 ? put_full(index, scratch, store, err) : rc;
}

static int damaged(struct err *err)
{
	return err_set(
		err, ERR_FORMAT, "an entry of the hits is damaged, `smiley rebuild` makes it anew");
}

static int add_stored(struct sum *sum, int64_t first, struct slice value, struct err *err)
{
	struct hit_place place;
	struct hit_entry entry;
	struct slice places;
	int rc = 1;

	if (!hit_entry_decode(value, &entry))
		return damaged(err);
	add_entry(sum, &entry, first);
	while (!sum->too_many &&
		(rc = hit_entry_next_file(&entry.files, &place.file, &places)) == 1) {
		place.line = 0;
		while (!sum->too_many && (rc = hit_entry_next_place(&places, &place)) == 1) {
			if (add_place(sum, &place, err) < 0)
				return ERR_MEMORY;
		}
		if (rc < 0)
			break;
	}
	return rc < 0 ? damaged(err) : 0;
}

/* Sums up the entries of a level behind block *last, which becomes the last that an entry of
 * the level is about. */
static int resume_level(struct hit_index *index, struct hit_scratch *scratch, struct store *store,
	int level, int64_t *last, struct err *err)
{
	struct key_parts parts = {.run = index->run, .level = level};
	struct store_iter *iter =
		store_iter_new(store, STORE_INDEX, key_prefix(KEY_HITS, &parts, 2, &scratch->key));
	struct hit_entry entry;
	int rc;

	if (!iter)
		return no_memory(err);
	parts.number = *last + 1;
	rc = store_iter_seek(iter, key_encode(KEY_HITS, &parts, &scratch->key), err);
	for (; rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_HITS, store_iter_key(iter), &parts) ||
			!hit_entry_decode(store_iter_value(iter), &entry)) {
			rc = damaged(err);
			break;
		}
		*last = entry.last;
		if (level + 1 == HIT_LEVELS)
			continue;
		rc = add_stored(&index->sums[level + 1], parts.number, store_iter_value(iter), err);
		if (rc < 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

int hit_index_resume(
	struct hit_index *index, struct hit_scratch *scratch, struct store *store, struct err *err)
{
	int64_t last = -1;
	int rc = 0;

	for (int level = HIT_LEVELS - 1; level >= 0 && rc == 0; level--)
		rc = resume_level(index, scratch, store, level, &last, err);
	return rc;
}
