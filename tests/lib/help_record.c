#include "tests/lib/help_record.h"

#include "schemas/schema_text.h"

static void random_bytes(struct random *random, void *out, size_t len)
{
	uint8_t *bytes = out;

	while (len-- > 0)
		*bytes++ = (uint8_t)random_next(random);
}

/* One of a few texts, some of which are hard. */
static struct slice random_text(struct random *random)
{
	static const char *const texts[] = {"", "a", "/usr/lib/python3.11/json/__init__.py",
		"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "two\nlines\ttab", "\x1b[31mred",
		"ValueError",
		"a text whose length takes two bytes in the encoding, as from sixty-four on",
		"'\"\\"};

	return slice_text(texts[random_below(random, 9)]);
}

static int64_t random_number(struct random *random)
{
	return (int64_t)random_next(random) >> random_below(random, 64);
}

/* Of version 1, which the product does not write any more. */
static void started_encode_as(enum schema_id id, const struct run_started *run, struct buf *message)
{
	size_t start = message->len;

	run_started_encode(run, message);
	if (id == SCHEMA_RUN_STARTED_V1) {
		/* Two empty strings, -1 and 0. */
		message->len -= 4;
		message->data[start + 4] = SCHEMA_RUN_STARTED_V1;
	}
}

static void random_started(enum schema_id id, struct random *random, struct buf *message)
{
	struct run_started run = {.has_parent = random_next(random) & 1, .parent_seq = -1};
	struct buf argv = {0}, limits = {0};

	random_bytes(random, &run.run, sizeof(run.run));
	random_bytes(random, &run.parent, sizeof(run.parent));
	run.group = random_text(random);
	run.started_ns = random_number(random);
	run.host = random_text(random);
	run.pid = random_number(random);
	run.user = random_text(random);
	run.cwd = random_text(random);
	run.python = random_text(random);
	run.tracer = random_text(random);
	for (int64_t left = random_below(random, 5); left > 0; left--)
		text_list_add(&argv, &run.argv.count, random_text(random));
	for (int64_t left = random_below(random, 3); left > 0; left--)
		text_list_add(&limits, &run.limits.count, random_text(random));
	run.argv.items = buf_slice(&argv);
	run.limits.items = buf_slice(&limits);
	if (id == SCHEMA_RUN_STARTED) {
		run.boot_id = random_text(random);
		run.container = random_text(random);
		run.parent_seq = random_number(random);
		run.clock_offset_ns = random_number(random);
	}
	started_encode_as(id, &run, message);
	buf_release(&argv);
	buf_release(&limits);
}

static void random_finished(struct random *random, struct buf *message)
{
	struct run_finished run = {.lost = random_next(random) & 1};
	struct buf entries = {0};

	random_bytes(random, &run.run, sizeof(run.run));
	run.finished_ns = random_number(random);
	run.event_count = random_number(random);
	run.exit_status = random_number(random);
	run.signal = random_number(random);
	run.error_type = random_text(random);
	run.error_message = random_text(random);
	for (int64_t left = random_below(random, 4); left > 0; left--) {
		struct traceback_entry entry = {
			random_text(random), random_number(random), random_text(random)};

		traceback_add(&entries, &run.traceback.count, &entry);
	}
	run.traceback.items = buf_slice(&entries);
	run_finished_encode(&run, message);
	buf_release(&entries);
}

static void random_source(struct random *random, struct buf *message)
{
	struct source_file source = {.path = random_text(random)};
	uint8_t text[300];

	random_bytes(random, &source.run, sizeof(source.run));
	random_bytes(random, source.sha256, sizeof(source.sha256));
	random_bytes(random, text, sizeof(text));
	source.text = (struct slice){text, (size_t)random_below(random, sizeof(text))};
	source_file_encode(&source, message);
}

static void random_child(struct random *random, struct buf *message)
{
	struct child_untraced child = {.seq = random_number(random)};
	struct buf argv = {0};

	random_bytes(random, &child.run, sizeof(child.run));
	child.time_ns = random_number(random);
	for (int64_t left = random_below(random, 5); left > 0; left--)
		text_list_add(&argv, &child.argv.count, random_text(random));
	child.argv.items = buf_slice(&argv);
	child.reason = random_text(random);
	child_untraced_encode(&child, message);
	buf_release(&argv);
}

void random_message(enum schema_id id, uint64_t seed, struct buf *message)
{
	struct random random = {seed};
	struct run_deleted deleted;
	struct build build = {0};
	size_t start = message->len;

	switch (id) {
	case SCHEMA_TRACE_BLOCK_V1:
	case SCHEMA_TRACE_BLOCK_V2:
	case SCHEMA_TRACE_BLOCK_V3:
		build_random_old(&build, seed, 150, schema_version(id));
		block_encode(build_head(&build), message);
		message->data[start + 4] = (uint8_t)id;
		build_release(&build);
		break;
	case SCHEMA_TRACE_BLOCK:
		build_random(&build, seed, 150);
		block_encode(build_head(&build), message);
		build_release(&build);
		break;
	case SCHEMA_RUN_STARTED_V1:
	case SCHEMA_RUN_STARTED:
		random_started(id, &random, message);
		break;
	case SCHEMA_RUN_FINISHED:
		random_finished(&random, message);
		break;
	case SCHEMA_SOURCE_FILE:
		random_source(&random, message);
		break;
	case SCHEMA_RUN_DELETED:
		random_bytes(&random, &deleted.run, sizeof(deleted.run));
		deleted.deleted_ns = random_number(&random);
		run_deleted_encode(&deleted, message);
		break;
	case SCHEMA_CHILD_UNTRACED:
		random_child(&random, message);
		break;
	}
}

int record_again(enum schema_id id, struct slice body, struct buf *message, struct err *err)
{
	union {
		struct run_started started;
		struct run_finished finished;
		struct source_file source;
		struct run_deleted deleted;
		struct child_untraced child;
	} record;
	int rc = ERR_SCHEMA;

	if (id == SCHEMA_RUN_STARTED || id == SCHEMA_RUN_STARTED_V1) {
		rc = run_started_decode_as(id, body, &record.started, err);
		if (rc == 0)
			started_encode_as(id, &record.started, message);
	} else if (id == SCHEMA_RUN_FINISHED) {
		rc = run_finished_decode(body, &record.finished, err);
		if (rc == 0)
			run_finished_encode(&record.finished, message);
	} else if (id == SCHEMA_SOURCE_FILE) {
		rc = source_file_decode(body, &record.source, err);
		if (rc == 0)
			source_file_encode(&record.source, message);
	} else if (id == SCHEMA_RUN_DELETED) {
		rc = run_deleted_decode(body, &record.deleted, err);
		if (rc == 0)
			run_deleted_encode(&record.deleted, message);
	} else if (id == SCHEMA_CHILD_UNTRACED) {
		rc = child_untraced_decode(body, &record.child, err);
		if (rc == 0)
			child_untraced_encode(&record.child, message);
	}
	return rc;
}
