/*
 * disk: what directories take, what file systems have left, and both in words.
 */
#ifndef SMILEY_OPS_DISK_H
#define SMILEY_OPS_DISK_H

#include "schemas/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct disk_use {
	uint64_t bytes; /* on the disk: holes of sparse files do not count */
	uint64_t files;
};

/* What the files of dir itself take whose names end with suffix (NULL: all). No dir: nothing. */
struct disk_use disk_used(const char *dir, const char *suffix);

struct disk_space {
	uint64_t free_bytes; /* for who asks: without what is kept for root */
	uint64_t total_bytes;
	uint64_t free_files, total_files; /* 0 and 0: the file system does not count them */
	const char *remote;               /* "NFS", "CIFS"...; NULL: it is a disk of this machine */
	bool in_memory;                   /* gone with the next start */
};

/* Of the file system that holds path, or the nearest directory above that is there. False: it
 * does not tell. */
bool disk_left(const char *path, struct disk_space *space);

/* Appends "512 B", "1.5 MiB". */
void size_text(uint64_t bytes, struct buf *out);

#endif
