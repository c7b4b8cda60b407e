#include "ingest/spool_internal.h"

#include <fcntl.h>
#include <stdlib.h>

/* So many are kept at once; fewer appends than that are let on their way. */
#define NOTES 1024
#define NOTES_ROOM 768

static struct spool_note *note_at(const struct spool *spool, size_t index)
{
	return &spool->notes[(spool->notes_first + index) % NOTES];
}

/* The tracer may have the chunk again; when it has enough of them, the disk. */
static void give_back(struct spool *spool, uint64_t chunk_at, size_t bytes)
{
	for (int i = 0; i < SPOOL_FREE_CHUNKS && bytes == CHUNK_BYTES; i++) {
		uint64_t none = 0;

		if (atomic_compare_exchange_strong(&spool->header->free_chunks[i], &none, chunk_at))
			return;
	}
	/* Where it is not supported the space comes back at the end. */
	(void)fallocate(spool->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)chunk_at,
		(off_t)bytes);
}

static void apply(struct spool *spool, const struct spool_note *note)
{
	struct spool_header *header = spool->header;

	atomic_store(&header->shipped_seq, note->seq);
	atomic_store(&header->shipped_chunk, note->chunk);
	atomic_store(&header->shipped_offset, note->offset);
	atomic_store(&header->shipped_failure, note->failure);
	atomic_store(&header->started_shipped, note->started);
	atomic_store(&header->shipped_bytes, note->bytes);
	if (note->done_bytes)
		give_back(spool, note->done_at, note->done_bytes);
}

static void add(struct spool *spool, const struct spool_note *note)
{
	struct spool_note *last =
		spool->notes_count ? note_at(spool, spool->notes_count - 1) : NULL;

	if (!spool->notes)
		spool->notes = calloc(NOTES, sizeof(*spool->notes));
	/* Without memory nothing is noted, and shipped again should it come to that. */
	if (!spool->notes)
		return;
	if (last && last->number == note->number && !last->done_bytes) {
		*last = *note;
		return;
	}
	/* Never with who asks spool_notes_room() first: the space comes back at the end. */
	if (spool->notes_count == NOTES) {
		*last = *note;
		return;
	}
	*note_at(spool, spool->notes_count++) = *note;
}

void spool_note(struct spool *spool, uint64_t done_at, size_t done_bytes)
{
	const struct spool_note note = {
		.number = spool->appended,
		.seq = spool->seq,
		.chunk = spool->chunk_at,
		.offset = spool->chunk_at + spool->at,
		.bytes = spool->left_bytes + spool->at,
		.failure = spool->failure,
		.started = spool->started,
		.done_at = done_at,
		.done_bytes = done_bytes,
	};

	if (spool->notes_count == 0 && note.number <= spool->acknowledged)
		apply(spool, &note);
	else
		add(spool, &note);
}

void spool_acknowledge(struct spool *spool, uint64_t acknowledged)
{
	spool->acknowledged = acknowledged;
	while (spool->notes_count > 0 && note_at(spool, 0)->number <= acknowledged) {
		apply(spool, note_at(spool, 0));
		spool->notes_first = (spool->notes_first + 1) % NOTES;
		spool->notes_count--;
	}
}

bool spool_notes_room(const struct spool *spool)
{
	return spool->notes_count < NOTES_ROOM;
}
