/* links: schemas ingest */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ingest/shipper.h"
#include "ingest/spool.h"
#include "schemas/avro.h"
#include "tests/lib/help_block.h"
#include "tests/lib/help_dir.h"
#include "tests/lib/help_dump.h"
#include "tests/lib/help_spool.h"

#define FAR_FUTURE_NS 4000000000000000000

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

static void must(const struct fixture *f, int result)
{
	if (result < 0)
		fail_msg("%d: %s", result, f->err.message);
}

static int setup(void **state)
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

static int teardown(void **state)
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

static void create(struct fixture *f)
{
	const struct spool_settings settings = {.limit_bytes = 1 << 30};

	run_id_new(&f->run.run);
	f->run.pid = 1;
	f->run.python = slice_text("?");
	buf_clear(&f->path);
	must(f, spool_create(f->dir, &f->run, &settings, &f->path, &f->err));
}

static void ship_again(struct fixture *f)
{
	shipper_close(f->shipper);
	f->shipper = NULL;
	must(f, shipper_open(buf_string(&f->path), f->log, &f->shipper, &f->err));
}

/* A spool with a tracer, that has said its version, and a shipper. */
static void begin(struct fixture *f)
{
	if (f->maker.fd >= 0)
		maker_close(&f->maker);
	create(f);
	maker_open(&f->maker, buf_string(&f->path));
	maker_python(&f->maker, "3.11.2");
	ship_again(f);
}

static size_t step(struct fixture *f)
{
	must(f, shipper_step(f->shipper, &f->moved, &f->err));
	return f->moved;
}

static void step_until_moved(struct fixture *f)
{
	time_t deadline = time(NULL) + 60;

	while (step(f) == 0)
		assert_true(time(NULL) < deadline);
}

static void finish(struct fixture *f)
{
	const struct shipper_end end = {.exit_status = 3};

	must(f, shipper_finish(f->shipper, &end, &f->err));
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
}

/* What the log says of the run: every record in order, events as dump_event() shows them.
 * Events that were there before are left out, as every reader does. */
static void tell_block(struct fixture *f, struct slice body, int64_t *next, struct buf *out)
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

static void tell_started(struct fixture *f, struct slice body, struct buf *out)
{
	struct run_started run;

	must(f, run_started_decode(body, &run, &f->err));
	buf_printf(out, "started python %.*s pid %s\n", (int)run.python.len,
		(const char *)run.python.data, run.pid == getpid() ? "own" : "other");
}

static void tell_finished(struct fixture *f, struct slice body, struct buf *out)
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

static void tell_source(struct fixture *f, struct slice body, struct buf *out)
{
	struct source_file source;

	must(f, source_file_decode(body, &source, &f->err));
	buf_printf(out, "source %.*s: %zu bytes\n", (int)source.path.len,
		(const char *)source.path.data, source.text.len);
}

static void tell(struct fixture *f, struct buf *out)
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

static void tells(struct fixture *f, const char *want)
{
	struct buf got = {0};

	tell(f, &got);
	assert_string_equal(buf_string(&got), want);
	buf_release(&got);
}

/* The events of a block as tell() shows them. */
static void dump_block(struct fixture *f, const struct block_head *head, struct buf *out)
{
	struct block_head own = *head;

	own.run = f->run.run;
	must(f, block_cursor_open_items(f->cursor, &own, &f->err));
	must(f, dump_rest(f->cursor, out, &f->err));
}

/* Events that the first `count` events of a build take: bytes and items. */
static void measure(struct fixture *f, const struct block_head *head, int64_t count, size_t *bytes,
	int64_t *items)
{
	const struct event *event;

	must(f, block_cursor_open_items(f->cursor, head, &f->err));
	while (count-- > 0)
		assert_int_equal(block_cursor_next(f->cursor, &event, &f->err), 1);
	*bytes = block_cursor_offset(f->cursor);
	*items = block_cursor_items(f->cursor);
}

/* The growing block is now the first `count` events of head. */
static void commit_events(struct fixture *f, const struct block_head *head, int64_t count)
{
	size_t bytes;
	int64_t items;

	measure(f, head, count, &bytes, &items);
	maker_commit(&f->maker, (struct slice){head->items.data, bytes}, items, count);
}

static void a_run_is_shipped_from_its_start_to_its_end(void **state)
{
	struct fixture *f = *state;
	struct build one = {0}, two = {0};
	struct buf want = {0};

	begin(f);
	build_random_at(&one, 1, 300);
	two.head.first_seq = one.event_count;
	build_random_at(&two, 2, 300);
	maker_source(&f->maker, "/app.py", slice_text("x = 1\n"));
	maker_block(&f->maker, build_head(&one));
	maker_block(&f->maker, build_head(&two));
	assert_true(shipper_tracer_alive(f->shipper));
	assert_int_equal(step(f), 4);
	assert_int_equal(step(f), 0);
	assert_int_equal(shipper_events(f->shipper), one.event_count + two.event_count);
	maker_die(&f->maker);
	assert_false(shipper_tracer_alive(f->shipper));
	finish(f);

	buf_text(&want, "started python 3.11.2 pid own\nsource /app.py: 6 bytes\n");
	dump_block(f, build_head(&one), &want);
	dump_block(f, build_head(&two), &want);
	buf_printf(&want, "finished events %lld status 3 signal 0: \n",
		(long long)(one.event_count + two.event_count));
	tells(f, buf_string(&want));
	build_release(&one);
	build_release(&two);
	buf_release(&want);
}

static void a_closed_block_is_shipped_as_its_bytes_are(void **state)
{
	struct fixture *f = *state;
	struct log_reader *reader;
	struct log_record record;
	struct build build = {0};
	struct buf want = {0};

	begin(f);
	build_random_at(&build, 3, 500);
	maker_block(&f->maker, build_head(&build));
	assert_int_equal(step(f), 2);
	build.head.run = f->run.run;
	block_encode(build_head(&build), &want);
	must(f, log_reader_open(f->log, LOG_FROM_START, &reader, &f->err));
	assert_int_equal(log_reader_next(reader, 0, &record, &f->err), 1);
	assert_int_equal(log_reader_next(reader, 0, &record, &f->err), 1);
	assert_true(slice_equal(record.message, buf_slice(&want)));
	log_reader_close(reader);
	build_release(&build);
	buf_release(&want);
}

static void a_run_starts_once_its_python_is_known(void **state)
{
	struct fixture *f = *state;

	create(f);
	ship_again(f);
	assert_int_equal(step(f), 0);
	maker_open(&f->maker, buf_string(&f->path));
	assert_int_equal(step(f), 0);
	maker_python(&f->maker, "3.11.2");
	assert_int_equal(step(f), 1);
	tells(f, "started python 3.11.2 pid own\n");
}

static void a_program_that_never_started_has_a_start_and_an_end(void **state)
{
	struct fixture *f = *state;

	create(f);
	ship_again(f);
	finish(f);
	tells(f, "started python ? pid other\nfinished events 0 status 3 signal 0: \n");
}

static void a_young_block_is_waited_for_and_an_old_one_cut(void **state)
{
	struct fixture *f = *state;
	struct build build = {.head.base_ns = FAR_FUTURE_NS}; /* never old by its own time */
	struct buf want = {0};

	begin(f);
	build_random_at(&build, 4, 200);
	maker_begin(&f->maker, 0, build.head.base_ns, build.items.len);
	assert_int_equal(step(f), 1);
	commit_events(f, build_head(&build), 5);
	assert_int_equal(step(f), 0); /* first seen now */
	step_until_moved(f);
	assert_int_equal(shipper_events(f->shipper), 5);
	assert_int_equal(step(f), 0);
	commit_events(f, build_head(&build), 9);
	assert_int_equal(step(f), 0);
	step_until_moved(f);
	assert_int_equal(shipper_events(f->shipper), 9);
	commit_events(f, build_head(&build), build.event_count);
	maker_end(&f->maker);
	assert_int_equal(step(f), 1);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void a_block_may_be_cut_behind_any_event(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};

	build_random_at(&build, 5, 120);
	for (int64_t cut = 1; cut < build.event_count; cut++) {
		const struct block_head *head = build_head(&build);

		begin(f);
		maker_begin(&f->maker, 0, head->base_ns, head->items.len);
		commit_events(f, head, cut);
		assert_int_equal(step(f), 2); /* base_ns is long ago */
		assert_int_equal(shipper_events(f->shipper), cut);
		if (cut % 2)
			ship_again(f);
		commit_events(f, head, build.event_count);
		maker_end(&f->maker);
		assert_int_equal(step(f), 1);
		finish(f);
		buf_clear(&want);
		buf_text(&want, "started python 3.11.2 pid own\n");
		dump_block(f, head, &want);
		buf_printf(&want, "finished events %lld status 3 signal 0: \n",
			(long long)build.event_count);
		tells(f, buf_string(&want));
	}
	build_release(&build);
	buf_release(&want);
}

static void a_shipper_killed_before_its_note_ships_twice_and_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};
	struct spool_header before;

	begin(f);
	build_random_at(&build, 6, 100);
	assert_int_equal(step(f), 1);
	maker_begin(&f->maker, 0, build.head.base_ns, build.items.len);
	memcpy(&before, f->maker.header, sizeof(before));
	commit_events(f, build_head(&build), 7);
	assert_int_equal(step(f), 1);
	atomic_store(&f->maker.header->shipped_seq, before.shipped_seq);
	commit_events(f, build_head(&build), build.event_count);
	maker_end(&f->maker);
	ship_again(f);
	assert_int_equal(step(f), 1);
	atomic_store(&f->maker.header->shipped_seq, 3);
	atomic_store(&f->maker.header->shipped_offset, before.shipped_offset);
	atomic_store(&f->maker.header->started_shipped, 0);
	ship_again(f);
	finish(f);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	buf_text(&want, "started python ? pid own\n");
	buf_printf(
		&want, "finished events %lld status 3 signal 0: \n", (long long)build.event_count);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void a_failure_is_told_at_the_end_by_whoever_ships_it(void **state)
{
	struct fixture *f = *state;
	static const uint8_t text[200000];

	begin(f);
	maker_failure(&f->maker, "ValueError", "no");
	for (int i = 0; i < 3; i++)
		maker_source(&f->maker, "/a", (struct slice){text, sizeof(text)});
	assert_int_equal(step(f), 4);
	ship_again(f);
	assert_int_equal(step(f), 0);
	finish(f);
	tells(f, "started python 3.11.2 pid own\n"
		 "source /a: 200000 bytes\nsource /a: 200000 bytes\nsource /a: 200000 bytes\n"
		 "finished events 0 status 3 signal 0 ValueError: no /app.py:7\n");
}

static void the_last_failure_counts_and_a_damaged_one_does_not(void **state)
{
	struct fixture *f = *state;

	begin(f);
	maker_failure(&f->maker, "ValueError", "no");
	maker_failure(&f->maker, "KeyError", "'k'");
	finish(f);
	tells(f, "started python 3.11.2 pid own\n"
		 "finished events 0 status 3 signal 0 KeyError: 'k' /app.py:7\n");
	begin(f);
	maker_record(&f->maker, RECORD_FAILURE, slice_text("\x7f\x7f"), (struct slice){0});
	finish(f);
	tells(f, "started python 3.11.2 pid own\nfinished events 0 status 3 signal 0: \n");
}

static void sources_are_made_to_fit(void **state)
{
	struct fixture *f = *state;
	uint8_t *text = calloc(1, 3000000);

	begin(f);
	maker_source(&f->maker, "/a\xff.py", (struct slice){text, 3000000});
	assert_int_equal(step(f), 2);
	tells(f, "started python 3.11.2 pid own\nsource /a\xef\xbf\xbd.py: 1023864 bytes\n");
	free(text);
}

/* A block of lines in one frame, each with a local of `bytes` bytes. */
static void build_large(struct build *build, int lines, size_t bytes)
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

static void a_block_too_large_for_a_message_is_cut(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};

	begin(f);
	build_large(&build, 7, 300000);
	maker_block(&f->maker, build_head(&build));
	assert_in_range(step(f), 3, 8);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void gap_at(struct fixture *f, int64_t seq, const char *reason)
{
	struct log_reader *reader;
	struct log_record record;
	bool found = false;

	must(f, log_reader_open(f->log, LOG_FROM_START, &reader, &f->err));
	while (log_reader_next(reader, 0, &record, &f->err) > 0) {
		const struct event *event;
		struct slice body;

		if (message_parse(record.message, &body, &f->err) != SCHEMA_TRACE_BLOCK)
			continue;
		must(f, block_cursor_open(f->cursor, body, &f->err));
		while (block_cursor_next(f->cursor, &event, &f->err) > 0) {
			if (event->seq != seq)
				continue;
			found = true;
			assert_int_equal(event->kind, EVENT_GAP);
			assert_int_equal(event->lost, 1);
			assert_true(slice_equal(event->text, slice_text(reason)));
		}
	}
	assert_true(found);
	log_reader_close(reader);
}

static void an_event_too_large_for_a_message_is_a_gap(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	const char *reason = "an event is larger than a message may be";

	begin(f);
	build_large(&build, 2, 1100000);
	maker_block(&f->maker, build_head(&build));
	assert_int_equal(step(f), 4);
	assert_int_equal(shipper_events(f->shipper), 3);
	gap_at(f, 1, reason);
	gap_at(f, 2, reason);
	build_release(&build);
}

static void what_cannot_be_read_is_a_gap_where_it_must_be_cut(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};

	begin(f);
	build_random_at(&build, 7, 100);
	maker_begin(&f->maker, 0, 0, build.items.len);
	commit_events(f, build_head(&build), 3);
	assert_int_equal(step(f), 2);
	((uint8_t *)(f->maker.record + 1))[0] = 0x7f;
	commit_events(f, build_head(&build), build.event_count);
	maker_end(&f->maker);
	assert_int_equal(step(f), 1);
	assert_int_equal(shipper_events(f->shipper), build.event_count);
	for (int64_t seq = 3; seq < build.event_count; seq++)
		gap_at(f, seq, "what was recorded cannot be read");
	build_release(&build);
}

static void a_killed_program_is_whole_up_to_its_last_event(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};
	size_t bytes;
	int64_t items;

	build_random_at(&build, 8, 100);
	for (int torn = 0; torn < 4; torn++) {
		struct block_head head = *build_head(&build);

		begin(f);
		maker_begin(&f->maker, 0, head.base_ns, head.items.len);
		commit_events(f, &head, 10);
		assert_int_equal(step(f), 2);
		commit_events(f, &head, 20);
		measure(f, &head, 21, &bytes, &items);
		/* Killed while it counted event 21: `torn` of the three numbers are new. */
		atomic_fetch_add(&f->maker.record->version, 1);
		memcpy(f->maker.record + 1, head.items.data, bytes);
		if (torn > 0)
			atomic_store(&f->maker.record->bytes, (uint32_t)bytes);
		if (torn > 1)
			atomic_store(&f->maker.record->items, (uint32_t)items);
		if (torn > 2)
			atomic_store(&f->maker.record->events, 21);
		maker_die(&f->maker);
		assert_int_equal(step(f), 0);
		finish(f);
		head.event_count = torn > 0 ? 21 : 20;
		measure(f, build_head(&build), head.event_count, &head.items.len, &head.item_count);
		buf_clear(&want);
		buf_text(&want, "started python 3.11.2 pid own\n");
		dump_block(f, &head, &want);
		buf_printf(&want, "finished events %lld status 3 signal 0: \n",
			(long long)head.event_count);
		tells(f, buf_string(&want));
	}
	build_release(&build);
	buf_release(&want);
}

static void a_log_that_fails_is_shipped_to_later(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, limit;
	struct build build = {0};
	struct buf want = {0};
	int failure;

	begin(f);
	build_random_at(&build, 9, 300);
	assert_int_equal(step(f), 1);
	maker_block(&f->maker, build_head(&build));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	failure = shipper_step(f->shipper, &f->moved, &f->err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(failure, ERR_IO);
	assert_int_equal(f->moved, 0);
	assert_int_equal(step(f), 1);
	finish(f);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	buf_printf(
		&want, "finished events %lld status 3 signal 0: \n", (long long)build.event_count);
	tells(f, buf_string(&want));
	build_release(&build);
	buf_release(&want);
}

static void a_damaged_spool_is_shipped_as_far_as_it_is_good(void **state)
{
	struct fixture *f = *state;
	const struct shipper_end end = {.exit_status = -1, .signal = 9};
	struct build build = {0};
	struct buf want = {0}, bad = {0};

	begin(f);
	build_random_at(&build, 10, 100);
	maker_block(&f->maker, build_head(&build));
	maker_begin(&f->maker, build.event_count, 0, 100);
	f->maker.record->kind = 77;
	assert_int_equal(shipper_finish(f->shipper, &end, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message,
		".spool: spool is damaged: chunk at 65536: a record of a kind unknown"));
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&build), &want);
	buf_printf(
		&want, "finished events %lld status -1 signal 9: \n", (long long)build.event_count);
	tells(f, buf_string(&want));
	buf_printf(&bad, "%s.bad", buf_string(&f->path));
	assert_int_equal(access(buf_string(&bad), F_OK), 0);
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
	build_release(&build);
	buf_release(&want);
	buf_release(&bad);
}

/* Its shipper is gone. */
static void leave(struct fixture *f)
{
	shipper_close(f->shipper);
	f->shipper = NULL;
}

static size_t collect(struct fixture *f)
{
	size_t runs;

	must(f, shipper_collect(f->dir, f->log, &runs, &f->err));
	return runs;
}

static void a_leftover_of_a_dead_process_is_finished_as_lost(void **state)
{
	struct fixture *f = *state;
	struct build build = {0};
	struct buf want = {0};

	begin(f);
	build_random_at(&build, 11, 100);
	maker_block(&f->maker, build_head(&build));
	maker_failure(&f->maker, "ValueError", "no");
	assert_int_equal(collect(f), 0); /* it has a shipper */
	leave(f);
	maker_die(&f->maker);
	assert_int_equal(collect(f), 1);
	assert_int_equal(collect(f), 0);
	buf_text(&want, "started python 3.11.2 pid other\n");
	dump_block(f, build_head(&build), &want);
	buf_printf(&want, "finished events %lld status -1 signal 0 lost ValueError: no /app.py:7\n",
		(long long)build.event_count);
	tells(f, buf_string(&want));
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
	build_release(&build);
	buf_release(&want);
}

static void a_leftover_of_a_living_process_is_shipped_so_far_and_left(void **state)
{
	struct fixture *f = *state;
	struct build one = {0}, two = {0};
	struct buf want = {0};

	begin(f);
	leave(f);
	build_random_at(&one, 12, 100);
	two.head.first_seq = one.event_count;
	build_random_at(&two, 13, 100);
	maker_block(&f->maker, build_head(&one));
	assert_int_equal(collect(f), 1);
	buf_text(&want, "started python 3.11.2 pid own\n");
	dump_block(f, build_head(&one), &want);
	tells(f, buf_string(&want));
	assert_int_equal(collect(f), 0);
	maker_block(&f->maker, build_head(&two));
	maker_die(&f->maker);
	assert_int_equal(collect(f), 1);
	dump_block(f, build_head(&two), &want);
	buf_printf(&want, "finished events %lld status -1 signal 0 lost: \n",
		(long long)(one.event_count + two.event_count));
	tells(f, buf_string(&want));
	build_release(&one);
	build_release(&two);
	buf_release(&want);
}

static void a_leftover_that_no_tracer_opened_is_given_time(void **state)
{
	struct fixture *f = *state;

	f->run.started_ns = (int64_t)time(NULL) * 1000000000;
	create(f);
	ship_again(f);
	leave(f);
	assert_int_equal(collect(f), 0);
	assert_int_equal(access(buf_string(&f->path), F_OK), 0);
	assert_int_equal(unlink(buf_string(&f->path)), 0);
	f->run.started_ns -= SHIPPER_START_MS * 1000000ll;
	create(f);
	ship_again(f);
	leave(f);
	assert_int_equal(collect(f), 1);
	tells(f, "started python ? pid other\nfinished events 0 status -1 signal 0 lost: \n");
}

static void a_shipper_killed_at_the_very_end_is_not_told_twice(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_int_equal(step(f), 1);
	maker_die(&f->maker);
	atomic_store(&f->maker.header->started_shipped, 2); /* RunFinished is in the log */
	leave(f);
	assert_int_equal(collect(f), 1);
	tells(f, "started python 3.11.2 pid own\n");
	assert_int_equal(access(buf_string(&f->path), F_OK), -1);
}

static void damaged_leftovers_do_not_stop_the_others(void **state)
{
	struct fixture *f = *state;
	struct buf junk = {0};
	size_t runs;

	buf_printf(&junk, "%s/000.spool", f->dir);
	file_write(buf_string(&junk), slice_text("junk"));
	begin(f);
	leave(f);
	maker_die(&f->maker);
	buf_clear(&junk);
	buf_printf(&junk, "%s/zzz.spool", f->dir);
	file_write(buf_string(&junk), slice_text("junk"));
	assert_int_equal(shipper_collect(f->dir, f->log, &runs, &f->err), ERR_FORMAT);
	assert_non_null(strstr(f->err.message, ".spool is cut short"));
	assert_int_equal(runs, 1);
	tells(f, "started python 3.11.2 pid other\nfinished events 0 status -1 signal 0 lost: \n");
	assert_int_equal(collect(f), 0);
	buf_text(&junk, ".bad");
	assert_int_equal(access(buf_string(&junk), F_OK), 0);
	buf_release(&junk);
}

/* A tracer in another process that is killed at any moment; its shipper, too. */
static void write_for_ever(const char *path, int ready)
{
	struct maker maker;
	struct build build = {0};

	maker_open(&maker, path);
	maker_python(&maker, "3.11.2");
	build_large(&build, 50, 10);
	for (int64_t seq = 0;; seq += build.event_count) {
		struct block_cursor *cursor = block_cursor_new();
		const struct event *event;
		int64_t events = 0;

		build.head.first_seq = seq;
		if (block_cursor_open_items(cursor, build_head(&build), NULL) < 0)
			_exit(1);
		maker_begin(&maker, seq, 0, build.items.len);
		while (block_cursor_next(cursor, &event, NULL) > 0)
			maker_commit(&maker,
				(struct slice){build.items.data, block_cursor_offset(cursor)},
				block_cursor_items(cursor), ++events);
		maker_end(&maker);
		block_cursor_free(cursor);
		if (seq == 0 && write(ready, "", 1) != 1)
			_exit(1);
	}
}

static void kill_9_of_program_and_shipper_leaves_no_hole(void **state)
{
	struct fixture *f = *state;
	struct buf got = {0};

	for (int round = 0; round < 6; round++) {
		int ready[2];
		pid_t writer, shipper;
		char byte;

		create(f);
		assert_int_equal(pipe(ready), 0);
		writer = fork();
		if (writer == 0)
			write_for_ever(buf_string(&f->path), ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		shipper = fork();
		if (shipper == 0) {
			/* As the owner that begins anew: the maker's mark is of the parent. */
			must(f, shipper_open(buf_string(&f->path), f->log, &f->shipper, &f->err));
			for (int steps = 0;; steps++) {
				step(f);
				if (steps == round * 3 && write(ready[1], "", 1) != 1)
					_exit(1);
			}
		}
		assert_int_equal(read(ready[0], &byte, 1), 1);
		kill(shipper, SIGKILL);
		assert_int_equal(waitpid(shipper, NULL, 0), shipper);
		kill(writer, SIGKILL);
		assert_int_equal(waitpid(writer, NULL, 0), writer);
		assert_int_equal(collect(f), 1);
		tell(f, &got); /* asserts that sequence numbers have no hole */
		assert_non_null(strstr(buf_string(&got), " lost: \n"));
		close(ready[0]);
		close(ready[1]);
	}
	buf_release(&got);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_run_is_shipped_from_its_start_to_its_end),
		test(a_closed_block_is_shipped_as_its_bytes_are),
		test(a_run_starts_once_its_python_is_known),
		test(a_program_that_never_started_has_a_start_and_an_end),
		test(a_young_block_is_waited_for_and_an_old_one_cut),
		test(a_block_may_be_cut_behind_any_event),
		test(a_shipper_killed_before_its_note_ships_twice_and_loses_nothing),
		test(a_failure_is_told_at_the_end_by_whoever_ships_it),
		test(the_last_failure_counts_and_a_damaged_one_does_not),
		test(sources_are_made_to_fit),
		test(a_block_too_large_for_a_message_is_cut),
		test(an_event_too_large_for_a_message_is_a_gap),
		test(what_cannot_be_read_is_a_gap_where_it_must_be_cut),
		test(a_killed_program_is_whole_up_to_its_last_event),
		test(a_log_that_fails_is_shipped_to_later),
		test(a_damaged_spool_is_shipped_as_far_as_it_is_good),
		test(a_leftover_of_a_dead_process_is_finished_as_lost),
		test(a_leftover_of_a_living_process_is_shipped_so_far_and_left),
		test(a_leftover_that_no_tracer_opened_is_given_time),
		test(a_shipper_killed_at_the_very_end_is_not_told_twice),
		test(damaged_leftovers_do_not_stop_the_others),
		test(kill_9_of_program_and_shipper_leaves_no_hole),
	};

	return cmocka_run_group_tests_name("shipper", tests, NULL, NULL);
}
