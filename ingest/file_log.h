/*
 * file_log: the log as a directory of segment files (bytes: ingest/README.md). Opened by
 * file_log_open() of ingest/log.h; only what is special to it is here.
 *
 * A reader may be anywhere while writers in other processes append: what it has not seen
 * whole it has not seen. Writers take turns by flock on DIR/append.lock.
 */
#ifndef SMILEY_INGEST_FILE_LOG_H
#define SMILEY_INGEST_FILE_LOG_H

#include "ingest/log.h"

#define FILE_LOG_SEGMENT_BYTES (64u << 20)

/* A segment that would grow beyond this is followed by a new one. For tests. */
void file_log_set_segment_bytes(struct log *log, uint64_t bytes);

#endif
