/*
 * key: the bytes of every key in the store, from one table (key.c, shown in README.md).
 *
 * A key is a row of fields, laid down so that bytes sort as the fields do: numbers are
 * eight bytes big-endian with the sign bit turned round, ids and hashes as they are, text
 * has its length in front (four bytes, big-endian). A prefix of fields is a prefix of
 * bytes, and no key of a family is the beginning of another.
 */
#ifndef SMILEY_MATERIALIZER_KEY_H
#define SMILEY_MATERIALIZER_KEY_H

#include "materializer/store.h"
#include "schemas/buf.h"
#include "schemas/run_id.h"

#include <stdbool.h>
#include <stdint.h>

enum key_kind {
	KEY_BLOCK,       /* run, first sequence number that counts -> TraceBlock body */
	KEY_RUN_STARTED, /* run -> RunStarted body */
	KEY_RUN_FINISHED,
	KEY_RUN_BY_TIME, /* start, run -> nothing */
	KEY_SOURCE,      /* sha256 -> text */
	KEY_RUN_FILE,    /* run, path, sha256 -> nothing */
	KEY_SOURCE_RUN,  /* sha256, run -> nothing: who needs a source */
	KEY_ROW,         /* run, view, row -> where it begins (row_index.h) */
	KEY_THREAD,      /* run, number -> summary (thread_stats.h) */
	KEY_DELETED,     /* run -> nothing: the run's tombstone */
	KEY_POSITION,    /* -> place in the log up to which all is folded */
	KEY_VERSION,     /* -> format of the store */
	KEY_QUARANTINE,  /* run or zeros, hash of the place -> what was set aside (quarantine.h) */
	KEY_LOST,        /* place -> how many records retention removed just before it */
	KEY_HEADLESS,    /* run -> nothing: there is something of it, but no RunStarted */
	KEY_CHILD,       /* run, sequence number, hash of the body -> ChildUntraced body */
	KEY_HITS,        /* run, level, number of the first block -> counts (hit_entry.h) */
	KEY_PROFILE,     /* run, PROFILE_SO_FAR or PROFILE_FINAL -> what a profiler goes on from */
	KEY_KINDS
};

/* `number` of a KEY_PROFILE. */
#define PROFILE_SO_FAR 0 /* now and then while the run goes on */
#define PROFILE_FINAL 1  /* when its end is known and all its events are there */

#define KEY_HASH_BYTES 16
#define KEY_SHA256_BYTES 32

/* What keys are made of; a kind looks only at its own fields. */
struct key_parts {
	struct run_id run;
	int64_t number; /* sequence number, time, thread or row */
	int64_t thread; /* whose rows, ROW_VIEW_ALL: everybody's */
	int level;      /* 0 .. 255 */
	struct slice path;
	uint8_t sha256[KEY_SHA256_BYTES];
	uint8_t hash[KEY_HASH_BYTES];
};

/* The column family that holds keys of this kind. */
enum store_family key_family(enum key_kind kind);

/* Makes *key the whole key (key->failed: out of memory). Returns it as a slice, borrowed
 * until key changes. */
struct slice key_encode(enum key_kind kind, const struct key_parts *parts, struct buf *key);

/* As key_encode(), only the first fields up to and with the given number of them, tags
 * not counted: 0 is what all keys of the kind begin with. */
struct slice key_prefix(
	enum key_kind kind, const struct key_parts *parts, size_t fields, struct buf *key);

/* Fills parts (path borrows from key). False when the bytes are not a key of that kind. */
bool key_decode(enum key_kind kind, struct slice key, struct key_parts *parts);

/* Makes *end the smallest key behind all that begin with prefix; empty when there is
 * none (prefix empty or all 0xff). */
void key_prefix_end(struct slice prefix, struct buf *end);

#endif
