#include "ingest/file_log.h"

#include "ingest/file_log_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "append.lock"

static void file_log_close(struct log *log)
{
	struct file_log *self = (struct file_log *)log;

	if (self->fd >= 0)
		close(self->fd);
	if (self->lock_fd >= 0)
		close(self->lock_fd);
	if (self->dir_fd >= 0)
		close(self->dir_fd);
	buf_release(&self->record);
	free(self->dir);
	free(self);
}

int file_log_open(const char *dir, bool create, struct log **log, struct err *err)
{
	struct file_log *self = calloc(1, sizeof(*self));

	if (!self || !(self->dir = strdup(dir))) {
		free(self);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	self->base.class = &file_log_class;
	self->lock_fd = self->fd = -1;
	self->segment_bytes = FILE_LOG_SEGMENT_BYTES;
	if (create && mkdir(dir, 0700) < 0 && errno != EEXIST) {
		err_set_errno(err, errno, "make log %s", dir);
		self->dir_fd = -1;
		file_log_close(&self->base);
		return ERR_IO;
	}
	self->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (self->dir_fd < 0) {
		int failure = errno;

		file_log_close(&self->base);
		if (failure == ENOENT)
			return err_set(err, ERR_NOT_FOUND, "there is no log %s", dir);
		return err_set_errno(err, failure, "open log %s", dir);
	}
	*log = &self->base;
	return 0;
}

void file_log_set_segment_bytes(struct log *log, uint64_t bytes)
{
	((struct file_log *)log)->segment_bytes = bytes;
}

int file_log_lock(struct file_log *self, struct err *err)
{
	if (self->lock_fd < 0)
		self->lock_fd = openat(self->dir_fd, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (self->lock_fd < 0)
		return err_set_errno(err, errno, "open %s/%s", self->dir, LOCK_NAME);
	while (flock(self->lock_fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_set_errno(err, errno, "lock %s/%s", self->dir, LOCK_NAME);
	return 0;
}

void file_log_unlock(struct file_log *self)
{
	flock(self->lock_fd, LOCK_UN);
}

static void forget_segment(struct file_log *self)
{
	if (self->fd >= 0)
		close(self->fd);
	self->fd = -1;
}

static int use_segment(struct file_log *self, uint64_t number, int fd, struct err *err)
{
	if (fd < 0)
		return err_set_errno(
			err, errno, "open segment %" PRIu64 " of %s", number, self->dir);
	forget_segment(self);
	self->fd = fd;
	self->number = number;
	self->end = SEGMENT_HEADER_BYTES;
	return segment_check_header(fd, number, err);
}

/* Makes the newest segment the current one. */
static int find_segment(struct file_log *self, struct err *err)
{
	struct stat status;
	uint64_t number;
	int result;

	if (self->fd >= 0 && (fstat(self->fd, &status) < 0 || status.st_nlink == 0))
		forget_segment(self);
	if (self->fd >= 0 && !segment_exists(self->dir_fd, self->number + 1))
		return 0;
	number = segment_last_before(self->dir_fd, UINT64_MAX);
	if (number == 0)
		result = use_segment(self, 1, segment_create(self->dir_fd, 1), err);
	else
		result = use_segment(self, number, segment_open(self->dir_fd, number, true), err);
	if (result < 0)
		forget_segment(self);
	return result;
}

/* Under the lock: takes in what others appended since this handle's last look, and cuts
 * off what one of them left half done. No record that is good is ever cut. */
static int catch_up(struct file_log *self, struct err *err)
{
	struct stat status;
	bool records;
	int result = find_segment(self, err);

	if (result < 0)
		return result;
	if (fstat(self->fd, &status) < 0)
		return err_set_errno(err, errno, "look at segment %" PRIu64, self->number);
	if ((uint64_t)status.st_size == self->end)
		return 0;
	if (status.st_size < SEGMENT_HEADER_BYTES) {
		if (segment_write_header(self->fd, self->number) < 0)
			return err_set_errno(err, errno, "begin segment %" PRIu64, self->number);
		self->end = SEGMENT_HEADER_BYTES;
		return 0;
	}
	if ((uint64_t)status.st_size < self->end) /* somebody cut it */
		self->end = SEGMENT_HEADER_BYTES;
	result = segment_find_end(self->fd, self->number, self->end, &self->end, &records, err);
	if (result < 0)
		return result;
	if ((uint64_t)status.st_size > self->end && ftruncate(self->fd, (off_t)self->end) < 0)
		return err_set_errno(
			err, errno, "cut the torn end of segment %" PRIu64, self->number);
	return 0;
}

static int rotate(struct file_log *self, struct err *err)
{
	return use_segment(
		self, self->number + 1, segment_create(self->dir_fd, self->number + 1), err);
}

static ssize_t write_at(int fd, struct slice bytes, uint64_t offset)
{
	for (;;) {
		ssize_t wrote = pwrite(fd, bytes.data, bytes.len, (off_t)offset);

		if (wrote >= 0 || errno != EINTR)
			return wrote;
	}
}

static int append_locked(struct file_log *self, enum log_topic topic, struct slice key,
	struct slice message, struct err *err)
{
	size_t length = RECORD_HEADER_BYTES + key.len + message.len;
	int result = catch_up(self, err);
	ssize_t wrote;

	if (result == 0 && self->end + length > self->segment_bytes &&
		self->end > SEGMENT_HEADER_BYTES)
		result = rotate(self, err);
	if (result < 0)
		return result;
	buf_clear(&self->record);
	record_make(
		&self->record, (struct record_place){self->number, self->end}, topic, key, message);
	if (self->record.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	wrote = write_at(self->fd, buf_slice(&self->record), self->end);
	if (wrote != (ssize_t)length) {
		int failure = wrote < 0 ? errno : ENOSPC;

		/* When even this fails the next append finds the torn end. */
		if (wrote > 0 && ftruncate(self->fd, (off_t)self->end) < 0)
			forget_segment(self);
		return err_set_errno(err, failure, "append to log %s", self->dir);
	}
	self->end += length;
	if (self->dirty_from == 0)
		self->dirty_from = self->number;
	return 0;
}

static int file_log_append(struct log *log, enum log_topic topic, struct slice key,
	struct slice message, struct err *err)
{
	struct file_log *self = (struct file_log *)log;
	int result = file_log_lock(self, err);

	if (result < 0)
		return result;
	result = append_locked(self, topic, key, message, err);
	file_log_unlock(self);
	return result;
}

static int sync_segment(struct file_log *self, uint64_t number, struct err *err)
{
	int fd = segment_open(self->dir_fd, number, false);
	int failure = 0;

	if (fd < 0 || fdatasync(fd) < 0)
		failure = errno;
	if (fd >= 0)
		close(fd);
	if (failure && failure != ENOENT)
		return err_set_errno(
			err, failure, "sync segment %" PRIu64 " of %s", number, self->dir);
	return 0;
}

static int file_log_sync(struct log *log, struct err *err)
{
	struct file_log *self = (struct file_log *)log;

	if (self->dirty_from == 0)
		return 0;
	for (uint64_t number = self->dirty_from; number != SEGMENT_NONE;
		number = segment_first_from(self->dir_fd, number + 1)) {
		int result = sync_segment(self, number, err);

		if (result < 0)
			return result;
	}
	if (fsync(self->dir_fd) < 0)
		return err_set_errno(err, errno, "sync log %s", self->dir);
	self->dirty_from = 0;
	return 0;
}

/* The end of the last good record of one segment. 1: it has one. */
static int end_of(struct file_log *self, uint64_t number, uint64_t *end, struct err *err)
{
	uint64_t from = SEGMENT_HEADER_BYTES;
	struct stat status;
	bool records;
	int result, fd = segment_open(self->dir_fd, number, false);

	if (fd < 0)
		return errno == ENOENT ? 0
				       : err_set_errno(err, errno, "open segment %" PRIu64, number);
	if (number == self->end_number && fstat(fd, &status) == 0 &&
		(uint64_t)status.st_size >= self->end_offset)
		from = self->end_offset;
	result = segment_find_end(fd, number, from, end, &records, err);
	close(fd);
	if (result < 0)
		return result;
	return records || *end > SEGMENT_HEADER_BYTES;
}

int file_log_end(struct log *log, struct position *position, struct err *err)
{
	struct file_log *self = (struct file_log *)log;
	uint64_t end = 0;

	position->len = 0;
	for (uint64_t number = segment_last_before(self->dir_fd, UINT64_MAX); number > 0;
		number--) {
		int result = end_of(self, number, &end, err);

		if (result < 0)
			return result;
		if (result > 0) {
			self->end_number = number;
			self->end_offset = end;
			file_position_put(position, number, end);
			return 0;
		}
	}
	return 0;
}

const struct log_class file_log_class = {
	.close = file_log_close,
	.append = file_log_append,
	.sync = file_log_sync,
	.erase = file_log_erase,
	.end = file_log_end,
	.reader_open = file_reader_open,
	.reader_open_at = file_reader_open_at,
	.reader_close = file_reader_close,
	.reader_next = file_reader_next,
	.reader_position = file_reader_position,
	.reader_progress = file_reader_progress,
};
