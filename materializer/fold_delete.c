#include "materializer/fold_internal.h"

/* 1, 0 or an error: does any other run need the source? */
static int source_shared(struct fold *fold, const struct key_parts *file, struct err *err)
{
	struct slice prefix = key_prefix(KEY_SOURCE_RUN, file, 1, &fold->key);
	struct store_iter *iter = store_iter_new(fold->store, STORE_RUN_FILES, prefix);
	int rc;

	if (!iter)
		return err_set(err, ERR_MEMORY, "fold: out of memory");
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		struct key_parts user;

		if (key_decode(KEY_SOURCE_RUN, store_iter_key(iter), &user) &&
			!run_id_equal(&user.run, &file->run))
			break;
	}
	store_iter_free(iter);
	return rc;
}

static int delete_sources(struct fold *fold, const struct run_id *run, struct err *err)
{
	struct key_parts file = {.run = *run};
	struct slice prefix = key_prefix(KEY_RUN_FILE, &file, 1, &fold->key);
	struct store_iter *iter = store_iter_new(fold->store, STORE_RUN_FILES, prefix);
	int rc;

	if (!iter)
		return err_set(err, ERR_MEMORY, "fold: out of memory");
	store_delete_prefix(fold->store, STORE_RUN_FILES, prefix);
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_RUN_FILE, store_iter_key(iter), &file))
			continue;
		rc = source_shared(fold, &file, err);
		if (rc < 0)
			break;
		if (rc == 0)
			store_delete(fold->store, STORE_SOURCES,
				key_encode(KEY_SOURCE, &file, &fold->key));
		store_delete(fold->store, STORE_RUN_FILES,
			key_encode(KEY_SOURCE_RUN, &file, &fold->key));
	}
	store_iter_free(iter);
	return rc;
}

static int delete_by_time(struct fold *fold, const struct run_id *run, struct err *err)
{
	struct key_parts parts = {.run = *run};
	struct run_started started;
	int rc;

	rc = store_get(fold->store, STORE_RUNS, key_encode(KEY_RUN_STARTED, &parts, &fold->key),
		&fold->value, err);
	if (rc != 1)
		return rc;
	rc = run_started_decode(buf_slice(&fold->value), &started, err);
	if (rc < 0)
		return rc;
	parts.number = started.started_ns;
	store_delete(
		fold->store, STORE_RUNS_BY_TIME, key_encode(KEY_RUN_BY_TIME, &parts, &fold->key));
	return 0;
}

int fold_run_delete(struct fold *fold, struct fold_run *state, struct err *err)
{
	/* The families whose keys begin with the run. */
	static const enum store_family families[] = {STORE_BLOCKS, STORE_ROWS, STORE_RUNS,
		STORE_PROFILES, STORE_THREADS, STORE_INDEX, STORE_QUARANTINE};
	struct key_parts parts = {.run = state->run};
	struct slice prefix = {state->run.bytes, sizeof(state->run.bytes)};
	int rc = delete_by_time(fold, &state->run, err);

	if (rc == 0)
		rc = delete_sources(fold, &state->run, err);
	if (rc < 0)
		return err_wrap(err, "delete a run");
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		store_delete_prefix(fold->store, families[i], prefix);
	store_put(fold->store, STORE_META, key_encode(KEY_DELETED, &parts, &fold->key),
		(struct slice){0});
	if (state->headless)
		store_delete(fold->store, STORE_META, key_encode(KEY_HEADLESS, &parts, &fold->key));
	state->deleted = true;
	state->headless = false;
	state->has_started = state->has_finished = state->summarized = false;
	state->progress = (struct run_progress){0};
	thread_stats_free(state->stats);
	state->stats = NULL;
	row_index_free(state->rows);
	state->rows = NULL;
	hit_index_free(state->hits);
	state->hits = NULL;
	profiler_free(state->profile);
	state->profile = NULL;
	state->profile_seq = state->profile_bytes = 0;
	fold->deletes = true;
	if (fold->deleted_count < FOLD_DELETED_MAX)
		fold->deleted[fold->deleted_count] = state->run;
	return fold->key.failed ? err_set(err, ERR_MEMORY, "fold: out of memory") : 0;
}
