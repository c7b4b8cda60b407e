/*
 * spool_internal: reads a spool that another process may be writing, or died writing.
 *
 * Nothing in the file is believed: every offset and length is held against the file's size
 * before it is used, so that a damaged spool is ERR_FORMAT, never SIGBUS.
 */
#ifndef SMILEY_INGEST_SPOOL_INTERNAL_H
#define SMILEY_INGEST_SPOOL_INTERNAL_H

#include "ingest/spool.h"

#include <dirent.h>
#include <stdbool.h>

/* *entries: NULL where there is no such directory, which is no error. */
int spool_dir_open(const char *dir, DIR **entries, struct err *err);
/* Of a file in it: is it a spool's? */
bool spool_is_name(const char *name);

struct spool {
	int fd; /* locked; -1: closed */
	struct spool_header *header;
	uint64_t chunk_at; /* file offset of the chunk being read, or where it will be */
	const struct chunk_header *chunk; /* in the window; NULL: not yet */
	size_t chunk_bytes;
	uint8_t *window; /* the part of the file that is mapped; NULL: none is */
	uint64_t window_at;
	size_t window_bytes;
	bool behind_one; /* a chunk has been left, and `number` is the next one's */
	uint32_t number;
	uint64_t left_bytes; /* of the chunks left, by this shipper and those before it */
	uint32_t at;         /* of the next record in the chunk */
	bool chunk_kept;     /* something in it is needed later: no hole is punched */
	bool writer_gone;    /* set by who knows: what is there is all there will be */
	uint64_t resume;     /* in the first chunk: file offset of what is not in the log */
	/* How far the spool is appended to the log, ahead of the header's shipped_*: */
	int64_t seq;      /* all events before this one */
	uint32_t started; /* as started_shipped */
	uint64_t failure; /* as shipped_failure */
	/* Numbers of the log's appends (log_appended()): */
	uint64_t appended;        /* the last one of this spool */
	uint64_t acknowledged;    /* so many are safe */
	struct spool_note *notes; /* a ring, made when first needed */
	size_t notes_first, notes_count;
};

/* What the header is to say once an append is acknowledged, and the chunk that is done with. */
struct spool_note {
	uint64_t number;
	int64_t seq;
	uint64_t chunk, offset, bytes, failure;
	uint32_t started;
	uint64_t done_at;
	size_t done_bytes; /* 0: none */
};

/* One record as it stands now. payload is borrowed from the mapping and, in a block that
 * is not final, may grow but not change. */
struct spool_record {
	enum record_kind kind;
	struct slice payload;
	int64_t items, events, first_seq, base_ns;
	bool final; /* will not grow any more */
};

/* Locks and maps. ERR_BUSY: another process has it; ERR_NOT_FOUND: it is gone; ERR_FORMAT:
 * not a spool. */
int spool_open(struct spool *spool, const char *path, struct err *err);
void spool_close(struct spool *spool);

/* Renames a damaged spool: out of the way, but kept for who wants to know. *bad: its new name. False:
 * it stays. */
bool spool_set_aside(const char *path, struct buf *bad);

/* 1: the record at the cursor. 0: there is none now. ERR_FORMAT: the spool is damaged. */
int spool_peek(struct spool *spool, struct spool_record *record, struct err *err);

/* Notes in the header how far the log has got, and gives a chunk back: now, or once the last
 * append is acknowledged. */
void spool_note(struct spool *spool, uint64_t done_at, size_t done_bytes);
/* The log's first `acknowledged` appends are safe. */
void spool_acknowledge(struct spool *spool, uint64_t acknowledged);
/* False: enough is on its way. */
bool spool_notes_room(const struct spool *spool);

/* Moves behind the record just peeked at, which is done with, and notes it. Chunks left behind
 * go back to the tracer, or give back their disk space. */
void spool_skip(struct spool *spool, const struct spool_record *record);

/* Copies the payload of the last RECORD_FAILURE in the chunk at this file offset. False:
 * there is none. */
bool spool_find_failure(struct spool *spool, uint64_t chunk_at, struct buf *payload);

#endif
