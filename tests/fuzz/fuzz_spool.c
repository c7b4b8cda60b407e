/* links: schemas ingest */
/*
 * A spool whose header says what the first 32 bytes say and whose chunks are the rest, its
 * writer dead: a shipper ends, and leaves a run with a start and an end in the log.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/log_internal.h"
#include "ingest/shipper.h"
#include "ingest/spool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];
static char path[128];

static void remove_all(void)
{
	unlink(path);
	rmdir(dir);
}

static void prepare(void)
{
	if (dir[0])
		return;
	strcpy(dir, "/tmp/smiley-fuzz-XXXXXX");
	if (!mkdtemp(dir))
		abort();
	strcat(strcpy(path, dir), "/x.spool");
	atexit(remove_all);
}

/* A log that keeps nothing but the numbers of messages. */
struct counter {
	struct log base;
	size_t counts[LOG_TOPICS];
};

static int count_append(struct log *log, enum log_topic topic, struct slice key,
	struct slice message, struct err *err)
{
	(void)key;
	(void)message;
	(void)err;
	((struct counter *)log)->counts[topic]++;
	return 0;
}

static int count_sync(struct log *log, struct err *err)
{
	(void)log;
	(void)err;
	return 0;
}

static const struct log_class counter_class = {.append = count_append, .sync = count_sync};

struct seeds {
	uint64_t shipped_chunk, shipped_offset;
	int64_t shipped_seq;
	uint32_t shipped_failure;
	uint32_t started_bytes;
};

static void write_spool(const uint8_t *data, size_t size)
{
	struct spool_header *header = calloc(1, SPOOL_HEADER_BYTES);
	struct seeds seeds = {0};
	size_t used = size < sizeof(seeds) ? size : sizeof(seeds);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	memcpy(&seeds, data, used);
	memcpy(header->magic, SPOOL_MAGIC, sizeof(header->magic));
	header->state = SPOOL_TRACING;
	header->written = INT64_MAX;
	header->shipped_chunk = seeds.shipped_chunk ? seeds.shipped_chunk : SPOOL_HEADER_BYTES;
	header->shipped_offset = seeds.shipped_offset;
	header->shipped_seq = seeds.shipped_seq;
	header->shipped_failure = seeds.shipped_failure;
	header->started_bytes = seeds.started_bytes;
	if (fd < 0 || write(fd, header, SPOOL_HEADER_BYTES) != SPOOL_HEADER_BYTES ||
		write(fd, data + used, size - used) != (ssize_t)(size - used))
		abort();
	/* Whole pages, as chunks are. */
	if (ftruncate(fd, (off_t)(SPOOL_HEADER_BYTES + (size - used + 4095) / 4096 * 4096)) < 0)
		abort();
	close(fd);
	free(header);
}

static void remove_bad(void)
{
	char bad[140];

	strcat(strcpy(bad, path), ".bad");
	unlink(bad);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct shipper_end end = {.exit_status = -1, .lost = true};
	struct counter counter = {.base.class = &counter_class};
	struct shipper *shipper;
	int result;

	prepare();
	write_spool(data, size);
	if (shipper_open(path, &counter.base, &shipper, NULL) < 0)
		abort();
	result = shipper_finish(shipper, &end, NULL);
	if (result != 0 && result != ERR_FORMAT)
		abort();
	if (counter.counts[LOG_RUNS] != 2)
		abort();
	shipper_close(shipper);
	remove_bad();
	return 0;
}
