#include "ingest/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_BYTES 4096
/* Chunks go round in the first few MiB, mostly: mapped once. */
#define WINDOW_BYTES (8u << 20)

static uint64_t file_bytes(const struct spool *spool)
{
	struct stat status;

	return fstat(spool->fd, &status) < 0 ? 0 : (uint64_t)status.st_size;
}

/* Far enough from the ends to count on from there. */
static bool is_seq(int64_t seq)
{
	return seq >= 0 && seq <= INT64_MAX / 2;
}

static int lock_file(int fd, const char *path, struct err *err)
{
	struct stat status;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return err_set(err, ERR_BUSY, "spool %s is being shipped", path);
		return err_set_errno(err, errno, "lock spool %s", path);
	}
	/* Another one may have shipped and removed it before we had the lock. */
	if (fstat(fd, &status) < 0 || status.st_nlink == 0)
		return err_set(err, ERR_NOT_FOUND, "spool %s is gone", path);
	/* What stands before the options tells whose it is, and how much of it is in the log. */
	if (!S_ISREG(status.st_mode) ||
		status.st_size < (off_t)offsetof(struct spool_header, options))
		return err_set(err, ERR_FORMAT, "spool %s is cut short", path);
	return 0;
}

static int map_header(struct spool *spool, const char *path, struct err *err)
{
	/* A header with holes, on a full disk, would be SIGBUS when written. */
	int failure = posix_fallocate(spool->fd, 0, SPOOL_HEADER_BYTES);
	void *map;

	if (failure != 0 && failure != EOPNOTSUPP && failure != EINVAL)
		return err_set_errno(err, failure, "hold spool %s", path);
	map = mmap(NULL, SPOOL_HEADER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, spool->fd, 0);
	if (map == MAP_FAILED)
		return err_set_errno(err, errno, "map spool %s", path);
	spool->header = map;
	if (memcmp(spool->header->magic, SPOOL_MAGIC, sizeof(spool->header->magic)) != 0)
		return err_set(err, ERR_FORMAT, "%s is not a spool", path);
	return 0;
}

/* The bytes of chunks that are wholly in the log, as far as an earlier shipper has told. */
static uint64_t left_bytes(const struct spool_header *header)
{
	uint64_t shipped = atomic_load(&header->shipped_bytes);
	uint64_t in_chunk =
		atomic_load(&header->shipped_offset) - atomic_load(&header->shipped_chunk);

	return in_chunk <= shipped ? shipped - in_chunk : shipped;
}

int spool_open(struct spool *spool, const char *path, struct err *err)
{
	int result;

	*spool = (struct spool){.fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
	if (spool->fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "spool %s is gone", path);
	if (spool->fd < 0)
		return err_set_errno(err, errno, "open spool %s", path);
	result = lock_file(spool->fd, path, err);
	if (result == 0)
		result = map_header(spool, path, err);
	if (result < 0) {
		spool_close(spool);
		return result;
	}
	spool->chunk_at = atomic_load(&spool->header->shipped_chunk);
	spool->left_bytes = left_bytes(spool->header);
	spool->resume = atomic_load(&spool->header->shipped_offset);
	spool->failure = atomic_load(&spool->header->shipped_failure);
	spool->started = atomic_load(&spool->header->started_shipped);
	spool->seq = atomic_load(&spool->header->shipped_seq);
	if (!is_seq(spool->seq))
		spool->seq = 0;
	return 0;
}

static void unmap_window(struct spool *spool)
{
	if (spool->window)
		munmap(spool->window, spool->window_bytes);
	spool->window = NULL;
	spool->chunk = NULL;
}

/* So that the window holds these bytes of the file, which are all there. */
static int map_window(struct spool *spool, uint64_t at, size_t size, struct err *err)
{
	uint64_t from = at / WINDOW_BYTES * WINDOW_BYTES;
	size_t bytes = (at - from + size + WINDOW_BYTES - 1) / WINDOW_BYTES * WINDOW_BYTES;
	void *map;

	if (spool->window && at >= spool->window_at &&
		at - spool->window_at + size <= spool->window_bytes)
		return 0;
	unmap_window(spool);
	map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, spool->fd, (off_t)from);
	if (map == MAP_FAILED)
		return err_set_errno(err, errno, "map chunk at %" PRIu64, at);
	spool->window = map;
	spool->window_at = from;
	spool->window_bytes = bytes;
	return 0;
}

void spool_close(struct spool *spool)
{
	unmap_window(spool);
	free(spool->notes);
	spool->notes = NULL;
	if (spool->header)
		munmap(spool->header, SPOOL_HEADER_BYTES);
	spool->header = NULL;
	if (spool->fd >= 0)
		close(spool->fd);
	spool->fd = -1;
}

static int damaged(const struct spool *spool, const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, "spool is damaged: chunk at %" PRIu64 ": %s",
		spool->chunk_at, what);
}

/* Reads and checks a chunk's size without mapping it. */
static int chunk_size(struct spool *spool, uint64_t at, uint32_t *size, struct err *err)
{
	struct chunk_header header;
	uint64_t bytes = file_bytes(spool);

	if (at % PAGE_BYTES || at < SPOOL_HEADER_BYTES || at > INT64_MAX)
		return damaged(spool, "no chunk can be there", err);
	if (pread(spool->fd, &header, sizeof(header), (off_t)at) != (ssize_t)sizeof(header))
		return damaged(spool, "the file ends before it", err);
	if (header.magic != CHUNK_MAGIC)
		return damaged(spool, "no chunk is there", err);
	if (header.size < PAGE_BYTES || header.size % PAGE_BYTES || header.size > bytes - at)
		return damaged(spool, "it is longer than the file", err);
	/* Not round in a circle: chunks may stand in any order in the file. */
	if (spool->behind_one && header.number != spool->number)
		return damaged(spool, "it does not follow the one before it", err);
	*size = header.size;
	return 0;
}

/* Where the log has got to inside the first chunk that a shipper opens. */
static uint32_t resume_at(const struct spool *spool)
{
	uint64_t offset = spool->resume;
	uint64_t start = spool->chunk_at + sizeof(struct chunk_header);

	if (offset < start || offset > spool->chunk_at + spool->chunk_bytes ||
		(offset - spool->chunk_at) % 8)
		return sizeof(struct chunk_header);
	return (uint32_t)(offset - spool->chunk_at);
}

/* 1: a chunk is mapped. 0: there is none yet. */
static int map_chunk(struct spool *spool, struct err *err)
{
	uint32_t size = 0;
	int result;

	if (spool->chunk)
		return 1;
	if (atomic_load_explicit(&spool->header->written, memory_order_acquire) <= spool->chunk_at)
		return 0;
	result = chunk_size(spool, spool->chunk_at, &size, err);
	if (result == 0)
		result = map_window(spool, spool->chunk_at, size, err);
	if (result < 0)
		return result;
	spool->chunk =
		(const struct chunk_header *)(spool->window + (spool->chunk_at - spool->window_at));
	spool->chunk_bytes = size;
	spool->at = resume_at(spool);
	spool->resume = 0;
	spool->chunk_kept = spool->failure == spool->chunk_at;
	return 1;
}

/* The chunk is shipped and has a successor, so that nobody writes it any more. */
static void leave_chunk(struct spool *spool, uint64_t next)
{
	uint64_t old = spool->chunk_at;
	size_t old_bytes = spool->chunk_bytes;

	spool->behind_one = true;
	spool->number = spool->chunk->number + 1;
	spool->chunk = NULL;
	spool->chunk_at = next;
	spool->at = sizeof(struct chunk_header);
	spool->left_bytes += old_bytes;
	spool_note(spool, old, spool->chunk_kept ? 0 : old_bytes);
}

static const struct record_header *record_at(const struct spool *spool)
{
	return (const struct record_header *)((const uint8_t *)spool->chunk + spool->at);
}

static int read_record(
	struct spool *spool, bool last_of_chunk, struct spool_record *record, struct err *err)
{
	const struct record_header *header = record_at(spool);
	bool closed = atomic_load_explicit(&header->closed, memory_order_acquire);
	uint64_t filled = atomic_load_explicit(&header->filled, memory_order_acquire);
	size_t room = spool->chunk_bytes - spool->at - sizeof(*header);

	*record = (struct spool_record){
		.kind = (enum record_kind)header->kind,
		.payload = {(const uint8_t *)(header + 1), filled_bytes(filled)},
		.items = filled_items(filled),
		.events = filled_events(filled),
		.first_seq = header->first_seq,
		.base_ns = header->base_ns,
		.final = closed || spool->writer_gone || last_of_chunk,
	};
	if (record->payload.len > room)
		return damaged(spool, "a record is longer than it", err);
	if (header->kind < RECORD_BLOCK || header->kind > RECORD_REAPED)
		return damaged(spool, "a record of a kind unknown", err);
	if (record->kind == RECORD_BLOCK &&
		(record->events > record->items ||
			(uint64_t)record->items > record->payload.len / 2))
		return damaged(spool, "a block of more items than bytes", err);
	if (!is_seq(record->first_seq))
		return damaged(spool, "a sequence number out of range", err);
	return 1;
}

int spool_peek(struct spool *spool, struct spool_record *record, struct err *err)
{
	for (;;) {
		int result = map_chunk(spool, err);
		uint64_t next;
		uint32_t committed;

		if (result <= 0)
			return result;
		if (file_bytes(spool) < spool->chunk_at + spool->chunk_bytes)
			return damaged(spool, "the file was cut", err);
		/* In this order: with a successor, what is committed is all. */
		next = atomic_load_explicit(&spool->chunk->next_chunk, memory_order_acquire);
		committed = atomic_load_explicit(&spool->chunk->committed, memory_order_acquire);
		if (committed > spool->chunk_bytes)
			return damaged(spool, "more is committed than it holds", err);
		if (spool->at + sizeof(struct record_header) <= committed)
			return read_record(spool, next != 0, record, err);
		if (next == 0)
			return 0;
		if (next == spool->chunk_at)
			return damaged(spool, "it is its own successor", err);
		leave_chunk(spool, next);
	}
}

static uint32_t behind(const struct spool *spool, uint32_t at, size_t payload)
{
	size_t next = (at + sizeof(struct record_header) + payload + 7) / 8 * 8;

	return (uint32_t)(next < spool->chunk_bytes ? next : spool->chunk_bytes);
}

void spool_skip(struct spool *spool, const struct spool_record *record)
{
	if (record->kind == RECORD_FAILURE) {
		spool->chunk_kept = true;
		spool->failure = spool->chunk_at;
	}
	spool->at = behind(spool, spool->at, record->payload.len);
	spool_note(spool, 0, 0);
}

bool spool_find_failure(struct spool *spool, uint64_t chunk_at, struct buf *payload)
{
	struct spool other = {.fd = spool->fd, .header = spool->header, .chunk_at = chunk_at};
	struct spool_record record;
	bool found = false;

	if (chunk_at == 0 || map_chunk(&other, NULL) <= 0)
		return false;
	other.writer_gone = true;
	for (other.at = sizeof(struct chunk_header);
		other.at + sizeof(struct record_header) <= other.chunk_bytes &&
		other.at < atomic_load(&other.chunk->committed);
		other.at = behind(&other, other.at, record.payload.len)) {
		if (read_record(&other, true, &record, NULL) <= 0)
			break;
		if (record.kind != RECORD_FAILURE)
			continue;
		buf_clear(payload);
		buf_append(payload, record.payload.data, record.payload.len);
		found = true;
	}
	unmap_window(&other);
	return found;
}
