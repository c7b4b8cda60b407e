#include "materializer/block_facts.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define INDEX_MIN 256
#define INDEX_KEEP (64 * 1024)

struct facts_reader {
	struct block_skimmer *skimmer;
	struct place *places;
	uint32_t *index; /* place + 1, by hash; at most half full */
	size_t place_cap, index_cap;
	uint64_t *files;
	size_t file_cap;
	struct block_facts facts;
};

struct facts_reader *facts_reader_new(void)
{
	struct facts_reader *reader = calloc(1, sizeof(*reader));

	if (reader)
		reader->skimmer = block_skimmer_new();
	if (reader && reader->skimmer)
		return reader;
	facts_reader_free(reader);
	return NULL;
}

void facts_reader_free(struct facts_reader *reader)
{
	if (!reader)
		return;
	block_skimmer_free(reader->skimmer);
	free(reader->places);
	free(reader->index);
	free(reader->files);
	free(reader);
}

static inline size_t hash_of(int64_t line, uint32_t code, uint32_t thread)
{
	uint64_t bits = (uint64_t)line ^ (uint64_t)code << 32 ^ (uint64_t)thread << 48;

	return (size_t)(bits * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* Where in the index the place is, or would be. */
static inline uint32_t *index_of(
	struct facts_reader *reader, int64_t line, uint32_t code, uint32_t thread)
{
	size_t mask = reader->index_cap - 1;
	size_t at = hash_of(line, code, thread) & mask;

	while (reader->index[at]) {
		const struct place *place = &reader->places[reader->index[at] - 1];

		if (place->line == line && place->code == code && place->thread == thread)
			break;
		at = (at + 1) & mask;
	}
	return &reader->index[at];
}

static bool index_resize(struct facts_reader *reader, size_t cap)
{
	struct place *places = realloc(reader->places, cap / 2 * sizeof(*places));
	uint32_t *index;

	if (!places)
		return false;
	reader->places = places;
	reader->place_cap = cap / 2;
	index = calloc(cap, sizeof(*index));
	if (!index)
		return false;
	free(reader->index);
	reader->index = index;
	reader->index_cap = cap;
	for (size_t i = 0; i < reader->facts.place_count; i++)
		*index_of(reader, places[i].line, places[i].code, places[i].thread) =
			(uint32_t)i + 1;
	return true;
}

static bool begin(struct facts_reader *reader)
{
	size_t before = reader->facts.place_count;

	reader->facts.place_count = 0;
	if (reader->index_cap == 0 || reader->index_cap > INDEX_KEEP)
		return index_resize(reader, INDEX_MIN);
	if (before)
		memset(reader->index, 0, reader->index_cap * sizeof(*reader->index));
	return true;
}

static bool add_place(struct facts_reader *reader, const struct skim_event *event, uint32_t code)
{
	size_t count = reader->facts.place_count;

	if (count == reader->place_cap && !index_resize(reader, reader->index_cap * 2))
		return false;
	reader->places[count] = (struct place){event->line, code, event->thread, 0, 0};
	*index_of(reader, event->line, code, event->thread) = (uint32_t)count + 1;
	reader->facts.place_count++;
	return true;
}

/* The place of an event in a frame; NULL: out of memory. */
static inline struct place *place_of(struct facts_reader *reader, const struct skim_event *event)
{
	uint32_t code = reader->facts.skim->frames[event->frame].code;
	uint32_t found = *index_of(reader, event->line, code, event->thread);

	if (!found) {
		if (!add_place(reader, event, code))
			return NULL;
		found = (uint32_t)reader->facts.place_count;
	}
	return &reader->places[found - 1];
}

static bool gather_places(struct facts_reader *reader)
{
	const struct block_skim *skim = reader->facts.skim;
	uint32_t *kinds = reader->facts.kinds;

	memset(kinds, 0, sizeof(reader->facts.kinds));
	for (size_t i = reader->facts.first; i < (size_t)skim->head.event_count; i++) {
		const struct skim_event *event = &skim->events[i];
		struct place *place;

		kinds[event->kind]++;
		if (event->frame == SKIM_NONE)
			continue;
		place = place_of(reader, event);
		if (!place)
			return false;
		place->lines += event->kind == EVENT_LINE;
		place->calls += event->kind == EVENT_CALL;
	}
	return true;
}

/* Codes that follow each other mostly are of one file. */
static bool hash_files(struct facts_reader *reader)
{
	const struct block_skim *skim = reader->facts.skim;

	if (reader->file_cap < skim->code_count) {
		uint64_t *files = reallocarray(reader->files, skim->code_count, sizeof(*files));

		if (!files)
			return false;
		reader->files = files;
		reader->file_cap = skim->code_count;
	}
	for (size_t i = 0; i < skim->code_count; i++) {
		struct slice file = skim->codes[i].file;

		if (i > 0 && file.data == skim->codes[i - 1].file.data)
			reader->files[i] = reader->files[i - 1];
		else
			reader->files[i] = XXH3_64bits(file.data, file.len);
	}
	return true;
}

int facts_read(struct facts_reader *reader, struct slice body, int64_t from_seq,
	const struct block_facts **facts, struct err *err)
{
	struct block_facts *made = &reader->facts;
	const struct block_head *head;
	int rc = block_skimmer_read(reader->skimmer, body, &made->skim, err);

	if (rc < 0)
		return rc;
	head = &made->skim->head;
	made->first = from_seq > head->first_seq ? (size_t)(from_seq - head->first_seq) : 0;
	if (made->first > (size_t)head->event_count)
		made->first = (size_t)head->event_count;
	if (!begin(reader) || !gather_places(reader) || !hash_files(reader))
		return err_set(err, ERR_MEMORY, "block: out of memory");
	made->places = reader->places;
	made->files = reader->files;
	*facts = made;
	return 0;
}
