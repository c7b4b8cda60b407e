#include "materializer/fold_internal.h"

/*
 * What is derived from the events of a block, all of it here. Each part gets the facts of
 * the block once it is known to be whole and right, and puts what it keeps a block into the
 * batch; what it keeps of a run is in struct fold_run.
 */
static int derive(struct fold *fold, struct fold_run *state, const struct block_facts *facts,
	int64_t number, struct slice body, struct err *err)
{
	int rc = row_index_add(state->rows, fold->store, facts, err);

	if (rc == 0)
		rc = row_index_put(state->rows, fold->store, number, err);
	if (rc == 0)
		rc = hit_index_add(
			state->hits, &fold->hit_scratch, fold->store, facts, number, err);
	if (rc == 0 && state->stats)
		rc = thread_stats_add(state->stats, facts, err);
	if (rc == 0 && state->profile)
		rc = profiler_add_block(state->profile, facts, body, err);
	return rc;
}

/* What the run's state must have before a block of it can be added: FOLD_COMMIT_FIRST when
 * that can only be had from a store with all before it. */
static int prepare(
	struct fold *fold, struct fold_run *state, const struct block_head *head, struct err *err)
{
	int64_t next_seq = head->first_seq + head->event_count;
	int rc = 0;

	if (fold_run_is_complete(state, next_seq)) {
		rc = fold_run_remember(fold, state, err);
	} else if (!state->profile && fold_profile_due(state, next_seq)) {
		rc = store_batch_empty(fold->store) ? fold_profile_load(fold, state, err)
						    : FOLD_COMMIT_FIRST;
	}
	return rc != 0 ? rc : fold_run_rows(fold, state, err);
}

int fold_block(struct fold *fold, struct fold_input *in, struct err *err)
{
	struct fold_run *state = in->state;
	struct key_parts parts = {.run = state->run};
	const struct block_facts *facts;
	struct block_head head;
	int rc;

	if (block_head_parse(in->body, &head, &in->reason) < 0)
		return FOLD_REJECTED;
	if (!run_progress_is_news(&state->progress, &head, &parts.number))
		return FOLD_DONE;
	rc = prepare(fold, state, &head, err);
	if (rc != 0)
		return rc;
	rc = facts_read(fold->reader, in->body, parts.number, &facts, &in->reason);
	if (rc == ERR_FORMAT)
		return FOLD_REJECTED;
	if (rc < 0)
		return err_set(err, rc, "%s", in->reason.message);
	rc = derive(fold, state, facts, parts.number, in->body, err);
	if (rc == 0)
		rc = fold_run_headless(fold, state, err);
	if (rc == 0)
		rc = fold_put(fold, KEY_BLOCK, &parts, in->body, err);
	if (rc < 0)
		return rc;
	run_progress_take(&state->progress, &head);
	if (fold_profile_due(state, state->progress.next_seq)) {
		rc = fold_profile_put(fold, state, PROFILE_SO_FAR, err);
		if (rc < 0)
			return rc;
	}
	return state->has_finished ? fold_run_summarize(fold, state, err) : 0;
}
