#include "tests/lib/help_spool.h"

#include "schemas/avro.h"
#include "schemas/message.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t own_start(void)
{
	char text[1024];
	char *at;
	ssize_t len;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		abort();
	text[len] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

void maker_open(struct maker *maker, const char *path)
{
	*maker = (struct maker){.fd = open(path, O_RDWR | O_CLOEXEC)};
	if (maker->fd < 0)
		abort();
	maker->header =
		mmap(NULL, SPOOL_HEADER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, maker->fd, 0);
	if (maker->header == MAP_FAILED)
		abort();
	atomic_store(&maker->header->tracer_start, own_start());
	atomic_store(&maker->header->tracer_pid, (int32_t)getpid());
	atomic_store(&maker->header->state, SPOOL_TRACING);
}

void maker_close(struct maker *maker)
{
	if (maker->chunk)
		munmap(maker->chunk, maker->chunk->size);
	munmap(maker->header, SPOOL_HEADER_BYTES);
	close(maker->fd);
	*maker = (struct maker){.fd = -1};
}

void maker_die(struct maker *maker)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		abort();
	atomic_store(&maker->header->tracer_pid, (int32_t)pid);
}

void maker_chunk(struct maker *maker, uint32_t size)
{
	uint64_t at = atomic_load(&maker->header->written);
	struct chunk_header *chunk;

	if (posix_fallocate(maker->fd, (off_t)at, size) != 0)
		abort();
	chunk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, maker->fd, (off_t)at);
	if (chunk == MAP_FAILED)
		abort();
	chunk->magic = CHUNK_MAGIC;
	chunk->size = size;
	atomic_store(&chunk->committed, (uint32_t)sizeof(*chunk));
	chunk->number = maker->chunk ? maker->chunk->number + 1 : 0;
	if (maker->chunk) {
		atomic_store(&maker->chunk->next_chunk, at);
		munmap(maker->chunk, maker->chunk->size);
	}
	maker->chunk = chunk;
	maker->chunk_at = at;
	maker->used = sizeof(*chunk);
	atomic_store(&maker->header->written, at + size);
	atomic_fetch_add(&maker->header->taken_bytes, size);
}

static void make_room(struct maker *maker, size_t room)
{
	size_t need = sizeof(struct record_header) + room;

	if (maker->chunk && maker->used + need <= maker->chunk->size)
		return;
	need += sizeof(struct chunk_header);
	maker_chunk(maker, need <= CHUNK_BYTES ? CHUNK_BYTES : (uint32_t)((need + 4095) & ~4095ul));
}

static void commit_used(struct maker *maker, size_t payload)
{
	maker->used += (uint32_t)((sizeof(struct record_header) + payload + 7) & ~7ul);
	if (maker->used > maker->chunk->size)
		maker->used = maker->chunk->size;
	atomic_store(&maker->chunk->committed, maker->used);
}

void maker_begin(struct maker *maker, int64_t first_seq, int64_t base_ns, size_t room)
{
	make_room(maker, room);
	maker->record = (struct record_header *)((uint8_t *)maker->chunk + maker->used);
	maker->record->kind = RECORD_BLOCK;
	maker->record->first_seq = first_seq;
	maker->record->base_ns = base_ns;
	atomic_store(
		&maker->chunk->committed, (uint32_t)(maker->used + sizeof(struct record_header)));
}

void maker_commit(struct maker *maker, struct slice payload, int64_t items, int64_t events)
{
	struct record_header *record = maker->record;
	uint32_t before = filled_bytes(atomic_load(&record->filled));

	memcpy((uint8_t *)(record + 1) + before, payload.data + before, payload.len - before);
	atomic_store(&record->filled,
		payload.len + (uint64_t)items * FILLED_ITEM + (uint64_t)events * FILLED_EVENT);
	maker->next_seq = record->first_seq + events;
}

void maker_end(struct maker *maker)
{
	atomic_store(&maker->record->closed, 1);
	commit_used(maker, filled_bytes(atomic_load(&maker->record->filled)));
	maker->record = NULL;
}

void maker_block(struct maker *maker, const struct block_head *head)
{
	maker_begin(maker, head->first_seq, head->base_ns, head->items.len);
	maker_commit(maker, head->items, head->item_count, head->event_count);
	maker_end(maker);
}

void maker_record(struct maker *maker, enum record_kind kind, struct slice head, struct slice tail)
{
	struct record_header *record;

	make_room(maker, head.len + tail.len);
	record = (struct record_header *)((uint8_t *)maker->chunk + maker->used);
	record->kind = kind;
	memcpy(record + 1, head.data, head.len);
	if (tail.len)
		memcpy((uint8_t *)(record + 1) + head.len, tail.data, tail.len);
	atomic_store(&record->filled, head.len + tail.len);
	atomic_store(&record->closed, 1);
	commit_used(maker, head.len + tail.len);
}

void maker_python(struct maker *maker, const char *version)
{
	maker_record(maker, RECORD_PYTHON, slice_text(version), (struct slice){0});
}

void maker_source(struct maker *maker, const char *path, struct slice text)
{
	uint32_t len = (uint32_t)strlen(path);
	struct buf head = {0};

	buf_append(&head, &len, sizeof(len));
	buf_text(&head, path);
	maker_record(maker, RECORD_SOURCE, buf_slice(&head), text);
	buf_release(&head);
}

void maker_failure(struct maker *maker, const char *type, const char *message)
{
	const struct traceback_entry entry = {slice_text("/app.py"), 7, slice_text("main")};
	struct buf payload = {0}, entries = {0};
	int64_t count = 0;

	avro_buf_bytes(&payload, type, strlen(type));
	avro_buf_bytes(&payload, message, strlen(message));
	traceback_add(&entries, &count, &entry);
	avro_buf_long(&payload, count);
	buf_append(&payload, entries.data, entries.len);
	avro_buf_long(&payload, 0);
	maker_record(maker, RECORD_FAILURE, buf_slice(&payload), (struct slice){0});
	buf_release(&payload);
	buf_release(&entries);
}
