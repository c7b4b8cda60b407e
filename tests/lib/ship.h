/*
 * ship: what tests of the shipper start from: a spool with a tracer that is this process, its
 * shipper, a log; and what the log says of the run, as text. In a header because not every
 * test links ingest.
 */
#ifndef SMILEY_TESTS_LIB_SHIP_H
#define SMILEY_TESTS_LIB_SHIP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ingest/shipper.h"
#include "ingest/spool.h"
#include "schemas/avro.h"
#include "tests/lib/help_block.h"
#include "tests/lib/help_dir.h"
#include "tests/lib/help_dump.h"
#include "tests/lib/help_spool.h"

static const struct shipper_wait in_time = {.timeout_ms = SHIPPER_FINISH_MS};

struct fixture {
	char *dir;
	char *log_dir;
	struct log *log;
	struct run_started run;
	struct buf path; /* of the spool */
	struct maker maker;
	struct shipper *shipper;
	struct block_cursor *cursor;
	struct err err;
	size_t moved;
};

static inline void must(const struct fixture *f, int result)
{
	if (result < 0)
		fail_msg("%d: %s", result, f->err.message);
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = dir_make();
	f->log_dir = dir_make();
	f->cursor = block_cursor_new();
	f->maker.fd = -1;
	must(f, file_log_open(f->log_dir, true, &f->log, &f->err));
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	shipper_close(f->shipper);
	if (f->maker.fd >= 0)
		maker_close(&f->maker);
	log_close(f->log);
	block_cursor_free(f->cursor);
	buf_release(&f->path);
	dir_remove(f->dir);
	dir_remove(f->log_dir);
	free(f);
	return 0;
}

static inline void create(struct fixture *f)
{
	const struct spool_settings settings = {.limit_bytes = 1 << 30};

	run_id_new(&f->run.run);
	f->run.pid = 1;
	f->run.python = slice_text("?");
	buf_clear(&f->path);
	must(f, spool_create(f->dir, &f->run, &settings, &f->path, &f->err));
}

static inline void ship_again(struct fixture *f)
{
	shipper_close(f->shipper);
	f->shipper = NULL;
	must(f, shipper_open(buf_string(&f->path), f->log, &f->shipper, &f->err));
}

/* A spool with a tracer, that has said its version, and a shipper. */
static inline void begin(struct fixture *f)
{
	if (f->maker.fd >= 0)
		maker_close(&f->maker);
	create(f);
	maker_open(&f->maker, buf_string(&f->path));
	maker_python(&f->maker, "3.11.2");
	ship_again(f);
}

static inline size_t step(struct fixture *f)
{
	must(f, shipper_step(f->shipper, &f->moved, &f->err));
	return f->moved;
}

static inline void step_until_moved(struct fixture *f)
{
	time_t deadline = time(NULL) + 60;

	while (step(f) == 0)
		assert_true(time(NULL) < deadline);
}

static inline void finish(struct fixture *f)
{
	const struct shipper_end end = {.exit_status = 3};

	must(f, shipper_finish(f->shipper, &end, &f->err));
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
}

/* What the log says of the run: every record in order, events as dump_event() shows them.
 * Events that were there before are left out, as every reader does. */
static inline void tell_block(struct fixture *f, struct slice body, int64_t *next, struct buf *out)
{
	const struct event *event;
	struct block_head head;
	int result;

	must(f, block_head_parse(body, &head, &f->err));
	assert_true(run_id_equal(&head.run, &f->run.run));
	must(f, block_cursor_open(f->cursor, body, &f->err));
	while ((result = block_cursor_next(f->cursor, &event, &f->err)) > 0) {
		if (event->seq < *next)
			continue;
		assert_int_equal(event->seq, *next);
		dump_event(event, out);
		++*next;
	}
	must(f, result);
}

static inline void tell_started(struct fixture *f, struct slice body, struct buf *out)
{
	struct run_started run;

	must(f, run_started_decode(body, &run, &f->err));
	buf_printf(out, "started python %.*s pid %s\n", (int)run.python.len,
		(const char *)run.python.data, run.pid == getpid() ? "own" : "other");
}

static inline void tell_finished(struct fixture *f, struct slice body, struct buf *out)
{
	struct run_finished run;
	struct traceback_entry entry;

	must(f, run_finished_decode(body, &run, &f->err));
	buf_printf(out, "finished events %lld status %lld signal %lld%s",
		(long long)run.event_count, (long long)run.exit_status, (long long)run.signal,
		run.lost ? " lost" : "");
	buf_printf(out, "%s%.*s: %.*s", run.error_type.len ? " " : "", (int)run.error_type.len,
		(const char *)run.error_type.data, (int)run.error_message.len,
		(const char *)run.error_message.data);
	while (traceback_next(&run.traceback, &entry))
		buf_printf(out, " %.*s:%lld", (int)entry.file.len, (const char *)entry.file.data,
			(long long)entry.line);
	buf_byte(out, '\n');
}

static inline void tell_source(struct fixture *f, struct slice body, struct buf *out)
{
	struct source_file source;

	must(f, source_file_decode(body, &source, &f->err));
	buf_printf(out, "source %.*s: %zu bytes\n", (int)source.path.len,
		(const char *)source.path.data, source.text.len);
}

static inline void tell(struct fixture *f, struct buf *out)
{
	struct log_reader *reader;
	struct log_record record;
	char id[RUN_ID_TEXT_BYTES];
	int64_t next = 0;
	int result;

	buf_clear(out);
	must(f, log_reader_open(f->log, LOG_FROM_START, &reader, &f->err));
	while ((result = log_reader_next(reader, 0, &record, &f->err)) > 0) {
		struct slice body;
		struct run_id run;
		int schema = message_parse(record.message, &body, &f->err);

		must(f, schema);
		assert_int_equal(record.skipped, 0);
		must(f, message_run_id(record.message, &run, &f->err));
		if (!run_id_equal(&run, &f->run.run))
			continue;
		if (schema == SCHEMA_SOURCE_FILE) {
			assert_int_equal(record.topic, LOG_SOURCES);
			assert_int_equal(record.key.len, 64);
			tell_source(f, body, out);
			continue;
		}
		assert_true(slice_equal(record.key, slice_text(run_id_format(&run, id))));
		assert_int_equal(
			record.topic, schema == SCHEMA_TRACE_BLOCK ? LOG_EVENTS : LOG_RUNS);
		if (schema == SCHEMA_TRACE_BLOCK)
			tell_block(f, body, &next, out);
		else if (schema == SCHEMA_RUN_STARTED)
			tell_started(f, body, out);
		else if (schema == SCHEMA_RUN_FINISHED)
			tell_finished(f, body, out);
	}
	must(f, result);
	log_reader_close(reader);
}

static inline void tells(struct fixture *f, const char *want)
{
	struct buf got = {0};

	tell(f, &got);
	assert_string_equal(buf_string(&got), want);
	buf_release(&got);
}

/* The events of a block as tell() shows them. */
static inline void dump_block(struct fixture *f, const struct block_head *head, struct buf *out)
{
	struct block_head own = *head;

	own.run = f->run.run;
	must(f, block_cursor_open_items(f->cursor, &own, &f->err));
	must(f, dump_rest(f->cursor, out, &f->err));
}

/* Events that the first `count` events of a build take: bytes and items. */
static inline void measure(struct fixture *f, const struct block_head *head, int64_t count,
	size_t *bytes, int64_t *items)
{
	const struct event *event;

	must(f, block_cursor_open_items(f->cursor, head, &f->err));
	while (count-- > 0)
		assert_int_equal(block_cursor_next(f->cursor, &event, &f->err), 1);
	*bytes = block_cursor_offset(f->cursor);
	*items = block_cursor_items(f->cursor);
}

/* The growing block is now the first `count` events of head. */
static inline void commit_events(struct fixture *f, const struct block_head *head, int64_t count)
{
	size_t bytes;
	int64_t items;

	measure(f, head, count, &bytes, &items);
	maker_commit(&f->maker, (struct slice){head->items.data, bytes}, items, count);
}

/* Its shipper is gone. */
static inline void leave(struct fixture *f)
{
	shipper_close(f->shipper);
	f->shipper = NULL;
}

/* A block of lines in one frame, each with a local of `bytes` bytes. */
static inline void build_large(struct build *build, int lines, size_t bytes)
{
	struct buf value = {0};
	int64_t name, code;

	name = build_name(build, "x");
	code = build_code(build, name, name, 1);
	build_thread(build, 0, 1, name, 0);
	build_call(build, 1, code);
	avro_buf_long(&value, VALUE_BYTES);
	avro_buf_long(&value, (int64_t)bytes);
	for (size_t i = 0; i < bytes; i++)
		buf_byte(&value, 'x');
	for (int i = 0; i < lines; i++) {
		build_line(build, 1, 1);
		build_local(build, ITEM_CHANGE, name, buf_slice(&value));
	}
	buf_release(&value);
}

#endif
