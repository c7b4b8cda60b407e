#include "materializer/deleted.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/key.h"
#include "schemas/message.h"

static int add(struct deleted_runs *deleted, const struct run_id *run, struct err *err)
{
	struct run_id *runs;

	if ((deleted->count & (deleted->count + 1)) == 0) {
		runs = reallocarray(deleted->runs, deleted->count * 2 + 2, sizeof(*runs));
		if (!runs)
			return err_set(err, ERR_MEMORY, "out of memory");
		deleted->runs = runs;
	}
	deleted->runs[deleted->count++] = *run;
	return 0;
}

int deleted_runs_load(struct store *store, struct deleted_runs *deleted, struct err *err)
{
	struct key_parts parts = {0};
	struct buf key = {0};
	struct store_iter *iter;
	int rc;

	*deleted = (struct deleted_runs){0};
	iter = store_iter_new(store, STORE_META, key_prefix(KEY_DELETED, &parts, 0, &key));
	buf_release(&key);
	if (!iter)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err))
		if (key_decode(KEY_DELETED, store_iter_key(iter), &parts) &&
			(rc = add(deleted, &parts.run, err)) < 0)
			break;
	store_iter_free(iter);
	return rc;
}

void deleted_runs_release(struct deleted_runs *deleted)
{
	free(deleted->runs);
	*deleted = (struct deleted_runs){0};
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct run_id));
}

/* A run's records are keyed by it, its sources by their contents. */
static bool is_keyed_right(const struct log_record *record, int schema, const struct run_id *run)
{
	char id[RUN_ID_TEXT_BYTES];

	if (record->topic == LOG_SOURCES)
		return schema == SCHEMA_SOURCE_FILE;
	return slice_equal(record->key, slice_text(run_id_format(run, id)));
}

bool deleted_runs_doom(void *context, const struct log_record *record)
{
	const struct deleted_runs *deleted = context;
	struct slice body;
	struct run_id run;
	int schema = message_parse(record->message, &body, NULL);

	if (schema < 0 || schema == SCHEMA_RUN_DELETED || deleted->count == 0 ||
		message_run_id(record->message, &run, NULL) < 0)
		return false;
	return bsearch(&run, deleted->runs, deleted->count, sizeof(run), compare) &&
	       is_keyed_right(record, schema, &run);
}
