#include "ingest/file_log_internal.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#define HEADER_MAGIC "smileyL1"
#define HEADER_VERSION 1
#define DIGITS 20
#define HOP_BYTES 4096

/* magic 8, u32 version, u32 bytes of header, u64 segment number, u64 checksum of these */
static void make_header(uint8_t header[SEGMENT_HEADER_BYTES], uint64_t number)
{
	uint32_t version = htole32(HEADER_VERSION);
	uint32_t bytes = htole32(SEGMENT_HEADER_BYTES);
	uint64_t le_number = htole64(number);
	uint64_t checksum;

	memcpy(header, HEADER_MAGIC, 8);
	memcpy(header + 8, &version, sizeof(version));
	memcpy(header + 12, &bytes, sizeof(bytes));
	memcpy(header + 16, &le_number, sizeof(le_number));
	checksum = htole64(XXH3_64bits(header, 24));
	memcpy(header + 24, &checksum, sizeof(checksum));
}

int segment_write_header(int fd, uint64_t number)
{
	uint8_t header[SEGMENT_HEADER_BYTES];
	ssize_t wrote;

	make_header(header, number);
	wrote = pwrite(fd, header, sizeof(header), 0);
	if (wrote == (ssize_t)sizeof(header))
		return 0;
	if (wrote >= 0)
		errno = ENOSPC;
	return -1;
}

int segment_check_header(int fd, uint64_t number, struct err *err)
{
	uint8_t header[SEGMENT_HEADER_BYTES];
	uint64_t checksum;
	uint32_t version;

	if (pread(fd, header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return 0;
	memcpy(&checksum, header + 24, sizeof(checksum));
	memcpy(&version, header + 8, sizeof(version));
	if (memcmp(header, HEADER_MAGIC, 8) != 0 || le64toh(checksum) != XXH3_64bits(header, 24) ||
		le32toh(version) == HEADER_VERSION)
		return 0;
	return err_set(err, ERR_FORMAT,
		"segment %" PRIu64 " has format version %u; this smiley reads version %d", number,
		le32toh(version), HEADER_VERSION);
}

char *segment_name(uint64_t number, char name[SEGMENT_NAME_BYTES])
{
	snprintf(name, SEGMENT_NAME_BYTES, "%0*" PRIu64 ".log", DIGITS, number);
	return name;
}

/* The number in a segment's name; 0: it is not one. */
static uint64_t name_number(const char *name)
{
	uint64_t number;

	if (strspn(name, "0123456789") != DIGITS || strcmp(name + DIGITS, ".log") != 0)
		return SEGMENT_NONE;
	number = strtoull(name, NULL, 10);
	return number <= INT64_MAX ? number : SEGMENT_NONE;
}

/* The smallest number >= from, and the largest < before. */
static void find_numbers(
	int dir_fd, uint64_t from, uint64_t before, uint64_t *first, uint64_t *last)
{
	struct dirent *entry;
	DIR *dir = NULL;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*first = *last = SEGMENT_NONE;
	if (fd >= 0)
		dir = fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		uint64_t number = name_number(entry->d_name);

		if (number == SEGMENT_NONE)
			continue;
		if (number >= from && (*first == SEGMENT_NONE || number < *first))
			*first = number;
		if (number < before && number > *last)
			*last = number;
	}
	closedir(dir);
}

uint64_t segment_first_from(int dir_fd, uint64_t from)
{
	uint64_t first, last;

	if (from && segment_exists(dir_fd, from))
		return from;
	find_numbers(dir_fd, from, 0, &first, &last);
	return first;
}

uint64_t segment_last_before(int dir_fd, uint64_t before)
{
	uint64_t first, last;

	find_numbers(dir_fd, 0, before, &first, &last);
	return last;
}

bool segment_exists(int dir_fd, uint64_t number)
{
	char name[SEGMENT_NAME_BYTES];

	return faccessat(dir_fd, segment_name(number, name), F_OK, 0) == 0;
}

int segment_open(int dir_fd, uint64_t number, bool writable)
{
	char name[SEGMENT_NAME_BYTES];

	return openat(dir_fd, segment_name(number, name),
		(writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
}

int segment_create(int dir_fd, uint64_t number)
{
	char name[SEGMENT_NAME_BYTES];
	int fd = openat(
		dir_fd, segment_name(number, name), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || segment_write_header(fd, number) == 0)
		return fd;
	int failure = errno;
	close(fd);
	unlinkat(dir_fd, name, 0);
	errno = failure;
	return -1;
}

/* Walks from record to record by their lengths. True when that leads exactly to the
 * file's end and the last record is good; *last is where that one starts. */
static bool hop_to_end(int fd, uint64_t number, uint64_t from, uint64_t size, uint64_t *last)
{
	uint8_t window[HOP_BYTES];
	uint64_t window_at = 0, window_end = 0;

	*last = from;
	for (uint64_t at = from; at < size;) {
		uint64_t length;

		if (at < window_at || at + RECORD_HEADER_BYTES > window_end) {
			ssize_t got = pread(fd, window, sizeof(window), (off_t)at);

			if (got < RECORD_HEADER_BYTES)
				return false;
			window_at = at;
			window_end = at + (uint64_t)got;
		}
		length = record_length(window + (at - window_at));
		if (length == 0)
			length = record_erased(
				window + (at - window_at), (struct record_place){number, at});
		if (length == 0 || at + length > size)
			return false;
		*last = at;
		at += length;
	}
	return true;
}

int segment_find_end(
	int fd, uint64_t number, uint64_t from, uint64_t *end, bool *records, struct err *err)
{
	struct scan scan = {.fd = -1};
	struct log_record record;
	struct stat status;
	uint64_t skipped, last, size;

	*records = false;
	*end = from;
	if (fstat(fd, &status) < 0)
		return err_set_errno(err, errno, "look at segment %" PRIu64, number);
	size = (uint64_t)status.st_size;
	if (size <= from)
		return 0;
	if (hop_to_end(fd, number, from, size, &last)) {
		scan_start(&scan, fd, number, last);
		scan_next(&scan, &record, &skipped);
		*records = skipped == 0 && scan.offset == size;
	}
	if (!*records) {
		scan_start(&scan, fd, number, from);
		while (scan_next(&scan, &record, &skipped))
			*records = true;
	}
	*end = scan.offset;
	if (scan.io_errno)
		err_set_errno(err, scan.io_errno, "read segment %" PRIu64, number);
	int result = scan.io_errno ? ERR_IO : 0;
	scan_release(&scan);
	return result;
}
