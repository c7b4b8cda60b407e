/* links: schemas avro */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/avro_c.c"
#include "tests/lib/help_record.h"

static void read_file(const char *folder, const char *name, struct buf *text)
{
	const char *root = getenv("SMILEY_ROOT");
	char path[4096];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), "%s/schemas/%s%s.avsc", root ? root : ".", folder, name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("cannot open %s", path);
	buf_clear(text);
	while ((c = getc(file)) != EOF)
		buf_byte(text, (uint8_t)c);
	fclose(file);
}

/* The newest version of each stands in schemas/. */
static bool is_newest(int id)
{
	for (int other = id + 1; other <= SCHEMA_LAST; other++) {
		if (strcmp(schema_name((enum schema_id)other), schema_name((enum schema_id)id)) ==
			0)
			return false;
	}
	return true;
}

static void the_program_holds_the_files(void **state)
{
	struct buf text = {0};

	(void)state;
	for (int id = SCHEMA_TRACE_BLOCK_V1; id <= SCHEMA_LAST; id++) {
		if (!is_newest(id))
			continue;
		read_file("", schema_name((enum schema_id)id), &text);
		if (strcmp(buf_string(&text), schema_text((enum schema_id)id)) != 0)
			fail_msg("%s.avsc was changed: run schemas/schema_text.py",
				schema_name((enum schema_id)id));
	}
	assert_null(schema_text((enum schema_id)0));
	assert_null(schema_text((enum schema_id)(SCHEMA_LAST + 1)));
	assert_null(schema_name((enum schema_id)(SCHEMA_LAST + 1)));
	buf_release(&text);
}

static void versions_count_within_a_name(void **state)
{
	(void)state;
	assert_int_equal(schema_version(SCHEMA_TRACE_BLOCK_V1), 1);
	assert_int_equal(schema_version(SCHEMA_TRACE_BLOCK_V2), 2);
	assert_int_equal(schema_version(SCHEMA_TRACE_BLOCK_V3), 3);
	assert_int_equal(schema_version(SCHEMA_TRACE_BLOCK), 4);
	assert_int_equal(schema_version(SCHEMA_RUN_STARTED_V1), 1);
	assert_int_equal(schema_version(SCHEMA_RUN_STARTED), 2);
	assert_int_equal(schema_version(SCHEMA_CHILD_UNTRACED), 1);
	assert_int_equal(schema_version((enum schema_id)(SCHEMA_LAST + 1)), 0);
}

static void history_has_every_schema_as_it_is(void **state)
{
	struct buf text = {0};
	char name[64];

	(void)state;
	for (int id = SCHEMA_TRACE_BLOCK_V1; id <= SCHEMA_LAST; id++) {
		snprintf(name, sizeof(name), "%d-%s", id, schema_name((enum schema_id)id));
		read_file("history/", name, &text);
		if (strcmp(buf_string(&text), schema_text((enum schema_id)id)) != 0)
			fail_msg("a schema that was written never changes: give %s a new id",
				schema_name((enum schema_id)id));
	}
	buf_release(&text);
}

/* The numbers in item.h are the positions in the schema. */
static void the_branches_are_numbered_as_in_the_schema(void **state)
{
	static const char *const items[ITEM_KINDS] = {"Line", "Change", "Local", "Resize", "Call",
		"Return", "Yield", "Resume", "Exception", "Unwind", "ThreadStart", "Task", "Gap",
		"Name", "Code", "Thread", "Switch", "Frame", "Cost", "Pause", "Builtin", "Through",
		"Pace", "Splice"};
	static const char *const values[VALUE_KINDS] = {"null", "boolean", "long", "double",
		"string", "bytes", "BigInt", "Text", "Blob", "Complex", "Container", "Object",
		"Error", "Redacted", "Unset"};
	avro_schema_t item, value;

	(void)state;
	class_of(SCHEMA_TRACE_BLOCK);
	item = avro_schema_array_items(
		avro_schema_record_field_get_by_index(schemas[SCHEMA_TRACE_BLOCK], 4));
	assert_int_equal(avro_schema_union_size(item), ITEM_KINDS);
	for (int i = 0; i < ITEM_KINDS; i++)
		assert_string_equal(
			avro_schema_type_name(avro_schema_union_branch(item, i)), items[i]);
	/* The union of values is spelt out wherever it stands. */
	for (int i = 0; i < 5; i++) {
		static const struct {
			int item, field;
		} places[] = {{ITEM_CHANGE, 1}, {ITEM_LOCAL, 1}, {ITEM_RETURN, 2}, {ITEM_YIELD, 2},
			{ITEM_EXCEPTION, 2}};

		value = avro_schema_record_field_get_by_index(
			avro_schema_union_branch(item, places[i].item), places[i].field);
		assert_int_equal(avro_schema_union_size(value), VALUE_KINDS);
		for (int k = 0; k < VALUE_KINDS; k++)
			assert_string_equal(
				avro_schema_type_name(avro_schema_union_branch(value, k)),
				values[k]);
	}
}

static void avro_c_writes_the_same_bytes(void **state)
{
	struct buf message = {0};
	struct slice body;

	(void)state;
	for (int id = SCHEMA_TRACE_BLOCK_V1; id <= SCHEMA_LAST; id++) {
		for (uint64_t seed = 1000; seed < 1150; seed++) {
			buf_clear(&message);
			random_message((enum schema_id)id, seed, &message);
			assert_int_equal(message_parse(buf_slice(&message), &body, NULL), id);
			avro_c_same_bytes((enum schema_id)id, body);
		}
	}
	buf_release(&message);
}

static void avro_c_reads_the_same_events(void **state)
{
	struct block_cursor *cursor = block_cursor_new();
	struct buf message = {0};
	struct slice body;

	(void)state;
	for (uint64_t seed = 2000; seed < 2100; seed++) {
		buf_clear(&message);
		random_message(SCHEMA_TRACE_BLOCK, seed, &message);
		message_parse(buf_slice(&message), &body, NULL);
		assert_int_equal(block_cursor_open(cursor, body, NULL), 0);
		avro_c_same_events(body, cursor);
	}
	block_cursor_free(cursor);
	buf_release(&message);
}

static int release(void **state)
{
	(void)state;
	avro_c_release();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_holds_the_files),
		cmocka_unit_test(versions_count_within_a_name),
		cmocka_unit_test(history_has_every_schema_as_it_is),
		cmocka_unit_test(the_branches_are_numbered_as_in_the_schema),
		cmocka_unit_test(avro_c_writes_the_same_bytes),
		cmocka_unit_test(avro_c_reads_the_same_events),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
