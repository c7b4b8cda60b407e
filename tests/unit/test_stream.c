/* links: tracer schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "schemas/block.h"
#include "tests/lib/help_dir.h"
#include "tracer/names.h"
#include "tracer/plan.h"
#include "tracer/stream.h"

struct fixture {
	char *dir;
	char path[4096];
	struct stream stream;
	struct names names;
	struct plan plan;
	struct err err;
};

/* What the shipper makes before the tracer opens it: a header and nothing behind. */
static void make_spool(struct fixture *f, uint64_t limit_bytes)
{
	struct spool_header *header = calloc(1, SPOOL_HEADER_BYTES);
	int fd;

	snprintf(f->path, sizeof(f->path), "%s/run.spool", f->dir);
	memcpy(header->magic, SPOOL_MAGIC, sizeof(header->magic));
	atomic_store(&header->limit_bytes, limit_bytes);
	fd = open(f->path, O_RDWR | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, header, SPOOL_HEADER_BYTES), SPOOL_HEADER_BYTES);
	close(fd);
	free(header);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = dir_make();
	assert_int_equal(names_init(&f->names), 0);
	f->plan.file = names_intern(&f->names, "/a.py", 5);
	f->plan.function = names_intern(&f->names, "f", 1);
	f->plan.first_line = 1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	stream_abandon(&f->stream);
	if (f->stream.spill)
		munmap(f->stream.spill, STREAM_SPILL_BYTES);
	names_release(&f->names);
	dir_remove(f->dir);
	free(f);
	return 0;
}

/* One line event of a frame that each block states anew, and one local of `len` bytes. */
static enum stream_result put_line(
	struct fixture *f, uint32_t *stated, const char *text, size_t len)
{
	struct stream *stream = &f->stream;
	struct name *name = names_intern(&f->names, "x", 1);
	enum stream_result result;

	do {
		uint32_t code, index;

		stream_begin(stream);
		code = stream_define_code(stream, &f->plan);
		index = stream_name(stream, name);
		if (*stated != stream->block) {
			stream_room(stream, 64);
			stream_put_tag(stream, ITEM_THREAD);
			stream_put_long(stream, 0);
			stream_put_long(stream, 1);
			stream_put_long(stream, index);
			stream_put_long(stream, 0);
			stream_put_tag(stream, ITEM_FRAME);
			stream_put_long(stream, 0);
			stream_put_long(stream, code);
			stream_put_long(stream, 1);
			*stream->at++ = 0;
			*stated = stream->block;
		}
		stream_put_event(stream, ITEM_LINE);
		stream_put_long(stream, 0);
		stream_room(stream, len + 64);
		stream_put_tag(stream, ITEM_CHANGE);
		stream_put_long(stream, index);
		*stream->at++ = VALUE_STRING << 1;
		stream->at = avro_put_bytes(stream->at, text, len);
		result = stream_end(stream);
	} while (result == STREAM_AGAIN);
	return result;
}

/* Walks the file as a shipper would, decodes every block, and returns how many events. */
static int64_t decode_all(struct fixture *f)
{
	struct block_cursor *cursor = block_cursor_new();
	int fd = open(f->path, O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *file = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
	uint64_t at = SPOOL_HEADER_BYTES;
	int64_t expected = 0;

	while (at) {
		struct chunk_header *chunk = (struct chunk_header *)(file + at);
		size_t offset = sizeof(*chunk);

		assert_int_equal(chunk->magic, CHUNK_MAGIC);
		while (offset < chunk->committed) {
			struct record_header *record = (struct record_header *)(file + at + offset);
			struct block_head head = {.first_seq = record->first_seq,
				.event_count = filled_events(record->filled),
				.base_ns = record->base_ns,
				.item_count = filled_items(record->filled),
				.items = {(uint8_t *)(record + 1), filled_bytes(record->filled)}};
			const struct event *event;
			int result;

			assert_int_equal(head.first_seq, expected);
			assert_int_equal(block_cursor_open_items(cursor, &head, &f->err), 0);
			while ((result = block_cursor_next(cursor, &event, &f->err)) == 1)
				assert_int_equal(event->seq, expected++);
			assert_int_equal(result, 0);
			offset += sizeof(*record) + (head.items.len + 7) / 8 * 8;
		}
		at = chunk->next_chunk;
	}
	munmap(file, (size_t)size);
	close(fd);
	block_cursor_free(cursor);
	return expected;
}

static void what_is_written_decodes_block_by_block(void **state)
{
	struct fixture *f = *state;
	uint32_t stated = 0;

	make_spool(f, 0);
	assert_int_equal(stream_open(&f->stream, f->path, &f->err), 0);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(put_line(f, &stated, "value", 5), STREAM_DONE);
	assert_true(stated >= 4); /* at most BLOCK_MAX_EVENTS in each */
	stream_finish(&f->stream);
	assert_int_equal(decode_all(f), 5000);
}

static void an_event_larger_than_its_chunk_gets_a_chunk_of_its_size(void **state)
{
	static char text[700 * 1024];
	struct fixture *f = *state;
	uint32_t stated = 0;

	memset(text, 'x', sizeof(text));
	make_spool(f, 0);
	assert_int_equal(stream_open(&f->stream, f->path, &f->err), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(put_line(f, &stated, "small", 5), STREAM_DONE);
		assert_int_equal(put_line(f, &stated, text, sizeof(text)), STREAM_DONE);
	}
	stream_finish(&f->stream);
	assert_int_equal(decode_all(f), 6);
}

static void an_event_larger_than_any_message_is_lost_alone(void **state)
{
	struct fixture *f = *state;
	size_t len = STREAM_SPILL_BYTES;
	char *text = malloc(len);
	struct stream *stream = &f->stream;
	uint32_t stated = 0;

	memset(text, 'x', len);
	make_spool(f, 0);
	assert_int_equal(stream_open(stream, f->path, &f->err), 0);
	assert_int_equal(put_line(f, &stated, "before", 6), STREAM_DONE);
	stream_begin(stream);
	stream_put_event(stream, ITEM_LINE);
	stream_put_long(stream, 0);
	stream_room(stream, len); /* gives up: what is written from here goes nowhere */
	assert_int_equal(stream_end(stream), STREAM_LOST);
	assert_int_equal(put_line(f, &stated, "after", 5), STREAM_DONE);
	stream_finish(stream);
	assert_int_equal(decode_all(f), 2);
	free(text);
}

static void a_full_spool_that_nobody_empties_loses_events_not_time(void **state)
{
	struct fixture *f = *state;
	uint32_t stated = 0;
	int64_t written = 0, lost = 0;

	make_spool(f, 2 * CHUNK_BYTES); /* no shipper lives: waiting would be for ever */
	assert_int_equal(stream_open(&f->stream, f->path, &f->err), 0);
	for (int i = 0; i < 100000; i++) {
		enum stream_result result = put_line(f, &stated, "value", 5);

		written += result == STREAM_DONE;
		lost += result == STREAM_LOST;
	}
	assert_true(lost > 0);
	assert_int_equal(written + lost, 100000);
	stream_finish(&f->stream);
	assert_int_equal(decode_all(f), written);
}

static void a_chunk_given_back_is_written_anew(void **state)
{
	struct fixture *f = *state;
	struct spool_header *header;
	const struct chunk_header *first;
	uint32_t stated = 0;
	uint64_t written;
	int64_t count;

	make_spool(f, 0);
	assert_int_equal(stream_open(&f->stream, f->path, &f->err), 0);
	header = f->stream.spool.header;
	assert_int_equal(put_line(f, &stated, "value", 5), STREAM_DONE);
	first = f->stream.spool.chunk;
	for (count = 1; header->written < SPOOL_HEADER_BYTES + 3 * CHUNK_BYTES; count++)
		assert_int_equal(put_line(f, &stated, "value", 5), STREAM_DONE);
	written = header->written;
	header->free_chunks[1] = SPOOL_HEADER_BYTES + CHUNK_BYTES;
	header->free_chunks[5] = SPOOL_HEADER_BYTES;
	for (; header->free_chunks[1] || header->free_chunks[5]; count++)
		assert_int_equal(put_line(f, &stated, "value", 5), STREAM_DONE);
	assert_int_equal(header->written, written);
	assert_int_equal(header->taken_bytes, 5 * CHUNK_BYTES);
	assert_int_equal(f->stream.spool.chunk->number, 4);
	assert_ptr_equal(f->stream.spool.chunk, first); /* its pages are not asked for again */
	assert_int_equal(f->stream.seq, count);
	while (header->written == written)
		assert_int_equal(put_line(f, &stated, "value", 5), STREAM_DONE);
}

static void a_file_that_is_no_spool_is_refused(void **state)
{
	struct fixture *f = *state;
	int fd;

	make_spool(f, 0);
	fd = open(f->path, O_RDWR);
	assert_int_equal(pwrite(fd, "nonsense", 8, 0), 8);
	close(fd);
	assert_true(stream_open(&f->stream, f->path, &f->err) < 0);
	assert_non_null(strstr(f->err.message, "is not a spool"));
	f->stream = (struct stream){0};
	assert_true(stream_open(&f->stream, "/no/such/spool", &f->err) < 0);
	assert_non_null(strstr(f->err.message, "open spool /no/such/spool: No such file"));
	f->stream = (struct stream){0};
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_written_decodes_block_by_block, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_event_larger_than_its_chunk_gets_a_chunk_of_its_size, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_event_larger_than_any_message_is_lost_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_full_spool_that_nobody_empties_loses_events_not_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_chunk_given_back_is_written_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_file_that_is_no_spool_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
