/* links: schemas */
/*
 * The bytes of every kind of message, item and value, as they were first written:
 * tests/golden/avro/NAME.hex, and what is read from them, NAME.txt. They never change:
 * logs hold such bytes. A new case writes its files when SMILEY_GOLDEN_WRITE=1 is set and
 * they are not there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/avro.h"
#include "schemas/message.h"
#include "tests/lib/help_block.h"
#include "tests/lib/help_dump.h"

struct golden {
	const char *name;
	void (*write)(struct buf *message); /* NULL: bytes that this build only reads */
};

static void open_golden(const char *name, const char *end, const char *mode, FILE **file)
{
	const char *root = getenv("SMILEY_ROOT");
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/golden/avro/%s.%s", root ? root : ".", name, end);
	*file = fopen(path, mode);
}

static void read_rest(FILE *file, struct buf *out)
{
	int c;

	while ((c = getc(file)) != EOF)
		buf_byte(out, (uint8_t)c);
	fclose(file);
}

/* The file must say this; with SMILEY_GOLDEN_WRITE it is made when it is not there. */
static void matches(const char *name, const char *end, struct buf *want)
{
	struct buf there = {0};
	FILE *file;

	open_golden(name, end, "rb", &file);
	if (!file && getenv("SMILEY_GOLDEN_WRITE")) {
		open_golden(name, end, "wbx", &file);
		assert_non_null(file);
		fwrite(buf_string(want), 1, want->len, file);
		fclose(file);
		return;
	}
	if (!file)
		fail_msg("tests/golden/avro/%s.%s is not there", name, end);
	read_rest(file, &there);
	assert_string_equal(buf_string(want), buf_string(&there));
	buf_release(&there);
}

static void to_hex(struct slice bytes, struct buf *hex)
{
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(hex, "%02x%s", bytes.data[i],
			i + 1 == bytes.len || i % 32 == 31 ? "\n"
			: i % 4 == 3                       ? " "
							   : "");
}

/* The message whose bytes NAME.hex holds. */
static void read_hex(const char *name, struct buf *message)
{
	struct buf hex = {0};
	FILE *file;
	unsigned byte;
	int used;

	open_golden(name, "hex", "rb", &file);
	if (!file)
		fail_msg("tests/golden/avro/%s.hex is not there", name);
	read_rest(file, &hex);
	for (const char *at = buf_string(&hex); sscanf(at, " %2x%n", &byte, &used) == 1; at += used)
		buf_byte(message, (uint8_t)byte);
	buf_release(&hex);
}

static struct run_id some_run(void)
{
	struct run_id run;

	run_id_parse(&run, slice_text("00112233-4455-4677-8899-aabbccddeeff"));
	return run;
}

static void write_started(struct buf *message)
{
	struct run_started run = {.run = some_run(), .has_parent = true, .parent = some_run()};
	struct buf argv = {0}, limits = {0};

	run.group = slice_text("nightly");
	run.started_ns = 1700000000123456789;
	run.host = slice_text("h\xc3\xb6st");
	run.pid = 4711;
	run.user = slice_text("doug");
	run.cwd = slice_text("/home/doug");
	run.python = slice_text("3.11.2");
	run.tracer = slice_text("1.0");
	text_list_add(&argv, &run.argv.count, slice_text("./test.py"));
	text_list_add(&argv, &run.argv.count, slice_text("-e"));
	text_list_add(&limits, &run.limits.count, slice_text("max_items=16"));
	run.argv.items = buf_slice(&argv);
	run.limits.items = buf_slice(&limits);
	run.boot_id = slice_text("6d2c4f0a-7a3e-4c36-9a53-2a4e62b8f1d0");
	run.container = slice_text("4f3c2b1a0987");
	run.parent_seq = 1234;
	run.clock_offset_ns = 3600000000000;
	run_started_encode(&run, message);
	buf_release(&argv);
	buf_release(&limits);
}

static void write_started_bare(struct buf *message)
{
	struct run_started run = {.run = some_run(), .parent_seq = -1};

	run_started_encode(&run, message);
}

static void write_finished(struct buf *message)
{
	struct traceback_entry outer = {slice_text("/a.py"), 70, slice_text("<module>")};
	struct traceback_entry inner = {slice_text("/b.py"), 7, slice_text("C.f")};
	struct run_finished run = {.run = some_run(), .finished_ns = 1700000001000000000};
	struct buf entries = {0};

	run.event_count = 123456;
	run.exit_status = 1;
	run.error_type = slice_text("ValueError");
	run.error_message = slice_text("no such value");
	traceback_add(&entries, &run.traceback.count, &outer);
	traceback_add(&entries, &run.traceback.count, &inner);
	run.traceback.items = buf_slice(&entries);
	run_finished_encode(&run, message);
	buf_release(&entries);
}

static void write_finished_lost(struct buf *message)
{
	struct run_finished run = {.run = some_run(), .exit_status = -1, .signal = 9, .lost = true};

	run_finished_encode(&run, message);
}

static void write_source(struct buf *message)
{
	struct source_file source = {.run = some_run()};

	for (int i = 0; i < 32; i++)
		source.sha256[i] = (uint8_t)(255 - i);
	source.path = slice_text("/home/doug/test.py");
	source.text = slice_text("# coding: latin-1\nname = '\xe9'\n");
	source_file_encode(&source, message);
}

static void write_child(struct buf *message)
{
	struct child_untraced child = {.run = some_run(), .seq = 77};
	struct buf argv = {0};

	child.time_ns = 1700000000500000000;
	text_list_add(&argv, &child.argv.count, slice_text("/usr/bin/python3"));
	text_list_add(&argv, &child.argv.count, slice_text("-I"));
	child.argv.items = buf_slice(&argv);
	child.reason = slice_text("started with -I");
	child_untraced_encode(&child, message);
	buf_release(&argv);
}

static void write_deleted(struct buf *message)
{
	struct run_deleted deleted = {some_run(), 1700000002000000000};

	run_deleted_encode(&deleted, message);
}

enum {
	NAME_FILE,
	NAME_FUNCTION,
	NAME_THREAD,
	NAME_A,
	NAME_B
};

/* Names, a code, a thread with frame -1 and its locals. */
static void begin(struct build *build)
{
	build->head.run = some_run();
	build->head.first_seq = 4096;
	build->head.base_ns = 1700000000000000000;
	build_name(build, "/home/doug/test.py");
	build_name(build, "C.f");
	build_name(build, "MainThread");
	build_name(build, "a");
	build_name(build, "b\xc3\xa9");
	build_code(build, NAME_FILE, NAME_FUNCTION, 10);
	build_thread(build, 0, 140737353971520, NAME_THREAD, 2);
	build_frame(build, -1, 0, 12, false);
	build_long(build, ITEM_LOCAL, NAME_A, 1);
}

static void end(struct build *build, struct buf *message)
{
	block_encode(build_head(build), message);
	build_release(build);
}

static void write_block_empty(struct buf *message)
{
	struct build build = {.head.run = some_run()};

	end(&build, message);
}

static void write_block_lines(struct buf *message)
{
	struct build build = {0};

	begin(&build);
	build_line(&build, 1500, 1);
	build_long(&build, ITEM_CHANGE, NAME_A, -300);
	build_line(&build, -20, -3);
	build_long(&build, ITEM_CHANGE, NAME_B, INT64_MAX);
	build_unset(&build, ITEM_CHANGE, NAME_A);
	build_line(&build, 1, 0);
	end(&build, message);
}

static void write_block_frames(struct buf *message)
{
	struct build build = {0};

	begin(&build);
	build_call(&build, 100, 0);
	build_long(&build, ITEM_CHANGE, NAME_A, 5);
	build_none(&build, ITEM_YIELD, 100, 1);
	build_resume(&build, 100, 4096, 0, 11);
	build_none(&build, ITEM_EXCEPTION, 100, 1);
	build_unwind(&build, 100, 0);
	build_call(&build, 100, 0);
	build_none(&build, ITEM_RETURN, 100, 2);
	build_line(&build, 100, 1);
	end(&build, message);
}

static void write_block_threads(struct buf *message)
{
	struct build build = {0};

	begin(&build);
	build_frame(&build, -7, 0, 14, true);
	build_long(&build, ITEM_LOCAL, NAME_B, 7);
	build_line(&build, 1, 1);
	build_thread(&build, 1, 140737353970000, NAME_B, 0);
	build_thread_start(&build, 9);
	build_resume(&build, 1, -7, 0, 15);
	build_switch(&build, 0);
	build_task(&build, 3, 2, NAME_A);
	build_line(&build, 1, 1);
	build_gap(&build, 4, 77, NAME_B);
	build_gap(&build, 4, -1, NAME_A);
	end(&build, message);
}

static void write_block_resize(struct buf *message)
{
	struct build build = {0};

	begin(&build);
	build_line(&build, 1, 1);
	build_local(&build, ITEM_CHANGE, NAME_A,
		(struct slice){(const uint8_t *)"\x14\x00\x02\x02\x04\x06\x00", 7});
	build_line(&build, 1, 1);
	build_resize(&build, NAME_A, 1000);
	end(&build, message);
}

/* The item since schema 10: in the middle, behind the end, all, and nothing but the length. */
static void write_block_splice(struct buf *message)
{
	static const uint8_t items[] = "\x04\x08\x08\x02x";
	struct build build = {0};

	begin(&build);
	build_line(&build, 1, 1);
	build_local(&build, ITEM_CHANGE, NAME_A,
		(struct slice){
			(const uint8_t *)"\x14\x00\x06\x06\x04\x02\x04\x04\x04\x06\x00", 11});
	build_line(&build, 1, 1);
	build_splice(&build, NAME_A, 4, 1, 1, 2, (struct slice){items, 5});
	build_line(&build, 1, 1);
	build_splice(&build, NAME_A, 5, 100, 1, 1, (struct slice){items, 2});
	build_line(&build, 1, 1);
	build_splice(&build, NAME_A, 0, 0, 100, 0, (struct slice){0});
	build_line(&build, 1, 1);
	build_resize(&build, NAME_A, 7);
	build_splice(&build, NAME_A, 1000, 0, 0, 1, (struct slice){items, 2});
	end(&build, message);
}

/* The items since schema 8. */
static void write_block_costs(struct buf *message)
{
	struct build build = {.head.run = some_run(), .head.first_seq = 7, .head.base_ns = 1000};
	int64_t file = build_name(&build, "/src/costs.py");
	int64_t function = build_name(&build, "work");
	int64_t builtin = build_name(&build, "<built-in method builtins.sorted>");
	int64_t code = build_code(&build, file, function, 1);

	build_cost(&build, 11, 58, 91, 73);
	build_pace(&build, 25, 12, 19);
	build_thread(&build, 0, 1, function, 0);
	build_pause(&build, 250000);
	build_call(&build, 1000, code);
	build_through(&build, builtin);
	build_call(&build, 900, code);
	build_none(&build, ITEM_RETURN, 300, 1);
	build_builtin(&build, builtin, 2, 1500);
	build_builtin(&build, builtin, 1, 20);
	build_line(&build, 2000, 2);
	end(&build, message);
}

/* One local of each kind of value, in a line of its own. */
static void write_block_values(struct buf *message)
{
	static const struct {
		const char *bytes;
		size_t len;
	} values[VALUE_KINDS] = {
		[VALUE_NULL] = {"\x00", 1},
		[VALUE_BOOLEAN] = {"\x02\x01", 2},
		[VALUE_LONG] = {"\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
		[VALUE_DOUBLE] = {"\x06\x9a\x99\x99\x99\x99\x99\xb9\x3f", 9},
		[VALUE_STRING] = {"\x08\x08h\xc3\xa9\n", 6},
		[VALUE_BYTES] = {"\x0a\x06\x00\xff'", 5},
		[VALUE_BIGINT] = {"\x0c\x82\x01\x12\x01\x00\x00\x00\x00\x00\x00\x00\x00", 13},
		[VALUE_TEXT] = {"\x0e\xd0\x0f\x06\xed\xa0\x80", 7},
		[VALUE_BLOB] = {"\x10\x02\xd0\x0f\x04\x01\x02", 7},
		[VALUE_COMPLEX] = {"\x12\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\xc0", 17},
		/* {'a': [None, True]... 98 more} */
		[VALUE_CONTAINER] = {"\x14\x08\xc8\x01\x04\x08\x02"
				     "a\x14\x00\x04\x04\x00\x02\x01\x00\x00",
			17},
		[VALUE_OBJECT] = {"\x16\x00\x02\x80\x80\xc0\xf6\xff\xbf\x03", 10},
		[VALUE_ERROR] = {"\x18\x02\x10\x04\x02\x08\x04no\x00", 10},
		[VALUE_REDACTED] = {"\x1a\x02\xfe\xff\x07", 5},
		[VALUE_UNSET] = {"\x1c", 1},
	};
	struct build build = {0};

	begin(&build);
	for (int kind = 0; kind < VALUE_KINDS; kind++) {
		struct slice value = {(const uint8_t *)values[kind].bytes, values[kind].len};

		build_line(&build, 1, 1);
		build_local(&build, ITEM_CHANGE, NAME_B, value);
	}
	end(&build, message);
}

static void text_of(struct buf *out, const char *what, struct slice text)
{
	buf_printf(out, "%s=", what);
	buf_append(out, text.data, text.len);
	buf_byte(out, '\n');
}

static void text_of_run(struct buf *out, const char *what, const struct run_id *run)
{
	char text[RUN_ID_TEXT_BYTES];

	buf_printf(out, "%s=%s\n", what, run_id_format(run, text));
}

static void read_started(struct slice body, struct buf *out)
{
	struct run_started run;
	struct slice text;

	assert_int_equal(run_started_decode(body, &run, NULL), 0);
	text_of_run(out, "run", &run.run);
	if (run.has_parent)
		text_of_run(out, "parent", &run.parent);
	text_of(out, "group", run.group);
	buf_printf(out, "started_ns=%lld\n", (long long)run.started_ns);
	text_of(out, "host", run.host);
	buf_printf(out, "pid=%lld\n", (long long)run.pid);
	text_of(out, "user", run.user);
	text_of(out, "cwd", run.cwd);
	while (text_list_next(&run.argv, &text))
		text_of(out, "argv", text);
	text_of(out, "python", run.python);
	text_of(out, "tracer", run.tracer);
	while (text_list_next(&run.limits, &text))
		text_of(out, "limit", text);
}

static void read_started_since_2(struct slice body, struct buf *out)
{
	struct run_started run;

	read_started(body, out);
	assert_int_equal(run_started_decode(body, &run, NULL), 0);
	text_of(out, "boot_id", run.boot_id);
	text_of(out, "container", run.container);
	buf_printf(out, "parent_seq=%lld\nclock_offset_ns=%lld\n", (long long)run.parent_seq,
		(long long)run.clock_offset_ns);
}

static void read_finished(struct slice body, struct buf *out)
{
	struct traceback_entry entry;
	struct run_finished run;

	assert_int_equal(run_finished_decode(body, &run, NULL), 0);
	text_of_run(out, "run", &run.run);
	buf_printf(out, "finished_ns=%lld\nevent_count=%lld\nexit_status=%lld\nsignal=%lld\n",
		(long long)run.finished_ns, (long long)run.event_count, (long long)run.exit_status,
		(long long)run.signal);
	buf_printf(out, "lost=%d\n", run.lost);
	text_of(out, "error_type", run.error_type);
	text_of(out, "error_message", run.error_message);
	while (traceback_next(&run.traceback, &entry)) {
		text_of(out, "file", entry.file);
		buf_printf(out, "line=%lld\n", (long long)entry.line);
		text_of(out, "function", entry.function);
	}
}

static void read_source(struct slice body, struct buf *out)
{
	struct source_file source;

	assert_int_equal(source_file_decode(body, &source, NULL), 0);
	text_of_run(out, "run", &source.run);
	text_of(out, "path", source.path);
	buf_text(out, "sha256=");
	to_hex((struct slice){source.sha256, sizeof(source.sha256)}, out);
	text_of(out, "text", source.text);
}

static void read_deleted(struct slice body, struct buf *out)
{
	struct run_deleted deleted;

	assert_int_equal(run_deleted_decode(body, &deleted, NULL), 0);
	text_of_run(out, "run", &deleted.run);
	buf_printf(out, "deleted_ns=%lld\n", (long long)deleted.deleted_ns);
}

static void read_child(struct slice body, struct buf *out)
{
	struct child_untraced child;
	struct slice text;

	assert_int_equal(child_untraced_decode(body, &child, NULL), 0);
	text_of_run(out, "run", &child.run);
	buf_printf(out, "seq=%lld\ntime_ns=%lld\n", (long long)child.seq, (long long)child.time_ns);
	while (text_list_next(&child.argv, &text))
		text_of(out, "argv", text);
	text_of(out, "reason", child.reason);
}

static void read_block(struct slice body, struct buf *out)
{
	struct block_cursor *cursor = block_cursor_new();
	struct err err;

	assert_int_equal(block_cursor_open(cursor, body, &err), 0);
	if (dump_rest(cursor, out, &err) < 0)
		fail_msg("%s", err.message);
	block_cursor_free(cursor);
}

static void read_message(struct slice message, struct buf *out)
{
	static void (*const readers[])(struct slice, struct buf *) = {
		[SCHEMA_TRACE_BLOCK_V1] = read_block,
		[SCHEMA_TRACE_BLOCK_V2] = read_block,
		[SCHEMA_TRACE_BLOCK_V3] = read_block,
		[SCHEMA_TRACE_BLOCK] = read_block,
		[SCHEMA_RUN_STARTED_V1] = read_started,
		[SCHEMA_RUN_FINISHED] = read_finished,
		[SCHEMA_SOURCE_FILE] = read_source,
		[SCHEMA_RUN_DELETED] = read_deleted,
		[SCHEMA_RUN_STARTED] = read_started_since_2,
		[SCHEMA_CHILD_UNTRACED] = read_child,
	};
	struct slice body;
	int id = message_parse(message, &body, NULL);

	assert_true(id > 0);
	readers[id](body, out);
}

static const struct golden goldens[] = {
	{"run_started", write_started},
	{"run_started_bare", write_started_bare},
	{"run_started_v1", NULL},
	{"run_started_bare_v1", NULL},
	{"run_finished", write_finished},
	{"run_finished_lost", write_finished_lost},
	{"source_file", write_source},
	{"run_deleted", write_deleted},
	{"child_untraced", write_child},
	{"block_empty", write_block_empty},
	{"block_empty_v1", NULL},
	{"block_empty_v2", NULL},
	{"block_empty_v3", NULL},
	{"block_lines", write_block_lines},
	{"block_lines_v1", NULL},
	{"block_lines_v2", NULL},
	{"block_lines_v3", NULL},
	{"block_frames", write_block_frames},
	{"block_frames_v1", NULL},
	{"block_frames_v2", NULL},
	{"block_frames_v3", NULL},
	{"block_threads", write_block_threads},
	{"block_threads_v1", NULL},
	{"block_threads_v2", NULL},
	{"block_threads_v3", NULL},
	{"block_resize", write_block_resize},
	{"block_resize_v1", NULL},
	{"block_resize_v2", NULL},
	{"block_resize_v3", NULL},
	{"block_values", write_block_values},
	{"block_values_v1", NULL},
	{"block_values_v2", NULL},
	{"block_values_v3", NULL},
	{"block_costs", write_block_costs},
	{"block_costs_v2", NULL},
	{"block_costs_v3", NULL},
	{"block_splice", write_block_splice},
};

static void get_message(const struct golden *golden, struct buf *message)
{
	if (golden->write)
		golden->write(message);
	else
		read_hex(golden->name, message);
}

static void each_golden(void **state)
{
	const struct golden *golden = *state;
	struct buf message = {0}, hex = {0}, text = {0};

	get_message(golden, &message);
	to_hex(buf_slice(&message), &hex);
	matches(golden->name, "hex", &hex);
	read_message(buf_slice(&message), &text);
	matches(golden->name, "txt", &text);
	buf_release(&message);
	buf_release(&hex);
	buf_release(&text);
}

#define GOLDENS (sizeof(goldens) / sizeof(goldens[0]))

/* Which kinds of items and events the blocks above hold. */
static void no_kind_is_missing(void **state)
{
	bool events[EVENT_KINDS] = {false};
	struct block_cursor *cursor = block_cursor_new();
	struct buf message = {0};
	const struct event *event;
	struct slice body;

	(void)state;
	for (size_t i = 0; i < GOLDENS; i++) {
		buf_clear(&message);
		get_message(&goldens[i], &message);
		if (message_parse(buf_slice(&message), &body, NULL) != SCHEMA_TRACE_BLOCK)
			continue;
		assert_int_equal(block_cursor_open(cursor, body, NULL), 0);
		while (block_cursor_next(cursor, &event, NULL) == 1)
			events[event->kind] = true;
	}
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		assert_true(events[kind]);
	block_cursor_free(cursor);
	buf_release(&message);
}

int main(void)
{
	struct CMUnitTest tests[GOLDENS + 1];

	for (size_t i = 0; i < GOLDENS; i++)
		tests[i] = (struct CMUnitTest){.name = goldens[i].name,
			.test_func = each_golden,
			.initial_state = (void *)(uintptr_t)&goldens[i]};
	tests[GOLDENS] = (struct CMUnitTest)cmocka_unit_test(no_kind_is_missing);
	return _cmocka_run_group_tests("golden bytes", tests, GOLDENS + 1, NULL, NULL);
}
