#include "ingest/log.h"

#include "ingest/log_internal.h"
#include "schemas/item.h"

void log_close(struct log *log)
{
	if (log)
		log->class->close(log);
}

int log_append(struct log *log, enum log_topic topic, struct slice key, struct slice message,
	struct err *err)
{
	int result;

	if (message.len > MESSAGE_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "a message of %zu bytes is over the limit of %d",
			message.len, MESSAGE_MAX_BYTES);
	if (key.len > LOG_KEY_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "a key of %zu bytes is over the limit of %d",
			key.len, LOG_KEY_MAX_BYTES);
	result = log->class->append(log, topic, key, message, err);
	log->appended += result == 0;
	return result;
}

uint64_t log_appended(const struct log *log)
{
	return log->appended;
}

uint64_t log_acknowledged(struct log *log)
{
	return log->class->acknowledged ? log->class->acknowledged(log) : log->appended;
}

int log_flush(struct log *log, int timeout_ms, struct err *err)
{
	return log->class->flush ? log->class->flush(log, timeout_ms, err) : 0;
}

int log_erase(struct log *log, const struct position *before,
	bool (*doomed)(void *context, const struct log_record *record), void *context,
	uint64_t *bytes, struct err *err)
{
	*bytes = 0;
	return log->class->erase ? log->class->erase(log, before, doomed, context, bytes, err) : 0;
}

const char *log_trouble(struct log *log)
{
	return log->class->trouble ? log->class->trouble(log) : NULL;
}

int log_sync(struct log *log, struct err *err)
{
	return log->class->sync(log, err);
}

int log_end(struct log *log, struct position *position, struct err *err)
{
	return log->class->end(log, position, err);
}

int log_reader_open(
	struct log *log, enum log_start start, struct log_reader **reader, struct err *err)
{
	return log->class->reader_open(log, start, reader, err);
}

int log_reader_open_at(struct log *log, const struct position *position, struct log_reader **reader,
	struct err *err)
{
	if (position->len == 0)
		return log->class->reader_open(log, LOG_FROM_START, reader, err);
	return log->class->reader_open_at(log, position, reader, err);
}

void log_reader_close(struct log_reader *reader)
{
	if (reader)
		reader->class->reader_close(reader);
}

int log_reader_next(
	struct log_reader *reader, int timeout_ms, struct log_record *record, struct err *err)
{
	return reader->class->reader_next(reader, timeout_ms, record, err);
}

void log_reader_position(const struct log_reader *reader, struct position *position)
{
	reader->class->reader_position(reader, position);
}

int log_reader_progress(struct log_reader *reader, uint64_t *done, uint64_t *total)
{
	return reader->class->reader_progress(reader, done, total);
}
