#include "materializer/fold.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "ingest/sha256.h"
#include "materializer/fold_internal.h"
#include "materializer/quarantine.h"
#include "materializer/record.h"

int fold_new(struct store *store, struct fold **fold, struct err *err)
{
	*fold = calloc(1, sizeof(**fold));
	if (*fold)
		(*fold)->reader = facts_reader_new();
	if (!*fold || !(*fold)->reader) {
		free(*fold);
		*fold = NULL;
		return err_set(err, ERR_MEMORY, "fold: out of memory");
	}
	(*fold)->store = store;
	return 0;
}

void fold_free(struct fold *fold)
{
	if (!fold)
		return;
	fold_runs_evict(fold, 0);
	facts_reader_free(fold->reader);
	hit_scratch_release(&fold->hit_scratch);
	buf_release(&fold->key);
	buf_release(&fold->value);
	free(fold);
}

int64_t fold_quarantined(const struct fold *fold)
{
	return fold->quarantined;
}

void fold_committed(struct fold *fold)
{
	fold_runs_evict(fold, FOLD_RUNS_MAX);
	fold->deleted_count += fold->deletes;
	fold->deletes = false;
}

bool fold_has_deleted(const struct fold *fold)
{
	return fold->deleted_count > 0;
}

void fold_give_back(struct fold *fold)
{
	/* The families whose keys begin with the run. */
	static const enum store_family families[] = {
		STORE_BLOCKS, STORE_ROWS, STORE_INDEX, STORE_PROFILES};
	size_t runs = fold->deleted_count <= FOLD_DELETED_MAX ? fold->deleted_count : 1;

	for (size_t i = 0; i < runs; i++) {
		const struct run_id *run = &fold->deleted[i];
		struct slice prefix = {run->bytes, sizeof(run->bytes)};

		/* Of many runs: all that there is. */
		if (fold->deleted_count > FOLD_DELETED_MAX)
			prefix = (struct slice){0};
		for (size_t j = 0; j < sizeof(families) / sizeof(families[0]); j++)
			store_compact_prefix(fold->store, families[j], prefix);
	}
	fold->deleted_count = 0;
}

int fold_put(struct fold *fold, enum key_kind kind, const struct key_parts *parts,
	struct slice value, struct err *err)
{
	struct slice key = key_encode(kind, parts, &fold->key);

	if (fold->key.failed)
		return err_set(err, ERR_MEMORY, "fold: out of memory");
	store_put(fold->store, key_family(kind), key, value);
	return 0;
}

/* Under a key made of the place, so that a rebuild gives it again. */
static int set_aside(struct fold *fold, const struct quarantined *entry, struct err *err)
{
	struct key_parts parts = {.run = entry->run};
	struct buf value = {0};
	int rc;

	quarantine_hash(entry->place, parts.hash);
	quarantine_encode(entry, &value);
	fold->quarantined++;
	rc = value.failed ? err_set(err, ERR_MEMORY, "fold: out of memory")
			  : fold_put(fold, KEY_QUARANTINE, &parts, buf_slice(&value), err);
	buf_release(&value);
	return rc;
}

static int set_record_aside(struct fold *fold, const struct log_record *record,
	const struct run_id *run, const char *reason, struct err *err)
{
	struct quarantined entry = {
		.run = *run,
		.place = record->place,
		.reason = slice_text(reason),
		.time_ns = record->time_ns,
		.bytes = (int64_t)record->message.len,
		.message = record->message,
	};

	return set_aside(fold, &entry, err);
}

/* Bytes of the log that were no record. */
static int note_damage(struct fold *fold, const struct log_record *record, struct err *err)
{
	struct buf place = {0};
	struct quarantined entry = {
		.reason = slice_text("damaged bytes of the log, passed over"),
		.bytes = record->skipped,
	};
	int rc;

	buf_text(&place, "before ");
	buf_append(&place, record->place.data, record->place.len);
	entry.place = buf_slice(&place);
	rc = place.failed ? err_set(err, ERR_MEMORY, "fold: out of memory")
			  : set_aside(fold, &entry, err);
	buf_release(&place);
	return rc;
}

static int note_loss(struct fold *fold, const struct log_record *record, struct err *err)
{
	struct key_parts parts = {.path = record->place};
	const uint64_t numbers[] = {(uint64_t)record->lost, (uint64_t)record->damaged};
	uint8_t value[16];

	for (int i = 0; i < 16; i++)
		value[i] = (uint8_t)(numbers[i / 8] >> (56 - 8 * (i % 8)));
	return fold_put(fold, KEY_LOST, &parts,
		(struct slice){value, record->damaged ? sizeof(value) : sizeof(value) / 2}, err);
}

static int fold_started(struct fold *fold, struct fold_input *in, struct err *err)
{
	struct run_started started;
	struct key_parts parts;
	int rc;

	if (run_started_decode(in->body, &started, &in->reason) < 0)
		return FOLD_REJECTED;
	if (in->state->has_started)
		return FOLD_DONE;
	parts = (struct key_parts){.run = started.run, .number = started.started_ns};
	rc = fold_put(fold, KEY_RUN_STARTED, &parts, in->body, err);
	if (rc == 0)
		rc = fold_put(fold, KEY_RUN_BY_TIME, &parts, (struct slice){0}, err);
	in->state->has_started = rc == 0;
	return rc ? rc : fold_run_headless(fold, in->state, err);
}

static int fold_finished(struct fold *fold, struct fold_input *in, struct err *err)
{
	struct fold_run *state = in->state;
	struct key_parts parts = {.run = state->run};
	struct run_finished finished;
	int rc;

	if (run_finished_decode(in->body, &finished, &in->reason) < 0)
		return FOLD_REJECTED;
	if (state->has_finished)
		return FOLD_DONE;
	if (finished.event_count == state->progress.next_seq) {
		rc = fold_run_remember(fold, state, err);
		if (rc != 0)
			return rc;
	}
	rc = fold_put(fold, KEY_RUN_FINISHED, &parts, in->body, err);
	if (rc == 0)
		rc = fold_run_headless(fold, state, err);
	if (rc < 0)
		return rc;
	state->has_finished = true;
	state->finished_count = finished.event_count;
	return fold_run_summarize(fold, state, err);
}

static int put_source(struct fold *fold, const struct source_file *source,
	const struct key_parts *parts, struct err *err)
{
	struct slice key = key_encode(KEY_SOURCE, parts, &fold->key);
	int rc = store_get(fold->store, STORE_SOURCES, key, &fold->value, err);

	if (rc == 0)
		rc = fold_put(fold, KEY_SOURCE, parts, source->text, err);
	return rc < 0 ? rc : 0;
}

static int fold_source(struct fold *fold, struct fold_input *in, struct err *err)
{
	struct key_parts parts = {.run = in->state->run};
	struct source_file source;
	uint8_t digest[SHA256_BYTES];
	int rc;

	if (source_file_decode(in->body, &source, &in->reason) < 0)
		return FOLD_REJECTED;
	if (!sha256(source.text.data, source.text.len, digest) ||
		memcmp(digest, source.sha256, sizeof(digest)) != 0) {
		err_set(&in->reason, ERR_FORMAT, "the text's sha256 is not the one it names");
		return FOLD_REJECTED;
	}
	parts.path = source.path;
	memcpy(parts.sha256, source.sha256, sizeof(parts.sha256));
	rc = fold_put(fold, KEY_RUN_FILE, &parts, (struct slice){0}, err);
	if (rc == 0)
		rc = fold_put(fold, KEY_SOURCE_RUN, &parts, (struct slice){0}, err);
	if (rc == 0)
		rc = put_source(fold, &source, &parts, err);
	return rc;
}

static int fold_child(struct fold *fold, struct fold_input *in, struct err *err)
{
	struct key_parts parts = {.run = in->state->run};
	struct child_untraced child;
	XXH128_canonical_t canonical;

	if (child_untraced_decode(in->body, &child, &in->reason) < 0)
		return FOLD_REJECTED;
	if (child.seq < 0) {
		err_set(&in->reason, ERR_FORMAT, "child_untraced: there is no event %" PRId64,
			child.seq);
		return FOLD_REJECTED;
	}
	parts.number = child.seq;
	XXH128_canonicalFromHash(&canonical, XXH3_128bits(in->body.data, in->body.len));
	memcpy(parts.hash, canonical.digest, sizeof(parts.hash));
	return fold_put(fold, KEY_CHILD, &parts, in->body, err);
}

static int fold_deleted(struct fold *fold, struct fold_input *in, struct err *err)
{
	struct run_deleted deleted;

	if (run_deleted_decode(in->body, &deleted, &in->reason) < 0)
		return FOLD_REJECTED;
	if (!store_batch_empty(fold->store))
		return FOLD_COMMIT_FIRST;
	return fold_run_delete(fold, in->state, err);
}

/* One row a schema: what becomes of it. */
static const struct handler {
	enum schema_id schema;
	int (*fold)(struct fold *fold, struct fold_input *in, struct err *err);
} handlers[] = {
	{SCHEMA_TRACE_BLOCK, fold_block},
	{SCHEMA_RUN_STARTED, fold_started},
	{SCHEMA_RUN_FINISHED, fold_finished},
	{SCHEMA_SOURCE_FILE, fold_source},
	{SCHEMA_RUN_DELETED, fold_deleted},
	{SCHEMA_CHILD_UNTRACED, fold_child},
};

static int handle(struct fold *fold, int schema, struct fold_input *in, struct err *err)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if ((int)handlers[i].schema == schema)
			return handlers[i].fold(fold, in, err);
	}
	err_set(&in->reason, ERR_SCHEMA, "nothing is known to do with it");
	return FOLD_REJECTED;
}

static int fold_one(struct fold *fold, const struct log_record *log_record, struct err *err)
{
	struct fold_input in = {0};
	struct record record;
	int rc = record_parse(log_record, &record, &in.reason);

	in.body = record.body;
	in.state = fold_run_get(fold, &record.run, err);
	if (!in.state)
		return err ? err->code : ERR_STORE;
	if (in.state->deleted)
		return FOLD_DONE;
	rc = rc < 0 ? FOLD_REJECTED : handle(fold, record.schema, &in, err);
	if (rc == FOLD_REJECTED)
		rc = set_record_aside(fold, log_record, &record.run, in.reason.message, err);
	return rc;
}

int fold_record(struct fold *fold, const struct log_record *record, struct err *err)
{
	/* At the end of a partition there may be nothing but a loss to tell. */
	bool no_record = record->lost && !record->message.data && !record->key.len;
	int rc = no_record ? FOLD_DONE : fold_one(fold, record, err);

	if (rc == FOLD_DONE && record->skipped)
		rc = note_damage(fold, record, err);
	if (rc == FOLD_DONE && record->lost)
		rc = note_loss(fold, record, err);
	return rc;
}
