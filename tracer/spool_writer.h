/*
 * spool_writer: the tracer's side of a spool file (layout and rules: schemas/chunk.h).
 *
 * Appends records to mapped chunks of a file that the shipper has made. Runs inside the
 * traced program with the GIL held, so that there is only one caller at a time; takes no
 * lock, starts no thread. Chunks that were written stay mapped (SPOOL_FREE_CHUNKS, 4 MiB), for when
 * they come back from the shipper: a page's first use costs 3 us, as much as some 70 events, of
 * which 400 fit on it. Nothing here touches Python.
 */
#ifndef SMILEY_TRACER_SPOOL_WRITER_H
#define SMILEY_TRACER_SPOOL_WRITER_H

#include "schemas/chunk.h"
#include "schemas/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool_writer {
	int fd;
	char *path; /* to open it again, should the program have closed all descriptors */
	uint64_t device, inode;
	struct spool_header *header;  /* mapped for good; NULL: closed */
	struct chunk_header *chunk;   /* mapped; NULL before the first */
	uint64_t chunk_at;            /* its file offset */
	size_t used;                  /* bytes of the chunk that hold records */
	struct record_header *record; /* the growing block; NULL: none */
	uint64_t written;             /* file offset behind the last chunk */
	/* Chunks of CHUNK_BYTES written before, by their file offsets; 0: none. */
	struct spool_kept_chunk {
		uint64_t at;
		struct chunk_header *chunk;
	} kept[SPOOL_FREE_CHUNKS];
	int next_kept; /* whose place the next one takes */
};

/* Opens and checks the spool, and says in its header who writes it. */
int spool_writer_open(struct spool_writer *writer, const char *path, struct err *err);

/* Begins a growing block record with room for `room` bytes of payload in its chunk: makes
 * a new chunk when this one has less. ERR_LIMIT: the spool is full and its policy is to
 * drop, or nobody empties it; ERR_IO: the disk is full. Returns the payload in *payload,
 * and how much may be written there in *limit. */
int spool_writer_block(struct spool_writer *writer, size_t room, int64_t first_seq, int64_t base_ns,
	uint8_t **payload, size_t *limit);

/* Makes what the block has by now visible to the shipper (record_header.filled). */
static inline void spool_writer_commit(struct spool_writer *writer, uint64_t filled)
{
	atomic_store_explicit(&writer->record->filled, filled, memory_order_release);
}

/* Closes the growing block, if any. */
void spool_writer_close_block(struct spool_writer *writer);

/* Writes one whole record made of two parts; no block may be growing. */
int spool_writer_record(struct spool_writer *writer, enum record_kind kind, const void *head,
	size_t head_len, const void *tail, size_t tail_len);

/* The tracer's last word. The mapping stays: a late thread may still run. */
void spool_writer_finish(struct spool_writer *writer);

/* Around exec: says that this process is about to become another program, or that it has not.
 * The process id and its start stay the same, so that a lock tells who writes: it goes with
 * the descriptor, which exec closes. */
void spool_writer_replace(struct spool_writer *writer, bool begins);

/* In a forked child: forgets the file without touching what the parent writes. */
void spool_writer_abandon(struct spool_writer *writer);

#endif
