/* links: schemas ingest */
/*
 * A directory whose only segment holds these bytes: reading ends, what it gives is within
 * bounds; an appended record is read behind whatever was good before.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/file_log.h"
#include "schemas/item.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];
static char path[128];

static void remove_all(void)
{
	char lock[128];

	unlink(path);
	strcat(strcpy(lock, dir), "/append.lock");
	unlink(lock);
	rmdir(dir);
}

static void prepare(void)
{
	if (dir[0])
		return;
	strcpy(dir, "/tmp/smiley-fuzz-XXXXXX");
	if (!mkdtemp(dir))
		abort();
	strcat(strcpy(path, dir), "/00000000000000000001.log");
	atexit(remove_all);
}

static size_t read_all(struct log *log, bool *last)
{
	struct log_reader *reader;
	struct log_record record;
	struct position position, end;
	size_t count = 0;

	*last = false;
	if (log_reader_open(log, LOG_FROM_START, &reader, NULL) < 0)
		abort();
	while (log_reader_next(reader, 0, &record, NULL) > 0) {
		if (record.message.len > MESSAGE_MAX_BYTES || record.key.len > LOG_KEY_MAX_BYTES ||
			record.topic >= LOG_TOPICS || record.skipped < 0)
			abort();
		*last = slice_equal(record.message, slice_text("appended"));
		count++;
	}
	log_reader_position(reader, &position);
	if (log_end(log, &end, NULL) == 0 && count && position_compare(&position, &end) != 0)
		abort();
	log_reader_close(reader);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log *log;
	size_t before;
	bool last;
	int fd;

	prepare();
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	if (file_log_open(dir, true, &log, NULL) < 0)
		abort();
	before = read_all(log, &last);
	if (log_append(log, LOG_EVENTS, slice_text("k"), slice_text("appended"), NULL) == 0 &&
		(read_all(log, &last) != before + 1 || !last))
		abort();
	log_close(log);
	return 0;
}
