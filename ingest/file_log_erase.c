/*
 * Erasing: neighbouring records that nobody is to have any more become one span. Its header is
 * written over the first one's, is on the disk before anything is taken away, and stands for all
 * of them; then the file gets a hole there. Killed in between, the span is erased and its space
 * is given back by the next one who comes by.
 */
#include "ingest/file_log_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_BYTES 2048
/* What a header can say, and more than segments have. */
#define SPAN_MAX_BYTES UINT32_MAX
#define DISK_BLOCK 512 /* what st_blocks counts */

_Static_assert(RECORD_HEADER_BYTES + LOG_KEY_MAX_BYTES + 1024 <= LOOK_BYTES, "a KiB of message");

struct span {
	uint64_t from, to;
	bool fresh; /* something of it was a record until now */
};

struct erasing {
	int fd;
	uint64_t number;
	uint64_t limit; /* nothing at or behind it is erased */
	bool (*doomed)(void *context, const struct log_record *record);
	void *context;
	struct span *spans;
	size_t count;
	struct buf whole; /* a record that is to be erased */
};

/* Adds to the last span when that ends here. */
static int add_span(
	struct erasing *self, uint64_t from, uint64_t length, bool fresh, struct err *err)
{
	struct span *last = self->count ? &self->spans[self->count - 1] : NULL;
	struct span *spans;

	if (last && last->to == from && from + length - last->from <= SPAN_MAX_BYTES) {
		last->to += length;
		last->fresh |= fresh;
		return 0;
	}
	spans = reallocarray(self->spans, self->count + 1, sizeof(*spans));
	if (!spans)
		return err_set(err, ERR_MEMORY, "out of memory");
	self->spans = spans;
	spans[self->count++] = (struct span){from, from + length, fresh};
	return 0;
}

/* Only what is a whole record is erased, whatever its header says. */
static bool is_whole(struct erasing *self, uint64_t at, size_t length)
{
	struct record_place place = {self->number, at};
	size_t checked;

	buf_clear(&self->whole);
	if (buf_reserve(&self->whole, length) < 0 ||
		pread(self->fd, self->whole.data, length, (off_t)at) != (ssize_t)length)
		return false;
	return record_check(self->whole.data, length, place, &checked) == RECORD_GOOD;
}

/* The header at `at`, `got` bytes of it and what follows. Returns how far the next one is; 0:
 * there is no record here. */
static uint64_t look_at(struct erasing *self, const uint8_t *bytes, size_t got, uint64_t at,
	struct err *err, int *result)
{
	struct record_place place = {self->number, at};
	uint64_t erased = record_erased(bytes, place);
	size_t length = record_length(bytes);
	struct log_record record;

	*result = 0;
	if (erased) {
		if (at + erased <= self->limit)
			*result = add_span(self, at, erased, false, err);
		return erased;
	}
	if (length == 0 || at + length > self->limit)
		return 0;
	record_open(bytes, length < got ? length : got, &record);
	if (self->doomed(self->context, &record) && is_whole(self, at, length))
		*result = add_span(self, at, length, true, err);
	return length;
}

/* Where the next good record behind a damaged place begins; 0: there is none. */
static uint64_t pass_damage(struct erasing *self, uint64_t at)
{
	struct scan scan = {.fd = -1};
	struct log_record record;
	uint64_t skipped, found = 0;

	scan_start(&scan, self->fd, self->number, at);
	if (scan_next(&scan, &record, &skipped))
		found = scan.offset - RECORD_HEADER_BYTES - record.key.len - record.message.len;
	scan_release(&scan);
	return found;
}

static int find_spans(struct erasing *self, struct err *err)
{
	uint64_t at = SEGMENT_HEADER_BYTES;
	uint8_t bytes[LOOK_BYTES];
	int result = 0;

	while (result == 0 && at + RECORD_HEADER_BYTES <= self->limit) {
		ssize_t got = pread(self->fd, bytes, sizeof(bytes), (off_t)at);
		uint64_t length;

		if (got < RECORD_HEADER_BYTES)
			break;
		length = look_at(self, bytes, (size_t)got, at, err, &result);
		if (length == 0) {
			uint64_t next = pass_damage(self, at);

			if (next <= at)
				break;
			length = next - at;
		}
		at += length;
	}
	return result;
}

static int write_spans(struct erasing *self, struct err *err)
{
	uint8_t header[RECORD_HEADER_BYTES];
	bool some = false;

	for (size_t i = 0; i < self->count; i++) {
		const struct span *span = &self->spans[i];

		if (!span->fresh)
			continue;
		record_make_erased(header, (struct record_place){self->number, span->from},
			(uint32_t)(span->to - span->from));
		if (pwrite(self->fd, header, sizeof(header), (off_t)span->from) !=
			(ssize_t)sizeof(header))
			return err_set_errno(err, errno, "erase in segment %" PRIu64, self->number);
		some = true;
	}
	if (some && fdatasync(self->fd) < 0)
		return err_set_errno(err, errno, "sync segment %" PRIu64, self->number);
	/* A file system that knows no holes keeps the bytes. */
	for (size_t i = 0; i < self->count; i++) {
		const struct span *span = &self->spans[i];

		fallocate(self->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			(off_t)(span->from + RECORD_HEADER_BYTES),
			(off_t)(span->to - span->from - RECORD_HEADER_BYTES));
	}
	return 0;
}

static uint64_t disk_bytes(int fd)
{
	struct stat status;

	return fstat(fd, &status) < 0 ? 0 : (uint64_t)status.st_blocks * DISK_BLOCK;
}

static int erase_segment(
	struct file_log *log, struct erasing *self, uint64_t *bytes, struct err *err)
{
	struct stat status;
	uint64_t before;
	int result;

	self->fd = segment_open(log->dir_fd, self->number, true);
	if (self->fd < 0)
		return errno == ENOENT
			       ? 0
			       : err_set_errno(err, errno, "open segment %" PRIu64, self->number);
	self->count = 0;
	before = disk_bytes(self->fd);
	result = segment_check_header(self->fd, self->number, err);
	if (result == 0 && fstat(self->fd, &status) == 0 && (uint64_t)status.st_size < self->limit)
		self->limit = (uint64_t)status.st_size;
	if (result == 0)
		result = find_spans(self, err);
	if (result == 0)
		result = write_spans(self, err);
	if (disk_bytes(self->fd) < before)
		*bytes += before - disk_bytes(self->fd);
	close(self->fd);
	return result;
}

int file_log_erase(struct log *log, const struct position *before,
	bool (*doomed)(void *context, const struct log_record *record), void *context,
	uint64_t *bytes, struct err *err)
{
	struct file_log *self = (struct file_log *)log;
	struct erasing erasing = {.doomed = doomed, .context = context};
	uint64_t segment, offset, number = 0;
	int result = file_position_get(before, &segment, &offset, err);

	while (result == 0 && (number = segment_first_from(self->dir_fd, number + 1)) != 0 &&
		number <= segment) {
		erasing.number = number;
		erasing.limit = number == segment ? offset : UINT64_MAX;
		result = file_log_lock(self, err);
		if (result < 0)
			break;
		result = erase_segment(self, &erasing, bytes, err);
		file_log_unlock(self);
	}
	free(erasing.spans);
	buf_release(&erasing.whole);
	return result;
}
