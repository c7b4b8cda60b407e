/*
 * chunk: the layout of a spool, the file through which the tracer hands events to the
 * shipper. The tracer maps and writes it, the shipper maps and reads it, at the same time
 * and after either has been killed.
 *
 *     spool_header                      SPOOL_HEADER_BYTES
 *       options                         a text block for the tracer (key=value lines)
 *     chunk, chunk, chunk ...           each chunk_header.size bytes, a multiple of 4096
 *       record, record, ...             each record_header and its payload, 8-aligned
 *
 * Invariants. The tracer only appends to a chunk: what lies before `committed` never
 * changes, and `committed` is stored last (release). A chunk's successor exists once
 * `next_chunk` is not 0; its `number` is one more. It may lie anywhere in the file: the
 * shipper puts chunks that it is done with on `free_chunks`, the tracer takes them from
 * there and writes them anew, so that pages which are in memory stay in use. In a record of
 * kind RECORD_BLOCK the payload may still grow: `filled` is one word, stored behind each event
 * (release), so that whoever reads it sees what there is as of one event, and a writer that
 * dies leaves whole events. `closed` says that the record will not grow any more. The shipper
 * writes only the `shipped_*` fields, `free_chunks` and `paused`. All numbers are in host byte
 * order: a spool never leaves its machine.
 */
#ifndef SMILEY_SCHEMAS_CHUNK_H
#define SMILEY_SCHEMAS_CHUNK_H

#include "schemas/run_id.h"

#include <stdatomic.h>
#include <stdint.h>

#define SPOOL_MAGIC "smileyS2"
#define SPOOL_HEADER_BYTES (64 * 1024)
#define SPOOL_OPTIONS_BYTES (20 * 1024)
#define SPOOL_STARTED_BYTES (40 * 1024)
#define CHUNK_BYTES (256 * 1024)
#define CHUNK_MAGIC 0x4b4e4843u
#define SPOOL_FREE_CHUNKS 16 /* each of CHUNK_BYTES; more give their space back */

/* A block is closed when an event ends behind one of these. */
#define BLOCK_MAX_EVENTS 1024
#define BLOCK_MAX_BYTES (16 * 1024)

enum spool_state {
	SPOOL_CREATED,  /* no tracer has opened it yet */
	SPOOL_TRACING,  /* tracer_pid writes it */
	SPOOL_FINISHED, /* the tracer has said its last word (the process may still run) */
};

/* What the tracer knows of its process's end before it comes. */
enum spool_end {
	SPOOL_GOES_ON,
	SPOOL_EXITED,   /* it is about to exit, with exit_status */
	SPOOL_REPLACED, /* it is about to become another program (exec): it has when nobody holds
			   the lock (OFD) on the first byte, and `replacing` is what it was */
};

struct spool_header {
	char magic[8];
	struct run_id run;
	_Atomic uint32_t state; /* enum spool_state */
	_Atomic int32_t tracer_pid;
	_Atomic uint64_t tracer_start;    /* field 22 of /proc/PID/stat: tells a reused pid */
	_Atomic int32_t shipper_pid;      /* who made or has locked it; 0: let go */
	_Atomic uint32_t shipper_start;   /* low bits of its start time */
	_Atomic uint64_t written;         /* file offset behind the last chunk */
	_Atomic uint64_t limit_bytes;     /* taken_bytes - shipped_bytes may not pass it */
	_Atomic uint64_t gap_events;      /* dropped because of the limit or a full disk, and not
					     told yet by a gap event; in place of event gap_seq */
	_Atomic uint64_t shipped_offset;  /* all before this file offset is in the log */
	_Atomic int64_t shipped_seq;      /* all events before this one are in the log */
	_Atomic uint64_t shipped_chunk;   /* file offset of the chunk that holds shipped_offset */
	_Atomic uint64_t shipped_failure; /* file offset of the chunk with a RECORD_FAILURE that
					     was passed: it keeps its space; 0: none */
	_Atomic uint32_t started_shipped; /* 1: RunStarted is in the log, 2: RunFinished too */
	uint32_t policy_drop;             /* 0: block, 1: drop */
	uint32_t
		started_bytes; /* RunStarted message, behind options: for who picks up a leftover */
	uint32_t options_bytes;
	char options[SPOOL_OPTIONS_BYTES];
	uint8_t started[SPOOL_STARTED_BYTES];
	/* What a run that the program of another run began adds; zero in a spool without. */
	struct run_id root;             /* the run that `smiley run` began, which ships all its
					descendants; zero: this one */
	_Atomic uint32_t end_known;     /* enum spool_end */
	_Atomic int32_t exit_status;    /* with SPOOL_EXITED */
	_Atomic uint32_t replacing;     /* counts the tries to become another program */
	_Atomic uint32_t children;      /* how often this process has started one, or may have */
	_Atomic uint64_t taken_bytes;   /* of all chunks that were begun, by the tracer */
	_Atomic uint64_t shipped_bytes; /* of these, those that are in the log */
	_Atomic uint64_t free_chunks[SPOOL_FREE_CHUNKS]; /* file offsets; 0: none */
	_Atomic int64_t gap_seq;
	/* Who wants the tracer to pause sets it to 1, and to 0 when it shall go on. */
	_Atomic uint32_t paused;
};
_Static_assert(sizeof(struct spool_header) <= SPOOL_HEADER_BYTES, "the header has its place");

struct chunk_header {
	uint32_t magic;
	uint32_t size;               /* of the chunk, this header included */
	_Atomic uint64_t next_chunk; /* file offset of the next one; 0: none yet */
	_Atomic uint32_t committed;  /* bytes of whole record headers and payloads, from the
					 chunk's start; the growing record counts as its header */
	uint32_t number;             /* one more than the chunk's before it */
};

enum record_kind {
	RECORD_BLOCK = 1,   /* items of a TraceBlock */
	RECORD_SOURCE = 2,  /* u32 path bytes, path, text */
	RECORD_FAILURE = 3, /* body of RunFinished's last three fields, Avro: error_type,
			       error_message, traceback */
	RECORD_PYTHON = 4,  /* text of the interpreter's version */
	RECORD_CHILD = 5,   /* a whole ChildUntraced message */
	RECORD_REAPED = 6,  /* struct reaped: a child that the process has waited for */
};

/* A child that died by a signal cannot say so itself. */
struct reaped {
	int32_t pid;
	int32_t signal;
};

struct record_header {
	uint32_t kind;           /* enum record_kind */
	_Atomic uint32_t closed; /* 1: complete */
	_Atomic uint64_t filled; /* bytes of payload; items and events of a block: see below */
	int64_t first_seq;       /* block */
	int64_t base_ns;         /* block */
};

/* record_header.filled: bytes + items * FILLED_ITEM + events * FILLED_EVENT. No block has more than
 * BLOCK_MAX_EVENTS, or items of less than two bytes. */
#define FILLED_ITEM ((uint64_t)1 << 28)
#define FILLED_EVENT ((uint64_t)1 << 52)

static inline uint32_t filled_bytes(uint64_t filled)
{
	return (uint32_t)(filled % FILLED_ITEM);
}

static inline uint32_t filled_items(uint64_t filled)
{
	return (uint32_t)(filled % FILLED_EVENT / FILLED_ITEM);
}

static inline uint32_t filled_events(uint64_t filled)
{
	return (uint32_t)(filled / FILLED_EVENT);
}

#endif
