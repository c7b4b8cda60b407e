#include "materializer/fold_internal.h"

/*
 * A run's profile is stored whole, again and again, at places that follow from its events alone: at
 * the end of the first block behind PROFILE_EVENTS more events, or as many as the stored one has
 * bytes if these are more. Who wants a newer one adds the blocks behind it, which are so few
 * that it takes a blink. The final one has a key of its own, that comes and goes with the
 * summaries of threads: whether the run's end is known depends on another topic.
 */
#define PROFILE_EVENTS (128 * 1024)

bool fold_profile_due(const struct fold_run *state, int64_t next_seq)
{
	int64_t interval = PROFILE_EVENTS;

	if (state->profile_bytes > interval)
		interval = state->profile_bytes;
	return next_seq - state->profile_seq >= interval;
}

int fold_profile_peek(struct fold *fold, struct fold_run *state, struct err *err)
{
	struct key_parts parts = {.run = state->run, .number = PROFILE_SO_FAR};
	int rc = store_get(fold->store, STORE_PROFILES, key_encode(KEY_PROFILE, &parts, &fold->key),
		&fold->value, err);

	if (rc != 1)
		return rc;
	if (!profiler_peek(buf_slice(&fold->value), &state->profile_seq))
		return err_set(err, ERR_FORMAT, "a stored profile is damaged");
	state->profile_bytes = (int64_t)fold->value.len;
	return 0;
}

/* Adds the stored blocks from where the profiler is. */
static int add_stored(
	struct fold *fold, const struct run_id *run, struct profiler *profiler, struct err *err)
{
	struct key_parts parts = {.run = *run, .number = profiler_next_seq(profiler)};
	struct slice prefix = key_prefix(KEY_BLOCK, &parts, 1, &fold->key);
	struct store_iter *iter = store_iter_new(fold->store, STORE_BLOCKS, prefix);
	const struct block_facts *facts;
	int rc;

	if (!iter)
		return err_set(err, ERR_MEMORY, "fold: out of memory");
	rc = store_iter_seek(iter, key_encode(KEY_BLOCK, &parts, &fold->key), err);
	for (; rc == 1; rc = store_iter_next(iter, err)) {
		rc = fold_stored_facts(fold, iter, &facts, err);
		if (rc == 0)
			rc = profiler_add_block(profiler, facts, store_iter_value(iter), err);
		if (rc < 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

int fold_profile_load(struct fold *fold, struct fold_run *state, struct err *err)
{
	struct key_parts parts = {.run = state->run, .number = PROFILE_SO_FAR};
	struct profiler *profiler = NULL;
	int rc = store_get(fold->store, STORE_PROFILES, key_encode(KEY_PROFILE, &parts, &fold->key),
		&fold->value, err);

	if (rc == 1) {
		rc = profiler_decode(buf_slice(&fold->value), &profiler, err);
	} else if (rc == 0) {
		profiler = profiler_new();
		rc = profiler ? 0 : err_set(err, ERR_MEMORY, "fold: out of memory");
	}
	if (rc == 0)
		rc = add_stored(fold, &state->run, profiler, err);
	if (rc < 0) {
		profiler_free(profiler);
		return rc;
	}
	profiler_free(state->profile);
	state->profile = profiler;
	return 0;
}

int fold_profile_put(struct fold *fold, struct fold_run *state, int64_t which, struct err *err)
{
	struct key_parts parts = {.run = state->run, .number = which};

	buf_clear(&fold->value);
	profiler_encode(state->profile, &fold->value);
	if (fold->value.failed)
		return err_set(err, ERR_MEMORY, "fold: out of memory");
	if (which == PROFILE_SO_FAR) {
		state->profile_seq = profiler_next_seq(state->profile);
		state->profile_bytes = (int64_t)fold->value.len;
	}
	return fold_put(fold, KEY_PROFILE, &parts, buf_slice(&fold->value), err);
}
