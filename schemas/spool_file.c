#include "schemas/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first `keep` texts of a list, each cut to `max` bytes. */
static void cut_list(
	struct text_list list, int64_t keep, size_t max, struct buf *items, int64_t *count)
{
	struct slice text;

	while (*count < keep && text_list_next(&list, &text)) {
		if (text.len > max)
			text.len = max;
		text_list_add(items, count, text);
	}
}

/* RunStarted must fit the header: long arguments are cut, then the last ones go, then the
 * limits. */
static int encode_started(const struct run_started *run, struct buf *message, struct err *err)
{
	struct run_started cut = *run;
	struct buf argv = {0};
	int64_t keep = run->argv.count;
	size_t max = SPOOL_STARTED_BYTES / 4;

	run_started_encode(run, message);
	while (message->len > SPOOL_STARTED_BYTES && (keep || cut.limits.count)) {
		int64_t count = 0;

		if (keep == 0)
			cut.limits = (struct text_list){0};
		buf_clear(&argv);
		cut_list(run->argv, keep, max, &argv, &count);
		cut.argv = (struct text_list){buf_slice(&argv), count};
		buf_clear(message);
		run_started_encode(&cut, message);
		if (max > 256)
			max /= 2;
		else
			keep /= 2;
	}
	message->failed |= argv.failed;
	buf_release(&argv);
	if (message->failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (message->len > SPOOL_STARTED_BYTES)
		return err_set(err, ERR_LIMIT, "what is known of the run is over %d bytes",
			SPOOL_STARTED_BYTES);
	return 0;
}

static int fill_header(struct spool_header *header, const struct spool_file *file, struct err *err)
{
	struct buf message = {0};
	int result;

	if (file->options.len > SPOOL_OPTIONS_BYTES)
		return err_set(err, ERR_LIMIT, "the tracer's options are over %d bytes",
			SPOOL_OPTIONS_BYTES);
	result = encode_started(file->started, &message, err);
	if (result == 0) {
		memcpy(header->magic, SPOOL_MAGIC, sizeof(header->magic));
		header->run = file->started->run;
		header->root = file->root ? *file->root : file->started->run;
		header->state = SPOOL_CREATED;
		header->shipper_pid = file->shipper_pid;
		header->shipper_start = file->shipper_start;
		header->tracer_pid = file->tracer_pid;
		header->tracer_start = file->tracer_start;
		header->written = SPOOL_HEADER_BYTES;
		header->shipped_offset = SPOOL_HEADER_BYTES;
		header->shipped_chunk = SPOOL_HEADER_BYTES;
		header->limit_bytes = file->limit_bytes;
		header->policy_drop = file->drop;
		header->paused = file->paused;
		header->options_bytes = (uint32_t)file->options.len;
		if (file->options.len)
			memcpy(header->options, file->options.data, file->options.len);
		header->started_bytes = (uint32_t)message.len;
		memcpy(header->started, message.data, message.len);
	}
	buf_release(&message);
	return result;
}

/* Written whole, holes too: no page of a mapped header may lack its place on disk. */
static int write_header(int fd, const void *header, const char *path, struct err *err)
{
	ssize_t wrote;

	if (fd < 0)
		return err_set_errno(err, errno, "make spool %s", path);
	wrote = pwrite(fd, header, SPOOL_HEADER_BYTES, 0);
	if (wrote != SPOOL_HEADER_BYTES)
		return err_set_errno(err, wrote < 0 ? errno : ENOSPC, "write spool %s", path);
	return 0;
}

int spool_file_make(
	const char *dir, const struct spool_file *file, struct buf *path, struct err *err)
{
	union {
		struct spool_header header;
		uint8_t bytes[SPOOL_HEADER_BYTES];
	} *whole = calloc(1, sizeof(*whole));
	struct buf making = {0};
	char id[RUN_ID_TEXT_BYTES];
	int fd = -1, result;

	if (!whole)
		return err_set(err, ERR_MEMORY, "out of memory");
	result = fill_header(&whole->header, file, err);
	if (result < 0)
		goto out;
	buf_printf(path, "%s/%s" SPOOL_FILE_SUFFIX, dir, run_id_format(&file->started->run, id));
	buf_printf(&making, "%s" SPOOL_FILE_NEW_SUFFIX, buf_string(path));
	if (path->failed || making.failed) {
		result = err_set(err, ERR_MEMORY, "out of memory");
		goto out;
	}
	fd = open(buf_string(&making), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	result = write_header(fd, whole, buf_string(&making), err);
	if (result == 0 && rename(buf_string(&making), buf_string(path)) < 0)
		result = err_set_errno(err, errno, "name spool %s", buf_string(path));
	if (result < 0 && fd >= 0)
		unlink(buf_string(&making));
out:
	if (fd >= 0)
		close(fd);
	buf_release(&making);
	free(whole);
	return result;
}
