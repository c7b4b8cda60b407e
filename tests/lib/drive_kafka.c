/* links: ingest schemas */
/*
 * drive_kafka BROKERS PREFIX [-X NAME=VALUE]... [-g GROUP] WORDS: the log on Kafka, for tests.
 *
 *     append TOPIC KEY COUNT BYTES   appends, waits until acknowledged; prints the rate
 *     read FROM [COUNT]              FROM is start, now, a position's file, or @NS; prints
 *                                    PLACE KEY BYTES LOST a record, until COUNT records, or
 *                                    the log's end; the position goes to read.position
 *     drain                          reads all from the start; prints the rate
 *     topics PARTITIONS [NAME=VALUE]...   creates and checks
 *
 * Trouble is printed once each time it changes ("trouble: ..."), errors as "error CODE: ...".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ingest/kafka.h"

static struct err err;
static struct log *log_handle;

static int told(void)
{
	printf("error %d: %s\n", err.code, err.message);
	return 1;
}

static void tell_trouble(void)
{
	static char last[512];
	const char *trouble = log_trouble(log_handle);

	if (!trouble || strcmp(trouble, last) == 0)
		return;
	snprintf(last, sizeof(last), "%s", trouble);
	printf("trouble: %s\n", trouble);
	fflush(stdout);
}

static double now_s(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void tell_rate(const char *what, long count, double bytes, double start)
{
	double s = now_s(CLOCK_MONOTONIC) - start;

	printf("%s %ld in %.3f s: %.0f/s, %.1f MB/s, CPU %.3f s\n", what, count, s,
		(double)count / s, bytes / s / 1e6, now_s(CLOCK_PROCESS_CPUTIME_ID));
}

static int append(char **words)
{
	static const char *const names[] = {"events", "runs", "sources"};
	double start = now_s(CLOCK_MONOTONIC);
	long count = atol(words[2]);
	size_t len = (size_t)atol(words[3]);
	uint8_t *bytes = malloc(len + 1);
	int topic = 0, result = 0;
	unsigned seed = 1;

	while (topic < 2 && strcmp(words[0], names[topic]) != 0)
		topic++;
	/* Half of it can be compressed. */
	for (size_t i = 0; i < len; i++)
		bytes[i] = i % 2 ? 'x' : (uint8_t)rand_r(&seed);
	for (long i = 0; i < count && result == 0;) {
		if (len >= sizeof(i))
			memcpy(bytes, &i, sizeof(i));
		result = log_append(log_handle, (enum log_topic)topic, slice_text(words[1]),
			(struct slice){bytes, len}, &err);
		i += result == 0;
		if (result == ERR_BUSY) {
			tell_trouble();
			result = log_flush(log_handle, 10, &err) == ERR_BUSY ? 0 : err.code;
		}
	}
	free(bytes);
	while (result == 0 && (result = log_flush(log_handle, 500, &err)) == ERR_BUSY) {
		tell_trouble();
		result = 0;
		if (log_acknowledged(log_handle) == log_appended(log_handle))
			break;
	}
	if (result < 0)
		return told();
	tell_rate("appended", count, (double)count * (double)len, start);
	return 0;
}

static bool load(const char *path, struct position *position)
{
	int fd = open(path, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, position->bytes, sizeof(position->bytes));

	if (fd >= 0)
		close(fd);
	position->len = len > 0 ? (size_t)len : 0;
	return len >= 0;
}

static void save(const struct log_reader *reader)
{
	struct position position;
	int fd = open("read.position", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	log_reader_position(reader, &position);
	if (fd < 0 || write(fd, position.bytes, position.len) != (ssize_t)position.len)
		printf("error: cannot write read.position\n");
	close(fd);
}

static int open_reader(const char *from, struct log_reader **reader)
{
	struct position position;

	if (strcmp(from, "start") == 0)
		return log_reader_open(log_handle, LOG_FROM_START, reader, &err);
	if (strcmp(from, "now") == 0)
		return log_reader_open(log_handle, LOG_FROM_NOW, reader, &err);
	if (from[0] == '@')
		return kafka_reader_open_at_time(log_handle, atoll(from + 1), reader, &err);
	if (!load(from, &position))
		return err_set(&err, ERR_NOT_FOUND, "no %s", from);
	return log_reader_open_at(log_handle, &position, reader, &err);
}

static void print_record(const struct log_record *record)
{
	printf("%.*s %.*s ", (int)record->place.len, (const char *)record->place.data,
		(int)record->key.len, (const char *)record->key.data);
	if (record->message.data)
		printf("%zu", record->message.len);
	else
		printf("null");
	printf(" %lld%s\n", (long long)record->lost,
		record->damaged && record->damaged == record->lost ? " damaged" : "");
	fflush(stdout);
}

static bool at_end(const struct log_reader *reader, const struct position *end)
{
	struct position position;

	log_reader_position(reader, &position);
	return position_compare(&position, end) >= 0;
}

static int read_some(char **words)
{
	long count = words[1] ? atol(words[1]) : -1;
	struct log_reader *reader;
	struct log_record record;
	struct position end = {0};
	int result = count < 0 ? log_end(log_handle, &end, &err) : 0;

	if (result == 0)
		result = open_reader(words[0], &reader);
	if (result < 0)
		return told();
	printf("open\n");
	fflush(stdout);
	while (count != 0 && (count > 0 || !at_end(reader, &end))) {
		result = log_reader_next(reader, 200, &record, &err);
		tell_trouble();
		if (result < 0)
			break;
		if (result > 0)
			print_record(&record);
		count -= result > 0 && count > 0;
	}
	save(reader);
	log_reader_close(reader);
	return result < 0 ? told() : 0;
}

static int drain(void)
{
	double start = now_s(CLOCK_MONOTONIC), bytes = 0;
	struct log_reader *reader;
	struct log_record record;
	struct position end;
	long count = 0;
	int result = log_end(log_handle, &end, &err);

	if (result == 0)
		result = log_reader_open(log_handle, LOG_FROM_START, &reader, &err);
	if (result < 0)
		return told();
	for (;;) {
		result = log_reader_next(reader, 0, &record, &err);
		if (result == 0 && at_end(reader, &end))
			break;
		if (result == 0)
			result = log_reader_next(reader, 200, &record, &err);
		if (result < 0)
			break;
		count += result;
		bytes += result ? (double)record.message.len : 0;
	}
	log_reader_close(reader);
	if (result < 0)
		return told();
	tell_rate("read", count, bytes, start);
	return 0;
}

static void each(void *context, const char *name, const char *what, bool wrong)
{
	(void)context;
	printf("%s: %s%s\n", name, wrong ? "wrong: " : "", what ? what : "as it should be");
}

static int topics(const struct kafka_settings *settings, char **words)
{
	struct kafka_property properties[16];
	struct kafka_topic all[LOG_TOPICS];
	size_t count = 0;

	for (char **word = words + 1; *word && count < 16; word++) {
		properties[count].name = strsep(word, "=");
		properties[count++].value = *word;
	}
	for (int i = 0; i < LOG_TOPICS; i++)
		all[i] = (struct kafka_topic){
			(enum log_topic)i, i ? 1 : atoi(words[0]), 3, properties, count};
	if (kafka_topics_create(settings, all, LOG_TOPICS, each, NULL, &err) < 0 ||
		kafka_topics_check(settings, all, LOG_TOPICS, each, NULL, &err) < 0)
		return told();
	return 0;
}

static int command(const struct kafka_settings *settings, char **words)
{
	if (strcmp(words[0], "append") == 0)
		return append(words + 1);
	if (strcmp(words[0], "read") == 0)
		return read_some(words + 1);
	if (strcmp(words[0], "drain") == 0)
		return drain();
	return topics(settings, words + 1);
}

int main(int argc, char **argv)
{
	struct kafka_property properties[32];
	struct kafka_settings settings = {.properties = properties};
	char **words = argv + 3;
	int status;

	if (argc < 4)
		return 2;
	settings.brokers = argv[1];
	settings.topic_prefix = argv[2];
	for (; words[0] && words[0][0] == '-' && words[1]; words += 2) {
		if (words[0][1] == 'g') {
			settings.group_id = words[1];
			continue;
		}
		properties[settings.property_count].name = strsep(&words[1], "=");
		properties[settings.property_count++].value = words[1];
	}
	if (kafka_log_open(&settings, &log_handle, &err) < 0)
		return told();
	status = command(&settings, words);
	log_close(log_handle);
	return status;
}
