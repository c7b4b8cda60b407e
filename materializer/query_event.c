#include "materializer/query_step.h"

#include <inttypes.h>

#include "materializer/query_internal.h"
#include "materializer/run_order.h"

struct pass_on {
	int64_t seq;
	bool there;
	int (*each)(void *context, const struct event *event, struct err *err);
	void *context;
};

static int pass_on(void *context, const struct event *event, struct err *err)
{
	struct pass_on *pass = context;
	int rc;

	if (event->seq != pass->seq)
		return 1;
	pass->there = true;
	rc = pass->each(pass->context, event, err);
	return rc ? rc : 1;
}

int query_event(struct query *query, const struct run_id *id, int64_t seq,
	int (*each)(void *context, const struct event *event, struct err *err), void *context,
	struct err *err)
{
	struct pass_on pass = {.seq = seq, .each = each, .context = context};
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = seq < 0 ? 0 : query_seek_block(query, iter, seq, &parts, err);
	if (rc == 1)
		rc = block_walk(query->cursor, store_iter_value(iter), seq, pass_on, &pass, err);
	store_iter_free(iter);
	if (rc >= 0 && !pass.there)
		return err_set(err, ERR_NOT_FOUND, "no event %" PRId64 " in this run", seq);
	return rc < 0 ? rc : 0;
}
