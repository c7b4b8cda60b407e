/*
 * store: the database library, seen through what the materializer needs of it: families
 * of sorted keys, one atomic batch, iterators. The only module that knows RocksDB.
 *
 * All families are there from the making of a store on: one added later would kill every
 * reader that has it open. A store is made aside and renamed into place, so that a
 * directory either holds a whole store or is not there.
 *
 * A store opened for writing has one pending batch, which nobody sees before
 * store_commit(), its own reads included. A store opened for reading (by any number of
 * processes, besides the writer) shows what it did at the last store_catch_up().
 * A store and its iterators belong to one thread. Iterators must be freed before the
 * store is closed.
 */
#ifndef SMILEY_MATERIALIZER_STORE_H
#define SMILEY_MATERIALIZER_STORE_H

#include "schemas/buf.h"
#include "schemas/err.h"

#include <stdbool.h>

enum store_family {
	STORE_META,
	STORE_BLOCKS,
	STORE_ROWS,
	STORE_RUNS,
	STORE_RUNS_BY_TIME,
	STORE_SOURCES,
	STORE_RUN_FILES,
	STORE_PROFILES,
	STORE_THREADS,
	STORE_INDEX,
	STORE_QUARANTINE,
	STORE_FAMILIES
};

const char *store_family_name(enum store_family family);

struct store;

/* RocksDB throws when it gets no memory or no thread, on whatever thread that is; told, which must
 * not return, is called in place of the process's end. For the whole process. */
void store_on_exhaustion(void (*told)(void));

/* Makes an empty store in dir, which must not be there, and leaves it closed. */
int store_create(const char *dir, struct err *err);

/* Removes dir and all in it; no dir is no error. Nobody may have it open for writing. */
int store_remove(const char *dir, struct err *err);

/* ERR_NOT_FOUND: no dir. ERR_BUSY: another process writes it. ERR_FORMAT: damaged, with
 * the remedy in the message. */
int store_open(const char *dir, struct store **store, struct err *err);

/* For reading only. The same errors; needs no right to write in dir. */
int store_open_reader(const char *dir, struct store **store, struct err *err);

/* Are all files there, and as long as they should be? A reader would show an older state of the
 * store instead. ERR_FORMAT: damaged; or a writer took files away just now: try again. */
int store_check(const char *dir, struct err *err);

/* Makes a reader see what the writer has committed by now. Iterators go on seeing what
 * they did. After an error open the store anew. */
int store_catch_up(struct store *store, struct err *err);

/* Grows with all that is written, as far as this reader sees it. */
uint64_t store_version(const struct store *store);

void store_close(struct store *store);

/* 1: *value is what key has (its former contents are gone). 0: no such key. */
int store_get(struct store *store, enum store_family family, struct slice key, struct buf *value,
	struct err *err);

/* The batch. Bytes are copied. */
void store_put(struct store *store, enum store_family family, struct slice key, struct slice value);
void store_delete(struct store *store, enum store_family family, struct slice key);
void store_delete_prefix(struct store *store, enum store_family family, struct slice prefix);
void store_batch_clear(struct store *store);
bool store_batch_empty(const struct store *store);

/* Writes the batch, all or nothing, and empties it. After a 0 it survives kill -9 of this
 * process. On an error the batch is dropped as well. */
int store_commit(struct store *store, struct err *err);

/* For a store that nobody asks for before it is whole: batches go without the write-ahead log,
 * a tenth of what they cost. A store whose making ends early is to be thrown away; once
 * store_settle() has returned 0 it is as any other. */
void store_bulk(struct store *store);

/* To be called before closing: when much has been written since the last time, moves it
 * from the write-ahead log to where the next open need not replay it. */
int store_settle(struct store *store, struct err *err);

/* Gives back the disk space of deleted keys that begin with prefix. */
void store_compact_prefix(struct store *store, enum store_family family, struct slice prefix);

/* What the database library says of itself; store_measure() adds to it. */
struct store_figures {
	uint64_t keys[STORE_FAMILIES]; /* by its estimate */
	uint64_t file_bytes;           /* table files that count */
	uint64_t memtable_bytes;
	uint64_t table_reader_bytes; /* indexes and filters of open files */
	uint64_t cache_bytes;        /* blocks held */
	uint64_t write_stalls; /* of a writer: writes are slowed down just now (1), or stand (2) */
};
int store_measure(struct store *store, struct store_figures *figures, struct err *err);

struct store_iter;

/* Walks the keys that begin with prefix, of what is committed now. NULL: out of memory. */
struct store_iter *store_iter_new(
	struct store *store, enum store_family family, struct slice prefix);
void store_iter_free(struct store_iter *iter);

/* 1: at a key. 0: there is none. Negative: reading failed. _first and _next may follow each
 * other in one loop; _seek goes to the first key at or behind, _seek_back to the last at
 * or before. */
int store_iter_first(struct store_iter *iter, struct err *err);
int store_iter_last(struct store_iter *iter, struct err *err);
int store_iter_seek(struct store_iter *iter, struct slice key, struct err *err);
int store_iter_seek_back(struct store_iter *iter, struct slice key, struct err *err);
int store_iter_next(struct store_iter *iter, struct err *err);
int store_iter_previous(struct store_iter *iter, struct err *err);

/* Borrowed until the iterator moves. */
struct slice store_iter_key(const struct store_iter *iter);
struct slice store_iter_value(const struct store_iter *iter);

#endif
