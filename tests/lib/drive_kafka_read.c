/* links: schemas ingest */
/*
 * drive_kafka_read BROKERS PREFIX: reads all three topics to their end by our reader, as record
 * does, and prints records, bytes and seconds: what our consumer takes without the fold.
 */
#include <stdio.h>
#include <time.h>

#include "ingest/kafka.h"

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int read_all(struct log *log, struct err *err)
{
	struct position end, at;
	struct log_reader *reader;
	struct log_record record;
	unsigned long long records = 0, bytes = 0;
	double start;
	int rc = log_end(log, &end, err);

	rc = rc ? rc : log_reader_open(log, LOG_FROM_START, &reader, err);
	if (rc)
		return rc;
	start = now_s();
	do {
		rc = log_reader_next(reader, 1000, &record, err);
		if (rc > 0) {
			records++;
			bytes += record.message.len;
		}
		/* Looked at now and then: a comparison costs more than a record. */
		if (rc == 0 || records % 64 == 0)
			log_reader_position(reader, &at);
	} while (rc >= 0 && ((rc > 0 && records % 64 != 0) || position_compare(&at, &end) < 0));
	printf("%llu %llu %f\n", records, bytes, now_s() - start);
	log_reader_close(reader);
	return rc < 0 ? rc : 0;
}

int main(int argc, char **argv)
{
	struct kafka_settings settings = {0};
	struct log *log = NULL;
	struct err err = {0};
	int rc;

	if (argc != 3)
		return 2;
	settings.brokers = argv[1];
	settings.topic_prefix = argv[2];
	rc = kafka_log_open(&settings, &log, &err);
	rc = rc ? rc : read_all(log, &err);
	if (rc)
		fprintf(stderr, "drive_kafka_read: %s\n", err.message);
	log_close(log);
	return rc ? 1 : 0;
}
