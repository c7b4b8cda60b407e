/*
 * container: one run as an Avro object container file (Avro 1.11 specification, "Object Container
 * Files"), which any Avro tool reads.
 *
 * Its schema is the union of the newest version of what a run is made of; its objects are the
 * bodies of the run's messages. Each object is a block of its own, so that a body need not be read
 * to know where it ends. Codec null. The metadata name the schema ids of the union's branches
 * (smiley.schemas), by which every later version reads the file.
 *
 * Pure: bytes to bytes. A file that is read is believed nothing: every length is checked first.
 */
#ifndef SMILEY_SCHEMAS_CONTAINER_H
#define SMILEY_SCHEMAS_CONTAINER_H

#include "schemas/buf.h"
#include "schemas/err.h"
#include "schemas/item.h"

#include <stdbool.h>

#define CONTAINER_SYNC_BYTES 16
#define CONTAINER_BRANCHES_MAX 16
/* A head that is read is no longer. */
#define CONTAINER_HEAD_MAX_BYTES (1u << 20)
/* So many bytes hold any block that is read. */
#define CONTAINER_BLOCK_MAX_BYTES (MESSAGE_MAX_BYTES + 64)

struct container {
	uint8_t sync[CONTAINER_SYNC_BYTES];
	int branches[CONTAINER_BRANCHES_MAX]; /* enum schema_id of each */
	size_t branch_count;
};

/* Appends a new file's head; sync is any bytes that no other file has. */
void container_begin(
	struct container *container, const uint8_t sync[CONTAINER_SYNC_BYTES], struct buf *out);

/* Appends an object: a body of that schema. False: a run has none of it. */
bool container_add(const struct container *container, enum schema_id schema, struct slice body,
	struct buf *out);

/* The head of a file that begins with these bytes. 1: *used of them are it. 0: more are needed
 * (never of CONTAINER_HEAD_MAX_BYTES). ERR_FORMAT: not such a file. ERR_SCHEMA: a later smiley
 * wrote it. */
int container_open(struct slice bytes, struct container *container, size_t *used, struct err *err);

/* The object that the bytes behind the head or another object begin with, as container_open()
 * does; *body is in them. */
int container_next(const struct container *container, struct slice bytes, enum schema_id *schema,
	struct slice *body, size_t *used, struct err *err);

#endif
