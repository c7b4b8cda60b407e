/* links: ingest schemas */
/*
 * drive_log_dump DIR: writes every message of a file log to stdout, as tests in other
 * languages read it: topic (1 byte), length (4 bytes, little-endian), message.
 */
#include <stdio.h>

#include "ingest/log.h"

static bool put(const struct log_record *record)
{
	uint32_t len = (uint32_t)record->message.len;
	uint8_t head[5] = {(uint8_t)record->topic, (uint8_t)len, (uint8_t)(len >> 8),
		(uint8_t)(len >> 16), (uint8_t)(len >> 24)};

	return fwrite(head, 1, sizeof(head), stdout) == sizeof(head) &&
	       fwrite(record->message.data, 1, len, stdout) == len;
}

int main(int argc, char **argv)
{
	struct log_reader *reader = NULL;
	struct log_record record;
	struct log *log = NULL;
	struct err err = {0};
	int rc = -1;

	if (argc == 2 && file_log_open(argv[1], false, &log, &err) == 0 &&
		log_reader_open(log, LOG_FROM_START, &reader, &err) == 0) {
		while ((rc = log_reader_next(reader, 0, &record, &err)) == 1 && put(&record))
			;
	}
	if (rc < 0)
		fprintf(stderr, "drive_log_dump: %s\n", err.message);
	log_reader_close(reader);
	log_close(log);
	return rc != 0;
}
