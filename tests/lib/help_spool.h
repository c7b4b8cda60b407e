/*
 * help_spool: writes a spool as the tracer does, step by step, for tests of who reads it.
 * The file is there already, with its header (spool_create()). What fails aborts.
 */
#ifndef SMILEY_TESTS_LIB_HELP_SPOOL_H
#define SMILEY_TESTS_LIB_HELP_SPOOL_H

#include "schemas/block.h"
#include "schemas/chunk.h"

struct maker {
	int fd;
	struct spool_header *header;
	struct chunk_header *chunk; /* NULL: none yet */
	uint64_t chunk_at;
	uint32_t used;                /* bytes of the chunk */
	struct record_header *record; /* the growing block; NULL: none */
	int64_t next_seq;
};

/* This process is the tracer. */
void maker_open(struct maker *maker, const char *path);
/* Lets go, saying nothing. */
void maker_close(struct maker *maker);
/* The tracer is a process that has ended. */
void maker_die(struct maker *maker);

void maker_chunk(struct maker *maker, uint32_t size);
/* A growing block record with room for `room` bytes. */
void maker_begin(struct maker *maker, int64_t first_seq, int64_t base_ns, size_t room);
/* The block is now the first so many bytes, items and events of this one. */
void maker_commit(struct maker *maker, struct slice payload, int64_t items, int64_t events);
void maker_end(struct maker *maker);
/* A whole block: begin, commit, end. */
void maker_block(struct maker *maker, const struct block_head *head);

void maker_record(struct maker *maker, enum record_kind kind, struct slice head, struct slice tail);
void maker_python(struct maker *maker, const char *version);
void maker_source(struct maker *maker, const char *path, struct slice text);
/* error_type, error_message, and a traceback of one entry. */
void maker_failure(struct maker *maker, const char *type, const char *message);

#endif
