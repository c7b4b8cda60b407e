#include "tracer/spool_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "schemas/process.h"

#define PAGE_BYTES 4096
#define WAIT_NS 1000000 /* between two looks at a full spool */

static size_t align_up(size_t value, size_t to)
{
	return (value + to - 1) / to * to;
}

/* Descriptors below 10 are the program's to reuse: dup2(fd, 3) must not hit ours. */
static int move_descriptor_up(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 900);

	if (high < 0)
		high = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

int spool_writer_open(struct spool_writer *writer, const char *path, struct err *err)
{
	struct stat status;
	void *map;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	*writer = (struct spool_writer){.fd = -1};
	if (fd < 0)
		return err_set_errno(err, errno, "open spool %s", path);
	fd = move_descriptor_up(fd);
	if (fstat(fd, &status) < 0 || status.st_size < SPOOL_HEADER_BYTES) {
		close(fd);
		return err_set(err, ERR_FORMAT, "spool %s is cut short", path);
	}
	map = mmap(NULL, SPOOL_HEADER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		close(fd);
		return err_set_errno(err, errno, "map spool %s", path);
	}
	writer->header = map;
	if (memcmp(writer->header->magic, SPOOL_MAGIC, sizeof(writer->header->magic)) != 0) {
		munmap(map, SPOOL_HEADER_BYTES);
		close(fd);
		writer->header = NULL;
		return err_set(err, ERR_FORMAT, "%s is not a spool", path);
	}
	writer->fd = fd;
	writer->path = realpath(path, NULL);
	writer->device = status.st_dev;
	writer->inode = status.st_ino;
	writer->written = SPOOL_HEADER_BYTES;
	atomic_store(&writer->header->tracer_start, process_start(getpid()));
	atomic_store(&writer->header->tracer_pid, (int32_t)getpid());
	atomic_store(&writer->header->state, SPOOL_TRACING);
	return 0;
}

static bool shipper_alive(const struct spool_header *header)
{
	int32_t pid = atomic_load(&header->shipper_pid);

	return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

/* Waits until the spool has room below its limit. While somebody empties it the program
 * waits (that is the default policy); nobody there or policy drop: ERR_LIMIT. */
static int wait_for_room(struct spool_writer *writer, uint64_t size)
{
	struct spool_header *header = writer->header;

	for (;;) {
		uint64_t limit = atomic_load(&header->limit_bytes);
		uint64_t shipped = atomic_load(&header->shipped_bytes);
		struct timespec pause = {0, WAIT_NS};

		if (limit == 0 || atomic_load(&header->taken_bytes) + size <= shipped + limit)
			return 0;
		if (header->policy_drop || !shipper_alive(header))
			return ERR_LIMIT;
		nanosleep(&pause, NULL);
	}
}

/* A chunk that the shipper is done with. 0: there is none. */
static uint64_t take_free_chunk(struct spool_writer *writer)
{
	for (int i = 0; i < SPOOL_FREE_CHUNKS; i++) {
		_Atomic uint64_t *place = &writer->header->free_chunks[i];
		uint64_t at = atomic_load_explicit(place, memory_order_relaxed)
				      ? atomic_exchange(place, 0)
				      : 0;

		if (at >= SPOOL_HEADER_BYTES && at % PAGE_BYTES == 0 &&
			at + CHUNK_BYTES <= writer->written)
			return at;
	}
	return 0;
}

static bool is_ours(const struct spool_writer *writer, int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_dev == writer->device &&
	       status.st_ino == writer->inode;
}

/* A daemon closes all descriptors, ours too, and may have got its number for another file. */
static bool hold_file(struct spool_writer *writer)
{
	int fd;

	if (is_ours(writer, writer->fd))
		return true;
	writer->fd = -1;
	fd = writer->path ? open(writer->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (fd < 0)
		return false;
	if (!is_ours(writer, fd)) {
		close(fd);
		return false;
	}
	writer->fd = move_descriptor_up(fd);
	return true;
}

/* Makes the file longer. Real blocks, not a hole: a full disk must be an error here, not
 * SIGBUS later. 0: it is full, or gone. */
static uint64_t append_chunk(struct spool_writer *writer, size_t size)
{
	uint64_t at = writer->written;
	int failure;

	if (!hold_file(writer))
		return 0;
	failure = posix_fallocate(writer->fd, (off_t)at, (off_t)size);
	if (failure == EOPNOTSUPP || failure == EINVAL)
		failure = ftruncate(writer->fd, (off_t)(at + size)) < 0 ? errno : 0;
	return failure == 0 ? at : 0;
}

/* The chunk at this place, if it is mapped still. */
static void *take_kept(struct spool_writer *writer, uint64_t at)
{
	for (int i = 0; i < SPOOL_FREE_CHUNKS; i++)
		if (writer->kept[i].at == at) {
			writer->kept[i].at = 0;
			return writer->kept[i].chunk;
		}
	return NULL;
}

/* The chunk of this size at a place in the file, mapped; NULL: it cannot be. */
static struct chunk_header *map_chunk(struct spool_writer *writer, uint64_t at, size_t size)
{
	void *chunk = take_kept(writer, at);

	if (!chunk && hold_file(writer))
		chunk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			writer->fd, (off_t)at);
	if (!chunk || chunk == MAP_FAILED)
		return NULL;
	/* Writable at once: or each page's first event would be interrupted for it, by tens of
	 * microseconds on a busy machine, which nobody could tell from the program's own. */
	madvise(chunk, size, MADV_POPULATE_WRITE);
	return chunk;
}

/* The current chunk is full: the shipper may give it back by and by. */
static void leave_chunk(struct spool_writer *writer)
{
	struct spool_kept_chunk *place = &writer->kept[writer->next_kept];

	if (writer->chunk->size != CHUNK_BYTES) {
		munmap(writer->chunk, writer->chunk->size);
		return;
	}
	if (place->at)
		munmap(place->chunk, CHUNK_BYTES);
	*place = (struct spool_kept_chunk){writer->chunk_at, writer->chunk};
	writer->next_kept = (writer->next_kept + 1) % SPOOL_FREE_CHUNKS;
}

/* Begins a chunk of at least `room` payload bytes and makes it the current one. */
static int add_chunk(struct spool_writer *writer, size_t room)
{
	size_t need = sizeof(struct chunk_header) + sizeof(struct record_header) + room;
	size_t size = need <= CHUNK_BYTES ? CHUNK_BYTES : align_up(need, PAGE_BYTES);
	uint32_t number = writer->chunk ? writer->chunk->number + 1 : 0;
	struct chunk_header *chunk;
	uint64_t at;
	int result = wait_for_room(writer, size);

	if (result < 0)
		return result;
	at = size == CHUNK_BYTES ? take_free_chunk(writer) : 0;
	if (at == 0)
		at = append_chunk(writer, size);
	if (at == 0)
		return ERR_IO;
	chunk = map_chunk(writer, at, size);
	if (!chunk)
		return ERR_IO;
	*chunk = (struct chunk_header){.magic = CHUNK_MAGIC,
		.size = (uint32_t)size,
		.committed = (uint32_t)sizeof(*chunk),
		.number = number};
	atomic_fetch_add(&writer->header->taken_bytes, size);
	if (at == writer->written)
		writer->written += size;
	atomic_store(&writer->header->written, writer->written);
	if (writer->chunk) {
		atomic_store(&writer->chunk->next_chunk, at);
		leave_chunk(writer);
	}
	writer->chunk = chunk;
	writer->chunk_at = at;
	writer->used = sizeof(*chunk);
	return 0;
}

static int make_room(struct spool_writer *writer, size_t room)
{
	if (writer->chunk &&
		writer->used + sizeof(struct record_header) + room <= writer->chunk->size)
		return 0;
	return add_chunk(writer, room);
}

static struct record_header *begin_record(struct spool_writer *writer, enum record_kind kind)
{
	struct record_header *record =
		(struct record_header *)((uint8_t *)writer->chunk + writer->used);

	memset(record, 0, sizeof(*record));
	record->kind = kind;
	return record;
}

int spool_writer_block(struct spool_writer *writer, size_t room, int64_t first_seq, int64_t base_ns,
	uint8_t **payload, size_t *limit)
{
	int result = make_room(writer, room);

	if (result < 0)
		return result;
	writer->record = begin_record(writer, RECORD_BLOCK);
	writer->record->first_seq = first_seq;
	writer->record->base_ns = base_ns;
	*payload = (uint8_t *)(writer->record + 1);
	*limit = writer->chunk->size - writer->used - sizeof(struct record_header);
	atomic_store_explicit(&writer->chunk->committed,
		(uint32_t)(writer->used + sizeof(struct record_header)), memory_order_release);
	return 0;
}

void spool_writer_close_block(struct spool_writer *writer)
{
	struct record_header *record = writer->record;

	if (!record)
		return;
	writer->used = align_up(
		writer->used + sizeof(*record) + filled_bytes(atomic_load(&record->filled)), 8);
	if (writer->used > writer->chunk->size)
		writer->used = writer->chunk->size;
	atomic_store_explicit(&record->closed, 1, memory_order_release);
	atomic_store_explicit(
		&writer->chunk->committed, (uint32_t)writer->used, memory_order_release);
	writer->record = NULL;
}

int spool_writer_record(struct spool_writer *writer, enum record_kind kind, const void *head,
	size_t head_len, const void *tail, size_t tail_len)
{
	struct record_header *record;
	size_t len = head_len + tail_len;
	int result = make_room(writer, len + 8);

	if (result < 0)
		return result;
	record = begin_record(writer, kind);
	memcpy(record + 1, head, head_len);
	if (tail_len)
		memcpy((uint8_t *)(record + 1) + head_len, tail, tail_len);
	atomic_store(&record->filled, len);
	writer->used = align_up(writer->used + sizeof(*record) + len, 8);
	atomic_store_explicit(&record->closed, 1, memory_order_release);
	atomic_store_explicit(
		&writer->chunk->committed, (uint32_t)writer->used, memory_order_release);
	return 0;
}

void spool_writer_finish(struct spool_writer *writer)
{
	if (!writer->header)
		return;
	spool_writer_close_block(writer);
	atomic_store(&writer->header->state, SPOOL_FINISHED);
}

void spool_writer_replace(struct spool_writer *writer, bool begins)
{
	struct flock lock = {
		.l_type = begins ? F_WRLCK : F_UNLCK, .l_whence = SEEK_SET, .l_len = 1};
	struct spool_header *header = writer->header;

	if (!header || (begins && !hold_file(writer)))
		return;
	if (begins) {
		atomic_fetch_add(&header->replacing, 1);
		if (fcntl(writer->fd, F_OFD_SETLK, &lock) == 0)
			atomic_store(&header->end_known, SPOOL_REPLACED);
		return;
	}
	atomic_store(&header->end_known, SPOOL_GOES_ON);
	fcntl(writer->fd, F_OFD_SETLK, &lock);
}

void spool_writer_abandon(struct spool_writer *writer)
{
	if (!writer->header)
		return;
	if (writer->chunk)
		munmap(writer->chunk, writer->chunk->size);
	for (int i = 0; i < SPOOL_FREE_CHUNKS; i++)
		if (writer->kept[i].at)
			munmap(writer->kept[i].chunk, CHUNK_BYTES);
	munmap(writer->header, SPOOL_HEADER_BYTES);
	if (is_ours(writer, writer->fd))
		close(writer->fd);
	free(writer->path);
	*writer = (struct spool_writer){.fd = -1};
}
