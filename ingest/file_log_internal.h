/*
 * file_log_internal: the parts of the file log. All numbers on disk are little-endian.
 *
 *     file_log_record   one record's bytes: make, check
 *     file_log_scan     records of one segment file, damage passed over
 *     file_log_segment  segment files: names, header, where the good records end
 *     file_log_erase    gives back the space of records that nobody is to have any more
 *     file_log_watch    waits until the directory changes
 *     file_log_reader   the reader;  file_log: the writer
 */
#ifndef SMILEY_INGEST_FILE_LOG_INTERNAL_H
#define SMILEY_INGEST_FILE_LOG_INTERNAL_H

#include "ingest/file_log.h"
#include "ingest/log_internal.h"
#include "schemas/item.h"

#include <stdbool.h>

/* A record: u64 checksum, u32 magic, u32 length, u8 topic, u8 0, u16 key length, key,
 * message. */
#define RECORD_HEADER_BYTES 20
#define RECORD_MAGIC 0xfa474cf5u /* no UTF-8 text holds these bytes */
#define RECORD_MAGIC_AT 8        /* where in the header */
#define RECORD_MAX_BYTES (RECORD_HEADER_BYTES + LOG_KEY_MAX_BYTES + MESSAGE_MAX_BYTES)

/* Where a record stands goes into its checksum, so that a copy of a record inside another
 * one's message is never taken for a record. */
struct record_place {
	uint64_t segment;
	uint64_t offset;
};

enum record_check {
	RECORD_GOOD,
	RECORD_SHORT, /* may be good: there are too few bytes to tell */
	RECORD_BAD,
};

/* Bytes of the whole record, RECORD_MAX_BYTES at most; 0: not a record's header. */
size_t record_length(const uint8_t header[RECORD_HEADER_BYTES]);

/* Bytes that were records once and are erased: a header that stands for all of them, where the
 * first of them was. They are passed over; what was behind the header may be anything. 0: it is
 * no such header. */
uint64_t record_erased(const uint8_t header[RECORD_HEADER_BYTES], struct record_place place);
void record_make_erased(
	uint8_t header[RECORD_HEADER_BYTES], struct record_place place, uint32_t length);

/* What the bytes at a place hold. SHORT: *length are needed. GOOD: *length they are. */
enum record_check record_check(
	const uint8_t *bytes, size_t len, struct record_place place, size_t *length);

/* The parts of a record that record_check() found good. */
void record_open(const uint8_t *bytes, size_t length, struct log_record *record);

/* Appends a whole record, as it will stand at place. */
void record_make(struct buf *out, struct record_place place, enum log_topic topic, struct slice key,
	struct slice message);

/* A window on one segment file. */
struct scan {
	int fd; /* borrowed */
	uint64_t segment;
	uint64_t offset; /* of the next record */
	uint8_t *window; /* owned */
	size_t window_cap;
	uint64_t window_at; /* file offset of the window */
	size_t window_len;
	uint64_t dead_size; /* the file's size when nothing good was found at or behind offset */
	int io_errno;       /* a read failed */
};

void scan_start(struct scan *scan, int fd, uint64_t segment, uint64_t offset);
void scan_release(struct scan *scan);

/* True: the next good record; *skipped counts the bytes passed over before it. False: none
 * (yet): scan->offset stays, or is behind what was erased. Check scan->io_errno then. The record is borrowed until the
 * next call. */
bool scan_next(struct scan *scan, struct log_record *record, uint64_t *skipped);

#define SEGMENT_HEADER_BYTES 32
#define SEGMENT_NAME_BYTES 32

char *segment_name(uint64_t number, char name[SEGMENT_NAME_BYTES]);

/* Numbers are 1 to INT64_MAX, and may have holes. */
#define SEGMENT_NONE 0
/* The smallest >= from, and the largest < before. */
uint64_t segment_first_from(int dir_fd, uint64_t from);
uint64_t segment_last_before(int dir_fd, uint64_t before);
bool segment_exists(int dir_fd, uint64_t number);

/* Opens segment NUMBER; returns a descriptor, or -1 and errno. */
int segment_open(int dir_fd, uint64_t number, bool writable);

/* Makes segment NUMBER with its header; as segment_open(). Nothing is left on failure. */
int segment_create(int dir_fd, uint64_t number);

/* Writes the header into an empty or cut-short file. 0 or -1 and errno. */
int segment_write_header(int fd, uint64_t number);

/* 0, or ERR_FORMAT when a newer version wrote it. A damaged header is let pass: its
 * records have checksums of their own. */
int segment_check_header(int fd, uint64_t number, struct err *err);

/* Where the last good record ends, looking from `from`, which is one's end: walks by
 * length when all is well, else checks every record. *records: there is at least one. */
int segment_find_end(
	int fd, uint64_t number, uint64_t from, uint64_t *end, bool *records, struct err *err);

/* Waits for the directory to change. */
struct watch {
	int fd; /* inotify; -1: none, poll instead */
	bool started;
};

/* Starts watching; what changed before is not told, so look again after the first call.
 * True when it has just started. */
bool watch_start(struct watch *watch, const char *dir);
/* Waits for a change, at most timeout_ms (-1: for ever), and less where changes could be
 * missed. False: a signal came. */
bool watch_wait(struct watch *watch, int timeout_ms);
void watch_release(struct watch *watch);

struct file_log {
	struct log base;
	char *dir;
	int dir_fd;
	int lock_fd; /* -1 before the first append */
	uint64_t segment_bytes;
	/* the segment that is written: */
	int fd; /* -1: not looked for yet */
	uint64_t number;
	uint64_t end;        /* of its last good record, as of this handle's last look */
	struct buf record;   /* the one being appended */
	uint64_t dirty_from; /* oldest segment with appends of ours not synced; 0: none */
	/* what log_end() found last: */
	uint64_t end_number;
	uint64_t end_offset;
};

extern const struct log_class file_log_class;

/* Who appends, cuts or erases has the lock; taking it makes the file it is on. */
int file_log_lock(struct file_log *self, struct err *err);
void file_log_unlock(struct file_log *self);

int file_log_erase(struct log *log, const struct position *before,
	bool (*doomed)(void *context, const struct log_record *record), void *context,
	uint64_t *bytes, struct err *err);
int file_log_end(struct log *log, struct position *position, struct err *err);
int file_reader_open(
	struct log *log, enum log_start start, struct log_reader **reader, struct err *err);
int file_reader_open_at(struct log *log, const struct position *position,
	struct log_reader **reader, struct err *err);
void file_reader_close(struct log_reader *reader);
int file_reader_next(
	struct log_reader *reader, int timeout_ms, struct log_record *record, struct err *err);
void file_reader_position(const struct log_reader *reader, struct position *position);
int file_reader_progress(struct log_reader *reader, uint64_t *done, uint64_t *total);

/* A position of the file log: 16 bytes, big-endian segment and offset. Segment 0: start. */
void file_position_put(struct position *position, uint64_t segment, uint64_t offset);
int file_position_get(
	const struct position *position, uint64_t *segment, uint64_t *offset, struct err *err);

#endif
