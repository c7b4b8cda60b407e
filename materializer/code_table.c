#include "materializer/code_table.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct entry {
	uint64_t hash;
	struct slice text; /* function of a code, path of a file; owned */
	int64_t line;      /* of a code; 0: of a file */
	int64_t file;      /* of a code */
};

/* Entries in the order in which they came, and where they are by hash. */
struct names {
	struct entry *entries;
	size_t count, cap;
	int64_t *places; /* open addressing, at most half full; -1: empty */
	size_t place_cap;
};

struct code_table {
	struct names files, codes;
};

struct code_table *code_table_new(void)
{
	return calloc(1, sizeof(struct code_table));
}

static void names_release(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free((void *)(uintptr_t)names->entries[i].text.data);
	free(names->entries);
	free(names->places);
}

void code_table_free(struct code_table *table)
{
	if (!table)
		return;
	names_release(&table->files);
	names_release(&table->codes);
	free(table);
}

static int64_t *place_of(const struct names *names, const struct entry *wanted)
{
	size_t at = (size_t)wanted->hash & (names->place_cap - 1);

	while (names->places[at] >= 0) {
		const struct entry *entry = &names->entries[names->places[at]];

		if (entry->hash == wanted->hash && entry->line == wanted->line &&
			entry->file == wanted->file && slice_equal(entry->text, wanted->text))
			break;
		at = (at + 1) & (names->place_cap - 1);
	}
	return &names->places[at];
}

static int grow(struct names *names)
{
	size_t cap = names->cap ? names->cap * 2 : 64;
	struct entry *entries = realloc(names->entries, cap * sizeof(*entries));
	int64_t *places;

	if (!entries)
		return ERR_MEMORY;
	names->entries = entries;
	places = malloc(2 * cap * sizeof(*places));
	if (!places)
		return ERR_MEMORY;
	memset(places, 0xff, 2 * cap * sizeof(*places));
	free(names->places);
	names->places = places;
	names->place_cap = 2 * cap;
	names->cap = cap;
	for (size_t i = 0; i < names->count; i++)
		*place_of(names, &entries[i]) = (int64_t)i;
	return 0;
}

static int64_t names_add(struct names *names, const struct entry *wanted, struct err *err)
{
	int64_t *place;
	uint8_t *text;

	if (names->count) {
		place = place_of(names, wanted);
		if (*place >= 0)
			return *place;
	}
	text = malloc(wanted->text.len + 1);
	if (!text || (names->count == names->cap && grow(names) < 0)) {
		free(text);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	if (wanted->text.len)
		memcpy(text, wanted->text.data, wanted->text.len);
	place = place_of(names, wanted);
	*place = (int64_t)names->count;
	names->entries[names->count] = *wanted;
	names->entries[names->count].text.data = text;
	return (int64_t)names->count++;
}

int64_t code_table_add(struct code_table *table, const struct code *code, struct err *err)
{
	struct entry file = {
		.hash = XXH3_64bits(code->file.data, code->file.len), .text = code->file};
	struct entry entry = {.text = code->function, .line = code->line};

	entry.file = names_add(&table->files, &file, err);
	if (entry.file < 0)
		return entry.file;
	entry.hash = XXH3_64bits_withSeed(code->function.data, code->function.len,
		(uint64_t)entry.line << 32 ^ (uint64_t)entry.file);
	return names_add(&table->codes, &entry, err);
}

int64_t code_table_count(const struct code_table *table)
{
	return (int64_t)table->codes.count;
}

struct code code_table_get(const struct code_table *table, int64_t number)
{
	const struct entry *entry = &table->codes.entries[number];

	return (struct code){
		.file = table->files.entries[entry->file].text,
		.function = entry->text,
		.line = entry->line,
	};
}

int64_t code_table_file(const struct code_table *table, int64_t number)
{
	return table->codes.entries[number].file;
}

int64_t code_table_files(const struct code_table *table)
{
	return (int64_t)table->files.count;
}

struct slice code_table_file_path(const struct code_table *table, int64_t file)
{
	return table->files.entries[file].text;
}
