#include <inttypes.h>

#include "materializer/query_internal.h"

int query_seek_block(struct query *query, struct store_iter *iter, int64_t seq,
	struct key_parts *parts, struct err *err)
{
	int rc;

	parts->number = seq;
	rc = store_iter_seek_back(iter, key_encode(KEY_BLOCK, parts, &query->key), err);
	if (rc == 1 && !key_decode(KEY_BLOCK, store_iter_key(iter), parts))
		return err_set(err, ERR_FORMAT, "a block's key that is none");
	return rc;
}

static bool is_at_hand(const struct query *query, const struct run_id *run, int64_t block)
{
	return query->skim && query->skim_block == block && run_id_equal(&query->skim_run, run);
}

static int read_skim(struct query *query, const struct run_id *run, int64_t block, struct err *err)
{
	if (!query->skimmer && !(query->skimmer = block_skimmer_new()))
		return err_set(err, ERR_MEMORY, "out of memory");
	query->skim = NULL;
	query->skim_run = *run;
	query->skim_block = block;
	return block_skimmer_read(query->skimmer, buf_slice(&query->skim_body), &query->skim, err);
}

int query_skim(struct query *query, const struct run_id *run, int64_t block, struct slice value,
	const struct block_skim **skim, struct err *err)
{
	int rc = 0;

	if (!is_at_hand(query, run, block)) {
		query->skim = NULL;
		buf_clear(&query->skim_body);
		buf_append(&query->skim_body, value.data, value.len);
		rc = query->skim_body.failed ? err_set(err, ERR_MEMORY, "out of memory")
					     : read_skim(query, run, block, err);
	}
	*skim = query->skim;
	return rc;
}

int query_skim_block(struct query *query, const struct run_id *run, int64_t block,
	const struct block_skim **skim, struct err *err)
{
	struct key_parts parts = {.run = *run, .number = block};
	int rc = 0;

	if (!is_at_hand(query, run, block)) {
		query->skim = NULL;
		rc = query_get(query, KEY_BLOCK, &parts, &query->skim_body, err);
		if (rc == 1)
			rc = read_skim(query, run, block, err);
		else if (rc == 0)
			rc = err_set(err, ERR_FORMAT, "there is no block %" PRId64, block);
	}
	*skim = query->skim;
	return rc;
}
