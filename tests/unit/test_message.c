/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/message.h"
#include "tests/lib/help_record.h"

static struct slice body_of(const struct buf *message)
{
	return (struct slice){
		message->data + MESSAGE_HEADER_BYTES, message->len - MESSAGE_HEADER_BYTES};
}

static void a_header_names_its_schema(void **state)
{
	struct buf message = {0};
	struct slice body;
	struct err err;

	(void)state;
	for (int id = SCHEMA_TRACE_BLOCK_V1; id <= SCHEMA_LAST; id++) {
		buf_clear(&message);
		message_header(&message, (enum schema_id)id);
		assert_int_equal(message.len, MESSAGE_HEADER_BYTES);
		buf_text(&message, "rest");
		assert_int_equal(message_parse(buf_slice(&message), &body, &err), id);
		assert_true(slice_equal(body, slice_text("rest")));
	}
	assert_memory_equal(message.data, "\0\0\0\0\12rest", 9);
	buf_release(&message);
}

static void parse_says(const void *bytes, size_t len, int code, const char *why)
{
	struct slice body;
	struct err err;

	assert_int_equal(message_parse((struct slice){bytes, len}, &body, &err), code);
	assert_int_equal(err.code, code);
	assert_string_equal(err.message, why);
}

static void a_header_that_is_none_is_refused(void **state)
{
	uint8_t *large = calloc(1, MESSAGE_MAX_BYTES + 1);
	struct slice body;

	(void)state;
	parse_says("", 0, ERR_FORMAT, "message: 0 bytes are too few for its header");
	parse_says("\0\0\0\0", 4, ERR_FORMAT, "message: 4 bytes are too few for its header");
	parse_says("{\0\0\0\1", 5, ERR_FORMAT, "message: begins with byte 0x7b instead of 0x00");
	parse_says("\0\0\0\0\0", 5, ERR_SCHEMA,
		"message: schema id 0 is not known to this version of smiley");
	parse_says("\0\0\0\0\13", 5, ERR_SCHEMA,
		"message: schema id 11 is not known to this version of smiley");
	parse_says("\0\xff\xff\xff\xff", 5, ERR_SCHEMA,
		"message: schema id 4294967295 is not known to this version of smiley");
	parse_says(large, MESSAGE_MAX_BYTES + 1, ERR_FORMAT,
		"message: 1024001 bytes are over the limit of 1024000");
	large[4] = SCHEMA_SOURCE_FILE;
	assert_int_equal(message_parse((struct slice){large, MESSAGE_MAX_BYTES}, &body, NULL),
		SCHEMA_SOURCE_FILE);
	free(large);
}

static void a_started_run_comes_back(void **state)
{
	struct run_started run = {.has_parent = true, .parent.bytes = {9, 8}, .run.bytes = {1, 2}};
	struct buf argv = {0}, message = {0};
	struct run_started back;
	struct slice text;
	struct err err;

	(void)state;
	run.group = slice_text("g");
	run.started_ns = 1700000000000000000;
	run.host = slice_text("h\xc3\xb6st");
	run.pid = 12;
	run.user = slice_text("u\xff"); /* not UTF-8 */
	run.cwd = slice_text("/");
	run.python = slice_text("3.11.2");
	run.tracer = slice_text("1");
	text_list_add(&argv, &run.argv.count, slice_text("./test.py"));
	text_list_add(&argv, &run.argv.count, slice_text("-e\x80"));
	text_list_add(&argv, &run.argv.count, slice_text(""));
	run.argv.items = buf_slice(&argv);
	run.boot_id = slice_text("b");
	run.container = slice_text("c\x80");
	run.parent_seq = 5;
	run.clock_offset_ns = 6;
	run_started_encode(&run, &message);
	assert_int_equal(run_started_decode(body_of(&message), &back, &err), 0);
	assert_true(run_id_equal(&back.run, &run.run));
	assert_true(back.has_parent && run_id_equal(&back.parent, &run.parent));
	assert_true(slice_equal(back.group, run.group));
	assert_true(back.started_ns == run.started_ns && back.pid == 12);
	assert_true(slice_equal(back.host, run.host));
	assert_true(slice_equal(back.user, slice_text("u\xef\xbf\xbd")));
	assert_true(slice_equal(back.cwd, run.cwd));
	assert_true(slice_equal(back.python, run.python));
	assert_true(slice_equal(back.tracer, run.tracer));
	assert_true(slice_equal(back.boot_id, run.boot_id));
	assert_true(slice_equal(back.container, slice_text("c\xef\xbf\xbd")));
	assert_true(back.parent_seq == 5 && back.clock_offset_ns == 6);
	assert_int_equal(back.limits.count, 0);
	assert_false(text_list_next(&back.limits, &text));
	assert_int_equal(back.argv.count, 3);
	assert_true(text_list_next(&back.argv, &text));
	assert_true(slice_equal(text, slice_text("./test.py")));
	assert_true(text_list_next(&back.argv, &text));
	assert_true(slice_equal(text, slice_text("-e\xef\xbf\xbd")));
	assert_true(text_list_next(&back.argv, &text));
	assert_int_equal(text.len, 0);
	assert_false(text_list_next(&back.argv, &text));
	buf_release(&argv);
	buf_release(&message);
}

static void a_started_run_of_version_1_comes_back(void **state)
{
	struct buf message = {0};
	struct run_started run, as;
	struct slice body;
	struct err err;

	(void)state;
	random_message(SCHEMA_RUN_STARTED_V1, 3, &message);
	body = body_of(&message);
	assert_int_equal(run_started_decode(body, &run, &err), 0);
	assert_int_equal(run_started_decode_as(SCHEMA_RUN_STARTED_V1, body, &as, &err), 0);
	assert_true(run.boot_id.len == 0 && run.container.len == 0);
	assert_true(run.parent_seq == -1 && run.clock_offset_ns == 0);
	assert_true(run_id_equal(&run.run, &as.run) && run.started_ns == as.started_ns);
	assert_int_equal(run_started_decode_as(SCHEMA_RUN_STARTED, body, &as, &err), ERR_FORMAT);
	assert_non_null(strstr(err.message, "run_started: cut short"));
	buf_release(&message);
}

static void an_untraced_child_comes_back(void **state)
{
	struct child_untraced child = {.run.bytes = {3}, .seq = 4, .time_ns = 5}, back;
	struct buf argv = {0}, message = {0};
	struct slice text;
	struct err err;

	(void)state;
	text_list_add(&argv, &child.argv.count, slice_text("python3"));
	text_list_add(&argv, &child.argv.count, slice_text("-I\xff"));
	child.argv.items = buf_slice(&argv);
	child.reason = slice_text("started with -I");
	child_untraced_encode(&child, &message);
	assert_int_equal(child_untraced_decode(body_of(&message), &back, &err), 0);
	assert_true(run_id_equal(&back.run, &child.run));
	assert_true(back.seq == 4 && back.time_ns == 5);
	assert_true(text_list_next(&back.argv, &text));
	assert_true(slice_equal(text, slice_text("python3")));
	assert_true(text_list_next(&back.argv, &text));
	assert_true(slice_equal(text, slice_text("-I\xef\xbf\xbd")));
	assert_false(text_list_next(&back.argv, &text));
	assert_true(slice_equal(back.reason, child.reason));
	buf_release(&argv);
	buf_release(&message);
}

static void a_finished_run_comes_back(void **state)
{
	struct traceback_entry entry = {slice_text("/a.py"), 7, slice_text("f")};
	struct run_finished run = {.run.bytes = {5}, .finished_ns = 9, .event_count = 8};
	struct buf entries = {0}, message = {0};
	struct run_finished back;
	struct err err;

	(void)state;
	run.exit_status = -1;
	run.signal = 9;
	run.lost = true;
	run.error_type = slice_text("ValueError");
	run.error_message = slice_text("\xed\xa0\x80");
	traceback_add(&entries, &run.traceback.count, &entry);
	run.traceback.items = buf_slice(&entries);
	run_finished_encode(&run, &message);
	assert_int_equal(run_finished_decode(body_of(&message), &back, &err), 0);
	assert_true(back.finished_ns == 9 && back.event_count == 8 && back.exit_status == -1);
	assert_true(back.signal == 9 && back.lost);
	assert_true(slice_equal(back.error_type, run.error_type));
	assert_int_equal(back.error_message.len, 9);
	assert_true(traceback_next(&back.traceback, &entry));
	assert_true(slice_equal(entry.file, slice_text("/a.py")) && entry.line == 7);
	assert_true(slice_equal(entry.function, slice_text("f")));
	assert_false(traceback_next(&back.traceback, &entry));
	buf_release(&entries);
	buf_release(&message);
}

static void a_source_over_the_limit_is_cut_to_it(void **state)
{
	struct source_file source = {.path = slice_text("/a.py"), .sha256 = {1, 2, 3}}, back;
	uint8_t *text = calloc(1, MESSAGE_MAX_BYTES);
	struct buf message = {0};
	struct slice body;
	struct err err;

	(void)state;
	source.text = (struct slice){text, MESSAGE_MAX_BYTES};
	source_file_encode(&source, &message);
	assert_in_range(message.len, MESSAGE_MAX_BYTES - 16, MESSAGE_MAX_BYTES);
	assert_int_equal(message_parse(buf_slice(&message), &body, &err), SCHEMA_SOURCE_FILE);
	assert_int_equal(source_file_decode(body, &back, &err), 0);
	assert_in_range(back.text.len, MESSAGE_MAX_BYTES - 100, MESSAGE_MAX_BYTES);
	assert_memory_equal(back.sha256, source.sha256, sizeof(back.sha256));
	assert_true(slice_equal(back.path, source.path));
	buf_release(&message);
	free(text);
}

/* Any record, cut anywhere, or with a byte too many, is an error and nothing else. */
static void a_record_cut_anywhere_is_refused(void **state)
{
	struct buf message = {0}, out = {0};
	struct err err;

	(void)state;
	for (int id = SCHEMA_RUN_STARTED; id <= SCHEMA_CHILD_UNTRACED; id++) {
		for (uint64_t seed = 0; seed < 20; seed++) {
			struct slice body;

			buf_clear(&message);
			random_message((enum schema_id)id, seed, &message);
			body = body_of(&message);
			assert_int_equal(record_again((enum schema_id)id, body, &out, &err), 0);
			for (size_t len = 0; len < body.len; len++) {
				uint8_t *cut = malloc(len ? len : 1);

				memcpy(cut, body.data, len);
				assert_int_equal(record_again((enum schema_id)id,
							 (struct slice){cut, len}, &out, &err),
					ERR_FORMAT);
				assert_non_null(strstr(err.message, "cut short"));
				free(cut);
			}
			buf_byte(&message, 0);
			assert_int_equal(
				record_again((enum schema_id)id, body_of(&message), &out, &err),
				ERR_FORMAT);
			assert_non_null(strstr(err.message, ": 1 bytes behind its end"));
		}
	}
	buf_release(&message);
	buf_release(&out);
}

static void what_is_encoded_again_is_the_same(void **state)
{
	struct buf message = {0}, out = {0};

	(void)state;
	for (int id = SCHEMA_RUN_STARTED; id <= SCHEMA_CHILD_UNTRACED; id++) {
		for (uint64_t seed = 0; seed < 300; seed++) {
			buf_clear(&message);
			buf_clear(&out);
			random_message((enum schema_id)id, seed, &message);
			assert_int_equal(
				record_again((enum schema_id)id, body_of(&message), &out, NULL), 0);
			assert_true(slice_equal(buf_slice(&message), buf_slice(&out)));
		}
	}
	buf_release(&message);
	buf_release(&out);
}

static void hostile_counts_end_with_the_input(void **state)
{
	/* RunFinished up to its traceback, whose count follows. */
	static const uint8_t front[16 + 7] = {0};
	static const char *const counts[] = {
		"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", /* INT64_MAX */
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", /* INT64_MIN */
		"\x01",                                     /* -1: a block with its size */
		"\x80\x80\x80\x80\x08",                     /* 2^30 */
	};
	struct run_finished run;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct buf body = {0};

		buf_append(&body, front, sizeof(front));
		buf_text(&body, counts[i]);
		buf_append(&body, front, sizeof(front));
		assert_int_equal(run_finished_decode(buf_slice(&body), &run, &err), ERR_FORMAT);
		assert_non_null(strstr(err.message, "run_finished: cut short, or not as its"));
		buf_release(&body);
	}
}

static void any_message_tells_its_run(void **state)
{
	struct buf message = {0};
	struct run_id run;
	struct err err;

	(void)state;
	for (int id = SCHEMA_TRACE_BLOCK_V1; id <= SCHEMA_LAST; id++) {
		buf_clear(&message);
		random_message((enum schema_id)id, 4, &message);
		assert_int_equal(message_run_id(buf_slice(&message), &run, &err), 0);
		assert_memory_equal(run.bytes, message.data + MESSAGE_HEADER_BYTES, 16);
		assert_int_equal(
			message_run_id((struct slice){message.data, 20}, &run, &err), ERR_FORMAT);
	}
	assert_string_equal(err.message, "trace_block: cut short in its run id");
	message.data[4] = 77;
	assert_int_equal(message_run_id(buf_slice(&message), &run, &err), ERR_SCHEMA);
	buf_release(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_names_its_schema),
		cmocka_unit_test(a_header_that_is_none_is_refused),
		cmocka_unit_test(a_started_run_comes_back),
		cmocka_unit_test(a_started_run_of_version_1_comes_back),
		cmocka_unit_test(an_untraced_child_comes_back),
		cmocka_unit_test(a_finished_run_comes_back),
		cmocka_unit_test(a_source_over_the_limit_is_cut_to_it),
		cmocka_unit_test(a_record_cut_anywhere_is_refused),
		cmocka_unit_test(what_is_encoded_again_is_the_same),
		cmocka_unit_test(hostile_counts_end_with_the_input),
		cmocka_unit_test(any_message_tells_its_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
