#include "materializer/fold_internal.h"

#include <stdlib.h>

/* 1, 0 or an error: is there a key of this kind of the run? Its value is in fold->value. */
static int has_key(struct fold *fold, enum key_kind kind, const struct run_id *run, struct err *err)
{
	struct key_parts parts = {.run = *run};
	struct slice key = key_encode(kind, &parts, &fold->key);

	return store_get(fold->store, key_family(kind), key, &fold->value, err);
}

/* 1, 0 or an error: is there any key of the run in the family? Then at the last one. */
static int last_key(struct fold *fold, enum key_kind kind, const struct run_id *run,
	struct store_iter **iter, struct err *err)
{
	struct key_parts parts = {.run = *run};
	struct slice prefix = key_prefix(kind, &parts, 1, &fold->key);

	*iter = store_iter_new(fold->store, key_family(kind), prefix);
	if (!*iter)
		return err_set(err, ERR_MEMORY, "fold: out of memory");
	return store_iter_last(*iter, err);
}

static int load_progress(struct fold *fold, struct fold_run *state, struct err *err)
{
	struct store_iter *iter = NULL;
	struct block_head head;
	int rc = last_key(fold, KEY_BLOCK, &state->run, &iter, err);

	if (rc == 1) {
		rc = block_head_parse(store_iter_value(iter), &head, err);
		if (rc == 0)
			run_progress_take(&state->progress, &head);
		else
			rc = err_wrap(err, "a stored block");
	}
	store_iter_free(iter);
	return rc;
}

static int load_end(struct fold *fold, struct fold_run *state, struct err *err)
{
	struct run_finished finished;
	int rc = has_key(fold, KEY_RUN_FINISHED, &state->run, err);

	if (rc != 1)
		return rc;
	rc = run_finished_decode(buf_slice(&fold->value), &finished, err);
	state->has_finished = true;
	state->finished_count = rc < 0 ? 0 : finished.event_count;
	return rc;
}

/* What only a run has that something came of: it has a start, or is marked headless. */
static int load_rest(struct fold *fold, struct fold_run *state, struct err *err)
{
	struct store_iter *iter = NULL;
	int rc = load_end(fold, state, err);

	if (rc >= 0)
		rc = load_progress(fold, state, err);
	if (rc >= 0 && state->has_finished) {
		rc = last_key(fold, KEY_THREAD, &state->run, &iter, err);
		state->summarized = rc == 1;
		store_iter_free(iter);
	}
	return rc;
}

int fold_run_load(struct fold *fold, struct fold_run *state, struct err *err)
{
	int rc = has_key(fold, KEY_DELETED, &state->run, err);

	state->deleted = rc == 1;
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = has_key(fold, KEY_RUN_STARTED, &state->run, err);
	state->has_started = rc == 1;
	if (rc == 0) {
		rc = has_key(fold, KEY_HEADLESS, &state->run, err);
		state->headless = rc == 1;
	}
	if (rc == 1)
		rc = load_rest(fold, state, err);
	if (rc >= 0 && state->progress.next_seq == 0) {
		state->stats = thread_stats_new();
		state->profile = profiler_new();
		rc = state->stats && state->profile
			     ? 0
			     : err_set(err, ERR_MEMORY, "fold: out of memory");
	} else if (rc >= 0) {
		rc = fold_profile_peek(fold, state, err);
	}
	return rc < 0 ? rc : 0;
}

void fold_run_free(struct fold_run *state)
{
	thread_stats_free(state->stats);
	row_index_free(state->rows);
	hit_index_free(state->hits);
	profiler_free(state->profile);
	free(state);
}

/* A block that the iterator is at. */
int fold_stored_facts(struct fold *fold, const struct store_iter *iter,
	const struct block_facts **facts, struct err *err)
{
	struct key_parts parts;
	int rc;

	if (!key_decode(KEY_BLOCK, store_iter_key(iter), &parts))
		return err_set(err, ERR_STORE, "a stored block's key is damaged");
	rc = facts_read(fold->reader, store_iter_value(iter), parts.number, facts, err);
	return rc < 0 ? err_wrap(err, "a stored block") : 0;
}

/* Sums up the threads of a run from its stored blocks; the batch must be empty. */
static int sum_stored(struct fold *fold, struct fold_run *state, struct err *err)
{
	struct key_parts parts = {.run = state->run};
	struct slice prefix = key_prefix(KEY_BLOCK, &parts, 1, &fold->key);
	struct store_iter *iter = store_iter_new(fold->store, STORE_BLOCKS, prefix);
	struct thread_stats *stats = thread_stats_new();
	const struct block_facts *facts;
	int rc;

	if (!iter || !stats) {
		rc = err_set(err, ERR_MEMORY, "fold: out of memory");
		goto out;
	}
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		rc = fold_stored_facts(fold, iter, &facts, err);
		if (rc == 0)
			rc = thread_stats_add(stats, facts, err);
		if (rc < 0)
			break;
	}
	if (rc == 0) {
		thread_stats_free(state->stats);
		state->stats = stats;
		stats = NULL;
	}
out:
	thread_stats_free(stats);
	store_iter_free(iter);
	return rc;
}

int fold_run_remember(struct fold *fold, struct fold_run *state, struct err *err)
{
	int rc = 0;

	if (state->stats && state->profile)
		return 0;
	if (!store_batch_empty(fold->store))
		return FOLD_COMMIT_FIRST;
	if (!state->stats)
		rc = sum_stored(fold, state, err);
	if (rc == 0 && !state->profile)
		rc = fold_profile_load(fold, state, err);
	return rc;
}

int fold_run_rows(struct fold *fold, struct fold_run *state, struct err *err)
{
	const struct block_facts *facts;
	struct store_iter *iter = NULL;
	int rc = 0;

	if (state->rows)
		return 0;
	state->rows = row_index_new(&state->run);
	state->hits = hit_index_new(&state->run);
	if (!state->rows || !state->hits)
		rc = err_set(err, ERR_MEMORY, "fold: out of memory");
	else if (state->progress.next_seq > 0)
		rc = hit_index_resume(state->hits, &fold->hit_scratch, fold->store, err);
	if (rc == 0 && state->progress.next_seq > 0)
		rc = last_key(fold, KEY_BLOCK, &state->run, &iter, err);
	if (rc == 1) {
		rc = fold_stored_facts(fold, iter, &facts, err);
		if (rc == 0)
			row_index_resume(state->rows, facts);
	}
	store_iter_free(iter);
	if (rc < 0) {
		row_index_free(state->rows);
		hit_index_free(state->hits);
		state->rows = NULL;
		state->hits = NULL;
	}
	return rc;
}

int fold_run_headless(struct fold *fold, struct fold_run *state, struct err *err)
{
	struct key_parts parts = {.run = state->run};
	struct slice key = key_encode(KEY_HEADLESS, &parts, &fold->key);

	if (fold->key.failed)
		return err_set(err, ERR_MEMORY, "fold: out of memory");
	if (!state->has_started && !state->headless)
		store_put(fold->store, STORE_META, key, (struct slice){0});
	else if (state->has_started && state->headless)
		store_delete(fold->store, STORE_META, key);
	state->headless = !state->has_started;
	return 0;
}

bool fold_run_is_complete(const struct fold_run *state, int64_t next_seq)
{
	return state->has_finished && next_seq == state->finished_count;
}

int fold_run_summarize(struct fold *fold, struct fold_run *state, struct err *err)
{
	struct key_parts parts = {.run = state->run};
	struct thread_info info;
	int rc;

	if (!fold_run_is_complete(state, state->progress.next_seq)) {
		if (state->summarized) {
			store_delete_prefix(fold->store, STORE_THREADS,
				key_prefix(KEY_THREAD, &parts, 1, &fold->key));
			parts.number = PROFILE_FINAL;
			store_delete(fold->store, STORE_PROFILES,
				key_encode(KEY_PROFILE, &parts, &fold->key));
		}
		state->summarized = false;
		return 0;
	}
	for (size_t i = 0; i < thread_stats_count(state->stats); i++) {
		thread_stats_get(state->stats, i, &info);
		parts.number = info.number;
		buf_clear(&fold->value);
		thread_summary_encode(&info, &fold->value);
		store_put(fold->store, STORE_THREADS, key_encode(KEY_THREAD, &parts, &fold->key),
			buf_slice(&fold->value));
	}
	state->summarized = true;
	thread_stats_free(state->stats);
	state->stats = NULL;
	if (fold->key.failed || fold->value.failed)
		return err_set(err, ERR_MEMORY, "fold: out of memory");
	rc = fold_profile_put(fold, state, PROFILE_FINAL, err);
	profiler_free(state->profile);
	state->profile = NULL;
	return rc;
}
