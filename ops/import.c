#include "ops/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "materializer/record.h"
#include "materializer/run_order.h"

#define READ_BYTES (256 * 1024)
#define FULL_WAIT_MS 1000
#define SHA256_BYTES 32

/* More of the file behind what is there. */
static int fill(struct import *import, struct err *err)
{
	struct buf *window = &import->window;
	ssize_t got;

	if (import->at) {
		memmove(window->data, window->data + import->at, window->len - import->at);
		window->len -= import->at;
		import->at = 0;
	}
	if (buf_reserve(window, READ_BYTES) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	do
		got = read(import->fd, window->data + window->len, READ_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set_errno(err, errno, "read");
	window->len += (size_t)got;
	import->at_end = got == 0;
	return 0;
}

static struct slice rest(const struct import *import)
{
	return (struct slice){import->window.data + import->at, import->window.len - import->at};
}

static int begin(struct import *import, struct err *err)
{
	size_t used = 0;
	int rc = 0;

	import->window.len = import->at = import->records = 0;
	import->at_end = false;
	if (lseek(import->fd, 0, SEEK_SET) < 0)
		return err_set_errno(err, errno, "a file is wanted, not a pipe");
	while (rc == 0) {
		rc = fill(import, err);
		rc = rc ? rc : container_open(rest(import), &import->container, &used, err);
		if (rc == 0 && import->at_end)
			rc = err_set(err, ERR_FORMAT, "it is cut short");
	}
	import->at += used;
	return rc < 0 ? rc : 0;
}

/* 1, or 0 at the end. */
static int next(struct import *import, enum schema_id *schema, struct slice *body, struct err *err)
{
	for (;;) {
		size_t used = 0;
		int rc = container_next(&import->container, rest(import), schema, body, &used, err);

		if (rc != 0) {
			import->at += used;
			return rc;
		}
		if (import->at_end)
			return rest(import).len ? err_set(err, ERR_FORMAT, "it is cut short") : 0;
		rc = fill(import, err);
		if (rc < 0)
			return rc;
	}
}

static int check_body(struct import *import, const struct record *record, struct err *err)
{
	struct run_finished finished;
	struct child_untraced child;
	struct source_file source;
	struct block_head head;

	switch (record->schema) {
	case SCHEMA_TRACE_BLOCK:
		return block_check(import->cursor, record->body, &head, err);
	case SCHEMA_RUN_FINISHED:
		return run_finished_decode(record->body, &finished, err);
	case SCHEMA_SOURCE_FILE:
		return source_file_decode(record->body, &source, err);
	case SCHEMA_CHILD_UNTRACED:
		return child_untraced_decode(record->body, &child, err);
	case SCHEMA_RUN_STARTED:
		return 0; /* its frame's check has read it */
	default:
		return err_set(err, ERR_FORMAT, "a run has no such message");
	}
}

/* Sources are keyed by what they hold, all else by the run. */
static int put_key(enum schema_id schema, struct slice body, const struct run_id *run,
	struct buf *key, struct err *err)
{
	char text[RUN_ID_TEXT_BYTES];
	struct source_file source;

	buf_clear(key);
	if (record_topic(schema) != LOG_SOURCES) {
		buf_text(key, run_id_format(run, text));
	} else {
		int rc = source_file_decode(body, &source, err);

		if (rc < 0)
			return rc;
		for (size_t i = 0; i < SHA256_BYTES; i++)
			buf_printf(key, "%02x", source.sha256[i]);
	}
	return key->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}

/* All of a file is of one run. */
static int take_run(struct import *import, struct slice message, struct err *err)
{
	struct run_id run;
	int rc = message_run_id(message, &run, err);

	if (rc == 0 && import->has_run && !run_id_equal(&run, &import->run))
		rc = err_set(err, ERR_FORMAT, "it holds messages of several runs");
	import->run = run;
	import->has_run = true;
	return rc < 0 ? rc : 0;
}

/* A log that has too much on its way is waited for. */
static int append(struct import *import, const struct log_record *record, struct err *err)
{
	int rc = log_append(import->log, record->topic, record->key, record->message, err);

	while (rc == ERR_BUSY) {
		struct err why = {0};

		rc = log_flush(import->log, FULL_WAIT_MS, &why);
		if (rc && rc != ERR_BUSY) {
			*err = why;
			return rc;
		}
		rc = log_append(import->log, record->topic, record->key, record->message, err);
	}
	return rc;
}

static int take(struct import *import, enum schema_id schema, struct slice body, struct err *err)
{
	struct log_record record = {.topic = record_topic(schema)};
	struct record parsed;
	struct buf key = {0};
	int rc;

	buf_clear(&import->message);
	message_header(&import->message, schema);
	buf_append(&import->message, body.data, body.len);
	if (import->message.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	record.message = buf_slice(&import->message);
	rc = take_run(import, record.message, err);
	rc = rc ? rc : put_key(schema, body, &import->run, &key, err);
	record.key = buf_slice(&key);
	rc = rc ? rc : record_parse(&record, &parsed, err);
	if (!import->log)
		rc = rc ? rc : check_body(import, &parsed, err);
	else
		rc = rc ? rc : append(import, &record, err);
	buf_release(&key);
	import->records++;
	return rc;
}

static int walk(struct import *import, struct err *err)
{
	enum schema_id schema;
	struct slice body;
	int rc = begin(import, err);

	if (rc)
		return rc;
	while ((rc = next(import, &schema, &body, err)) == 1) {
		rc = take(import, schema, body, err);
		if (rc < 0)
			return err_wrap(err, "object %zu", import->records);
	}
	if (rc == 0 && !import->records)
		rc = err_set(err, ERR_FORMAT, "it is empty");
	return rc;
}

int import_open(struct import *import, const char *path, struct err *err)
{
	int rc;

	*import = (struct import){.fd = open(path, O_RDONLY | O_CLOEXEC)};
	if (import->fd < 0)
		return err_set_errno(err, errno, "%s", path);
	import->cursor = block_cursor_new();
	if (!import->cursor)
		return err_set(err, ERR_MEMORY, "out of memory");
	rc = walk(import, err);
	return rc < 0 ? err_wrap(err, "%s", path) : 0;
}

void import_close(struct import *import)
{
	if (import->fd >= 0)
		close(import->fd);
	block_cursor_free(import->cursor);
	buf_release(&import->window);
	buf_release(&import->message);
}

int import_append(struct import *import, struct log *log, int timeout_ms, struct err *err)
{
	int rc;

	import->log = log;
	rc = walk(import, err);
	rc = rc ? rc : log_flush(log, timeout_ms, err);
	return rc ? rc : log_sync(log, err);
}
