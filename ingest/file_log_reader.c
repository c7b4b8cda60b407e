#include "ingest/file_log_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "schemas/now.h"

struct file_reader {
	struct log_reader base;
	struct file_log *log; /* borrowed */
	struct scan scan;     /* fd owned here; -1: no segment open */
	uint64_t segment;     /* where to go on: 0 is before the first */
	uint64_t offset;
	uint64_t skipped; /* damage since the last record returned */
	struct watch watch;
	char place[80];         /* of the record last returned, as users read it */
	size_t place_head;      /* of it: "log segment N at " */
	uint64_t place_segment; /* which that names; 0: none yet */
	struct timespec listed; /* the directory's time when it was listed with no successor */
};

void file_position_put(struct position *position, uint64_t segment, uint64_t offset)
{
	position->len = 0;
	if (segment == 0)
		return;
	for (int shift = 56; shift >= 0; shift -= 8)
		position->bytes[position->len++] = (uint8_t)(segment >> shift);
	for (int shift = 56; shift >= 0; shift -= 8)
		position->bytes[position->len++] = (uint8_t)(offset >> shift);
}

int file_position_get(
	const struct position *position, uint64_t *segment, uint64_t *offset, struct err *err)
{
	*segment = *offset = 0;
	if (position->len == 0)
		return 0;
	if (position->len == 16) {
		for (int i = 0; i < 8; i++) {
			*segment = *segment << 8 | position->bytes[i];
			*offset = *offset << 8 | position->bytes[i + 8];
		}
		/* Of more segments than a disk holds: a position of topics. */
		if (*segment && *segment >> 56 == 0 && *offset >= SEGMENT_HEADER_BYTES &&
			*offset <= INT64_MAX)
			return 0;
	}
	return err_set(err, ERR_FORMAT, "not a position of a file log");
}

static int reader_new(struct file_log *log, uint64_t segment, uint64_t offset,
	struct log_reader **reader, struct err *err)
{
	struct file_reader *self = calloc(1, sizeof(*self));

	if (!self)
		return err_set(err, ERR_MEMORY, "out of memory");
	self->base.class = &file_log_class;
	self->log = log;
	self->scan.fd = -1;
	self->segment = segment;
	self->offset = offset;
	*reader = &self->base;
	return 0;
}

int file_reader_open(
	struct log *log, enum log_start start, struct log_reader **reader, struct err *err)
{
	struct position position = {0};
	uint64_t segment = 0, offset = 0;
	int result = start == LOG_FROM_NOW ? file_log_end(log, &position, err) : 0;

	if (result == 0)
		result = file_position_get(&position, &segment, &offset, err);
	if (result < 0)
		return result;
	return reader_new((struct file_log *)log, segment, offset, reader, err);
}

int file_reader_open_at(struct log *log, const struct position *position,
	struct log_reader **reader, struct err *err)
{
	struct file_log *self = (struct file_log *)log;
	struct stat status;
	char name[SEGMENT_NAME_BYTES];
	uint64_t segment, offset;
	int result = file_position_get(position, &segment, &offset, err);

	if (result < 0)
		return result;
	if (fstatat(self->dir_fd, segment_name(segment, name), &status, 0) == 0) {
		if (offset > SEGMENT_HEADER_BYTES && offset > (uint64_t)status.st_size)
			return err_set(err, ERR_STATE,
				"position %" PRIu64
				" of %s is beyond its end: the log was cut or made anew",
				offset, name);
	} else if (segment > segment_last_before(self->dir_fd, UINT64_MAX)) {
		return err_set(err, ERR_STATE,
			"position in %s is beyond the log's end: the log was cut or made anew",
			name);
	}
	return reader_new(self, segment, offset, reader, err);
}

void file_reader_close(struct log_reader *reader)
{
	struct file_reader *self = (struct file_reader *)reader;

	if (self->scan.fd >= 0)
		close(self->scan.fd);
	scan_release(&self->scan);
	watch_release(&self->watch);
	free(self);
}

/* Opens the segment to read on from. 1: open. 0: it is not there yet. */
static int open_segment(struct file_reader *self, struct err *err)
{
	uint64_t number = segment_first_from(self->log->dir_fd, self->segment);
	struct stat status;
	int fd, result;

	if (number == 0)
		return 0;
	fd = segment_open(self->log->dir_fd, number, false);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_set_errno(err, errno, "open segment %" PRIu64, number);
	if (fstat(fd, &status) == 0 && status.st_size < SEGMENT_HEADER_BYTES &&
		segment_first_from(self->log->dir_fd, number + 1) == 0) {
		close(fd);
		return 0;
	}
	result = segment_check_header(fd, number, err);
	if (result < 0) {
		close(fd);
		return result;
	}
	if (number != self->segment || self->offset < SEGMENT_HEADER_BYTES)
		self->offset = SEGMENT_HEADER_BYTES;
	self->segment = number;
	scan_start(&self->scan, fd, number, self->offset);
	return 1;
}

/* The segment has a successor and nothing good left: counts its rest, and goes there. */
static void leave_segment(struct file_reader *self, uint64_t next)
{
	struct stat status;

	if (fstat(self->scan.fd, &status) == 0 && (uint64_t)status.st_size > self->scan.offset)
		self->skipped += (uint64_t)status.st_size - self->scan.offset;
	close(self->scan.fd);
	self->scan.fd = -1;
	self->segment = next;
	self->offset = SEGMENT_HEADER_BYTES;
}

static int scan_result(struct file_reader *self, struct err *err)
{
	if (self->scan.io_errno)
		return err_set_errno(
			err, self->scan.io_errno, "read segment %" PRIu64, self->segment);
	return 0;
}

/* The segment after this one, 0: none. Usually the next number; when files are missing,
 * the next there is: then the directory is listed, once after each change of it. */
static uint64_t successor(struct file_reader *self)
{
	uint64_t number = self->segment + 1;
	struct stat status;

	if (segment_exists(self->log->dir_fd, number))
		return number;
	if (fstat(self->log->dir_fd, &status) < 0 ||
		(status.st_mtim.tv_sec == self->listed.tv_sec &&
			status.st_mtim.tv_nsec == self->listed.tv_nsec))
		return 0;
	number = segment_first_from(self->log->dir_fd, number);
	if (number == 0)
		self->listed = status.st_mtim;
	return number;
}

static void set_place(struct file_reader *self, struct log_record *record)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t left =
		self->scan.offset - RECORD_HEADER_BYTES - record->key.len - record->message.len;

	if (self->place_segment != self->segment) {
		self->place_segment = self->segment;
		self->place_head = (size_t)snprintf(self->place, sizeof(self->place),
			"log segment %" PRIu64 " at ", self->segment);
	}
	do
		digits[--at] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	memcpy(self->place + self->place_head, digits + at, sizeof(digits) - at);
	record->place = (struct slice){
		(const uint8_t *)self->place, self->place_head + sizeof(digits) - at};
}

/* 1: record. 0: none now. */
static int next_now(struct file_reader *self, struct log_record *record, struct err *err)
{
	for (;;) {
		uint64_t skipped, next = 0;
		bool found;

		if (self->scan.fd < 0) {
			int result = open_segment(self, err);

			if (result <= 0)
				return result;
		}
		found = scan_next(&self->scan, record, &skipped);
		if (!found && !self->scan.io_errno)
			next = successor(self);
		/* A successor means that this segment will not grow any more; but it may
		 * have, before the successor was made. */
		if (next)
			found = scan_next(&self->scan, record, &skipped);
		if (found) {
			record->skipped = (int64_t)(self->skipped + skipped);
			set_place(self, record);
			self->skipped = 0;
			self->offset = self->scan.offset;
			return 1;
		}
		self->offset = self->scan.offset;
		if (!next || self->scan.io_errno)
			return scan_result(self, err);
		leave_segment(self, next);
	}
}

int file_reader_next(
	struct log_reader *reader, int timeout_ms, struct log_record *record, struct err *err)
{
	struct file_reader *self = (struct file_reader *)reader;
	int64_t deadline = timeout_ms > 0 ? monotonic_ms() + timeout_ms : 0;

	for (;;) {
		int result = next_now(self, record, err);
		int left = timeout_ms;

		if (result != 0 || timeout_ms == 0)
			return result;
		if (watch_start(&self->watch, self->log->dir))
			continue;
		if (timeout_ms > 0) {
			left = (int)(deadline - monotonic_ms());
			if (left <= 0)
				return 0;
		}
		if (!watch_wait(&self->watch, left))
			return 0;
	}
}

void file_reader_position(const struct log_reader *reader, struct position *position)
{
	const struct file_reader *self = (const struct file_reader *)reader;

	file_position_put(position, self->segment, self->offset);
}

int file_reader_progress(struct log_reader *reader, uint64_t *done, uint64_t *total)
{
	struct file_reader *self = (struct file_reader *)reader;
	uint64_t number = 0;

	*done = *total = 0;
	while ((number = segment_first_from(self->log->dir_fd, number + 1)) != 0) {
		char name[SEGMENT_NAME_BYTES];
		struct stat status;

		if (fstatat(self->log->dir_fd, segment_name(number, name), &status, 0) < 0)
			continue;
		*total += (uint64_t)status.st_size;
		if (number < self->segment)
			*done += (uint64_t)status.st_size;
		else if (number == self->segment)
			*done += self->offset;
	}
	return 0;
}
