#include "materializer/query_records.h"

#include <string.h>

#include "materializer/query_internal.h"

struct records {
	int (*each)(void *context, enum schema_id schema, struct slice body, struct err *err);
	void *context;
	struct buf message;
};

/* A whole message, whose body goes on. */
static int pass_message(struct records *records, enum schema_id schema, struct err *err)
{
	struct slice body = buf_slice(&records->message);
	int rc;

	if (records->message.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	body.data += MESSAGE_HEADER_BYTES;
	body.len -= MESSAGE_HEADER_BYTES;
	rc = records->each(records->context, schema, body, err);
	buf_clear(&records->message);
	return rc;
}

static int pass_source(void *context, const struct source_file *source, struct err *err)
{
	struct records *records = context;

	source_file_encode(source, &records->message);
	return pass_message(records, SCHEMA_SOURCE_FILE, err);
}

/* What is stored under a kind of key, as it is. */
static int pass_stored(struct records *records, struct query *query, const struct run_id *id,
	enum key_kind kind, enum schema_id schema, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, kind, &parts, 1, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		/* Keys of other kinds may begin alike. */
		if (!key_decode(kind, store_iter_key(iter), &parts))
			continue;
		rc = records->each(records->context, schema, store_iter_value(iter), err);
		if (rc != 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

static int pass_all(
	struct records *records, struct query *query, const struct run_info *info, struct err *err)
{
	const struct event_sink sink = {.context = records, .source_file = pass_source};
	int rc = 0;

	if (!info->headless) {
		run_started_encode(&info->started, &records->message);
		rc = pass_message(records, SCHEMA_RUN_STARTED, err);
	}
	rc = rc ? rc : query_sources(query, &info->id, &sink, err);
	rc = rc ? rc : pass_stored(records, query, &info->id, KEY_BLOCK, SCHEMA_TRACE_BLOCK, err);
	rc = rc ? rc
		: pass_stored(records, query, &info->id, KEY_CHILD, SCHEMA_CHILD_UNTRACED, err);
	if (!rc && info->has_finished) {
		run_finished_encode(&info->finished, &records->message);
		rc = pass_message(records, SCHEMA_RUN_FINISHED, err);
	}
	return rc;
}

int query_records(struct query *query, const struct run_id *id,
	int (*each)(void *context, enum schema_id schema, struct slice body, struct err *err),
	void *context, struct err *err)
{
	struct records records = {.each = each, .context = context};
	struct run_info info;
	int rc = query_run(query, id, &info, err);

	if (rc)
		return rc;
	rc = pass_all(&records, query, &info, err);
	run_info_release(&info);
	buf_release(&records.message);
	return rc;
}
