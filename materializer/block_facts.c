#include "materializer/block_facts.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define INDEX_MIN 256
#define INDEX_KEEP (64 * 1024)

struct facts_reader {
	struct block_skimmer *skimmer;
	struct place *places;
	uint32_t *index;   /* place + 1, by hash; at most half full */
	uint32_t *follows; /* by place + 1: place + 1 that came behind it the last time */
	size_t index_cap;
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
	free(reader->follows);
	free(reader->files);
	free(reader);
}

static inline size_t hash_of(int64_t line, uint32_t code, uint32_t thread)
{
	uint64_t bits = (uint64_t)line ^ (uint64_t)code << 32 ^ (uint64_t)thread << 48;

	return (size_t)(bits * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static inline bool is_at(const struct place *place, const struct skim_event *event, uint32_t code)
{
	return place->line == event->line && place->code == code && place->thread == event->thread;
}

/* Where in the index the event's place is, or would be. */
static inline uint32_t *index_of(
	struct facts_reader *reader, const struct skim_event *event, uint32_t code)
{
	size_t mask = reader->index_cap - 1;
	size_t at = hash_of(event->line, code, event->thread) & mask;

	while (reader->index[at] && !is_at(&reader->places[reader->index[at] - 1], event, code))
		at = (at + 1) & mask;
	return &reader->index[at];
}

static bool index_resize(struct facts_reader *reader, size_t cap)
{
	struct place *places = realloc(reader->places, cap / 2 * sizeof(*places));
	uint32_t *follows, *index;

	if (!places)
		return false;
	reader->places = places;
	follows = realloc(reader->follows, (cap / 2 + 1) * sizeof(*follows));
	if (!follows)
		return false;
	reader->follows = follows;
	index = calloc(cap, sizeof(*index));
	if (!index)
		return false;
	free(reader->index);
	reader->index = index;
	reader->index_cap = cap;
	for (size_t i = 0; i < reader->facts.place_count; i++) {
		struct skim_event there = {.line = places[i].line, .thread = places[i].thread};

		*index_of(reader, &there, places[i].code) = (uint32_t)i + 1;
	}
	return true;
}

static bool begin(struct facts_reader *reader)
{
	size_t before = reader->facts.place_count;

	reader->facts.place_count = 0;
	if (reader->index_cap == 0 || reader->index_cap > INDEX_KEEP) {
		if (!index_resize(reader, INDEX_MIN))
			return false;
	} else if (before) {
		memset(reader->index, 0, reader->index_cap * sizeof(*reader->index));
	}
	reader->follows[0] = 0;
	return true;
}

/* The number of a new place, plus one; 0: out of memory. */
static uint32_t add_place(
	struct facts_reader *reader, const struct skim_event *event, uint32_t code)
{
	size_t count = reader->facts.place_count;

	if (count == reader->index_cap / 2 && !index_resize(reader, reader->index_cap * 2))
		return 0;
	reader->places[count] = (struct place){event->line, code, event->thread, 0, 0};
	reader->follows[count + 1] = 0;
	*index_of(reader, event, code) = (uint32_t)count + 1;
	return (uint32_t)++reader->facts.place_count;
}

/* The place of an event in a frame, plus one, behind that of the event before; 0: out of
 * memory. */
static uint32_t find_place(
	struct facts_reader *reader, const struct skim_event *event, uint32_t code, uint32_t before)
{
	uint32_t found = *index_of(reader, event, code);

	if (!found)
		found = add_place(reader, event, code);
	reader->follows[before] = found;
	return found;
}

/* An event mostly is at the place that followed the one before the last time, too. */
static bool gather_places(struct facts_reader *reader)
{
	const struct block_skim *skim = reader->facts.skim;
	const struct skim_event *event = skim->events + reader->facts.first;
	const struct skim_event *end = skim->events + skim->head.event_count;
	uint32_t *kinds = reader->facts.kinds, at = 0, frame = SKIM_NONE, code = 0;

	memset(kinds, 0, sizeof(reader->facts.kinds));
	for (; event < end; event++) {
		uint32_t next = reader->follows[at];

		kinds[event->kind]++;
		if (event->frame == SKIM_NONE)
			continue;
		if (event->frame != frame) {
			frame = event->frame;
			code = skim->frames[frame].code;
		}
		if (next && is_at(&reader->places[next - 1], event, code))
			at = next;
		else
			at = find_place(reader, event, code, at);
		if (!at)
			return false;
		if (event->kind == EVENT_LINE)
			reader->places[at - 1].lines++;
		else
			reader->places[at - 1].calls += event->kind == EVENT_CALL;
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
