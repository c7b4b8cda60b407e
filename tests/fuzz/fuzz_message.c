/* links: schemas avro */
/*
 * fuzz_message: any bytes as a message. A run record that we accept, Avro C reads too, and
 * what we write of it is what Avro C writes.
 */
#include "tests/lib/avro_c.c"

#include "schemas/message.h"
#include "tests/lib/help_block.c"
#include "tests/lib/help_random.c"
#include "tests/lib/help_record.c"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_started(int id)
{
	return id == SCHEMA_RUN_STARTED || id == SCHEMA_RUN_STARTED_V1;
}

static void walk_lists(enum schema_id id, struct slice body)
{
	struct run_finished finished;
	struct run_started started;
	struct traceback_entry entry;
	struct child_untraced child;
	struct slice text;
	int64_t left;

	if (is_started(id) && run_started_decode(body, &started, NULL) == 0) {
		for (left = started.argv.count; text_list_next(&started.argv, &text); left--)
			;
		assert(left == 0 && started.argv.items.len == 0);
	}
	if (id == SCHEMA_CHILD_UNTRACED && child_untraced_decode(body, &child, NULL) == 0) {
		for (left = child.argv.count; text_list_next(&child.argv, &text); left--)
			;
		assert(left == 0 && child.argv.items.len == 0);
	}
	if (id == SCHEMA_RUN_FINISHED && run_finished_decode(body, &finished, NULL) == 0) {
		for (left = finished.traceback.count; traceback_next(&finished.traceback, &entry);
			left--)
			;
		assert(left == 0 && finished.traceback.items.len == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = {data, size}, body;
	struct buf ours = {0}, theirs = {0};
	struct run_id run;
	struct err err;
	avro_value_t value;
	int id = message_parse(message, &body, &err);

	assert(id > 0 || id == err.code);
	if (id > 0 && record_again((enum schema_id)id, body, &ours, &err) == 0) {
		avro_c_decode((enum schema_id)id, body, &value);
		message_header(&theirs, (enum schema_id)id);
		avro_c_encode(&value, &theirs);
		avro_value_decref(&value);
		assert(message_run_id(message, &run, &err) == 0);
		/* Lists keep the bytes they came with, numbers spelt longer than need be too. */
		if (!is_started(id) && id != SCHEMA_RUN_FINISHED && id != SCHEMA_CHILD_UNTRACED)
			assert(slice_equal(buf_slice(&ours), buf_slice(&theirs)));
		walk_lists((enum schema_id)id, body);
	}
	buf_release(&ours);
	buf_release(&theirs);
	return 0;
}
