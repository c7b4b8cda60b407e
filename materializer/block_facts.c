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
	free(reader->files);
	free(reader);
}

/* The lines of a function come to lie one behind the other. */
static inline size_t hash_of(int64_t line, uint32_t code, uint32_t thread)
{
	return (size_t)((uint64_t)line + code * UINT64_C(0x9e3779b1) +
			thread * UINT64_C(0x85ebca77));
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
	uint32_t *index;

	if (!places)
		return false;
	reader->places = places;
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
	*index_of(reader, event, code) = (uint32_t)count + 1;
	return (uint32_t)++reader->facts.place_count;
}

/* Counts lines of one frame that follow each other, up to one whose place is not found at once;
 * returns the event behind them. */
static const struct skim_event *count_lines(struct facts_reader *reader,
	const struct skim_event *event, const struct skim_event *end, uint32_t code)
{
	const uint32_t *const index = reader->index;
	struct place *const places = reader->places;
	const size_t mask = reader->index_cap - 1;
	const uint32_t frame = event->frame, thread = event->thread;
	const size_t hash = hash_of(0, code, thread);
	const struct skim_event *const first = event;

	for (; event < end && event->frame == frame && event->kind == EVENT_LINE; event++) {
		uint32_t at = index[(hash + (size_t)event->line) & mask];

		if (!at || places[at - 1].line != event->line || places[at - 1].code != code ||
			places[at - 1].thread != thread)
			break;
		places[at - 1].lines++;
	}
	reader->facts.kinds[EVENT_LINE] += (uint32_t)(event - first);
	return event;
}

/* Any event. */
static bool count_event(struct facts_reader *reader, const struct skim_event *event)
{
	uint32_t at, code;

	reader->facts.kinds[event->kind]++;
	if (event->frame == SKIM_NONE)
		return true;
	code = reader->facts.skim->frames[event->frame].code;
	at = *index_of(reader, event, code);
	if (!at)
		at = add_place(reader, event, code);
	if (!at)
		return false;
	reader->places[at - 1].lines += event->kind == EVENT_LINE;
	reader->places[at - 1].calls += event->kind == EVENT_CALL;
	return true;
}

static bool gather_places(struct facts_reader *reader)
{
	const struct block_skim *skim = reader->facts.skim;
	const struct skim_event *event = skim->events + reader->facts.first;
	const struct skim_event *end = skim->events + skim->head.event_count;

	memset(reader->facts.kinds, 0, sizeof(reader->facts.kinds));
	while (event < end) {
		if (event->kind == EVENT_LINE)
			event = count_lines(reader, event, end, skim->frames[event->frame].code);
		if (event < end && !count_event(reader, event++))
			return false;
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
