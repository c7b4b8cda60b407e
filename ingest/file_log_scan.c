#include "ingest/file_log_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW_BYTES (256 * 1024)

void scan_start(struct scan *scan, int fd, uint64_t segment, uint64_t offset)
{
	scan->fd = fd;
	scan->segment = segment;
	scan->offset = offset;
	scan->window_len = 0;
	scan->dead_size = 0;
	scan->io_errno = 0;
}

void scan_release(struct scan *scan)
{
	free(scan->window);
	*scan = (struct scan){.fd = -1};
}

static bool grow_window(struct scan *scan, size_t need)
{
	size_t cap = need > WINDOW_BYTES ? need : WINDOW_BYTES;
	uint8_t *window;

	if (scan->window_cap >= cap)
		return true;
	window = realloc(scan->window, cap);
	if (!window) {
		scan->io_errno = ENOMEM;
		return false;
	}
	scan->window = window;
	scan->window_cap = cap;
	return true;
}

/* The bytes at offset, at least `need` of them unless the file ends before; *len says how
 * many. need <= RECORD_MAX_BYTES. */
static const uint8_t *look(struct scan *scan, uint64_t offset, size_t need, size_t *len)
{
	uint64_t window_end = scan->window_at + scan->window_len;
	size_t keep = 0;

	if (scan->window_len && offset >= scan->window_at && offset <= window_end) {
		keep = (size_t)(window_end - offset);
		if (keep >= need) {
			*len = keep;
			return scan->window + (offset - scan->window_at);
		}
	}
	*len = 0;
	if (!grow_window(scan, need))
		return NULL;
	if (keep)
		memmove(scan->window, scan->window + (offset - scan->window_at), keep);
	scan->window_at = offset;
	scan->window_len = keep;
	while (scan->window_len < scan->window_cap) {
		ssize_t got = pread(scan->fd, scan->window + scan->window_len,
			scan->window_cap - scan->window_len, (off_t)(offset + scan->window_len));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			scan->io_errno = errno;
		if (got <= 0)
			break;
		scan->window_len += (size_t)got;
	}
	*len = scan->window_len;
	return scan->window;
}

/* The good record at offset, or NULL. */
static const uint8_t *good_at(struct scan *scan, uint64_t offset, size_t *length)
{
	struct record_place place = {scan->segment, offset};
	size_t len;
	const uint8_t *bytes = look(scan, offset, RECORD_HEADER_BYTES, &len);
	enum record_check check = bytes ? record_check(bytes, len, place, length) : RECORD_BAD;

	if (check == RECORD_SHORT && *length > RECORD_HEADER_BYTES) {
		bytes = look(scan, offset, *length, &len);
		check = bytes ? record_check(bytes, len, place, length) : RECORD_BAD;
	}
	return check == RECORD_GOOD ? bytes : NULL;
}

/* The first good record behind a bad place. Candidates are told by their magic. */
static const uint8_t *good_behind(
	struct scan *scan, uint64_t offset, uint64_t *found, size_t *length)
{
	static const uint8_t magic[4] = {0xf5, 0x4c, 0x47, 0xfa};

	for (uint64_t at = offset + 1;;) {
		size_t len;
		const uint8_t *bytes = look(scan, at, RECORD_HEADER_BYTES, &len);
		const uint8_t *hit;

		if (!bytes || len < RECORD_HEADER_BYTES)
			return NULL;
		hit = memmem(bytes + RECORD_MAGIC_AT, len - RECORD_MAGIC_AT, magic, sizeof(magic));
		if (!hit) {
			at += len - RECORD_MAGIC_AT - (sizeof(magic) - 1);
			continue;
		}
		at += (uint64_t)(hit - bytes) - RECORD_MAGIC_AT;
		bytes = good_at(scan, at, length);
		if (bytes) {
			*found = at;
			return bytes;
		}
		at++;
	}
}

static uint64_t file_size(int fd)
{
	struct stat status;

	return fstat(fd, &status) < 0 ? 0 : (uint64_t)status.st_size;
}

/* As good_behind(), from scan->offset, where nothing good was. What another process wrote
 * meanwhile may stand there by now: that comes first. */
static const uint8_t *resync(struct scan *scan, uint64_t *found, size_t *length)
{
	const uint8_t *bytes;

	if (!good_behind(scan, scan->offset, found, length))
		return NULL;
	scan->window_len = 0;
	bytes = good_at(scan, scan->offset, length);
	if (bytes) {
		*found = scan->offset;
		return bytes;
	}
	return good_at(scan, *found, length);
}

/* A header at a place: how far the next one is, 0: there is none. *erased: it stands for what was
 * erased. */
static uint64_t hop(struct scan *scan, uint64_t at, bool *erased)
{
	uint8_t header[RECORD_HEADER_BYTES];
	uint64_t length;

	*erased = false;
	if (pread(scan->fd, header, sizeof(header), (off_t)at) != (ssize_t)sizeof(header))
		return 0;
	length = record_erased(header, (struct record_place){scan->segment, at});
	*erased = length > 0;
	return length ? length : record_length(header);
}

/* How many bytes of an erased span are at and behind scan->offset, which may be in the midst of
 * one that was erased when we had read a part of it already. 0: it is not erased. */
static uint64_t erased_rest(struct scan *scan, uint64_t size)
{
	bool erased;
	uint64_t at = scan->offset;
	uint64_t length = hop(scan, at, &erased);

	if (erased)
		return at + length <= size ? length : 0;
	/* Half a record, as a writer leaves it for a moment, has a header. */
	if (length)
		return 0;
	for (at = SEGMENT_HEADER_BYTES; at < scan->offset; at += length) {
		length = hop(scan, at, &erased);
		if (length == 0)
			return 0;
		if (erased && at + length > scan->offset && at + length <= size)
			return at + length - scan->offset;
	}
	return 0;
}

static bool pass_erased(struct scan *scan, uint64_t size)
{
	uint64_t length = erased_rest(scan, size);

	if (length == 0)
		return false;
	scan->offset += length;
	scan->window_len = 0;
	return true;
}

/* Nothing good is at scan->offset, as far as the window tells. */
static const uint8_t *look_again(struct scan *scan, uint64_t *found, size_t *length)
{
	uint64_t size = file_size(scan->fd);
	const uint8_t *bytes = NULL;

	/* The window may hold half a record that is whole by now. */
	scan->window_len = 0;
	if (size > scan->offset)
		bytes = good_at(scan, scan->offset, length);
	if (!bytes && size > scan->offset && size != scan->dead_size) {
		while (!bytes && size > scan->offset && pass_erased(scan, size))
			bytes = good_at(scan, scan->offset, length);
		*found = scan->offset;
		if (!bytes && size > scan->offset && !scan->io_errno)
			bytes = resync(scan, found, length);
	}
	if (!bytes) {
		scan->dead_size = size;
		scan->window_len = 0;
	}
	return bytes;
}

bool scan_next(struct scan *scan, struct log_record *record, uint64_t *skipped)
{
	uint64_t found = scan->offset;
	size_t length;
	const uint8_t *bytes;

	*skipped = 0;
	scan->io_errno = 0;
	bytes = good_at(scan, found, &length);
	if (!bytes)
		bytes = look_again(scan, &found, &length);
	if (!bytes)
		return false;
	*skipped = found - scan->offset;
	record_open(bytes, length, record);
	scan->offset = found + length;
	scan->dead_size = 0;
	return true;
}
