#include "materializer/run_order.h"

#include <inttypes.h>

bool run_progress_is_news(
	const struct run_progress *progress, const struct block_head *head, int64_t *from_seq)
{
	*from_seq = head->first_seq > progress->next_seq ? head->first_seq : progress->next_seq;
	return head->first_seq + head->event_count > *from_seq;
}

void run_progress_take(struct run_progress *progress, const struct block_head *head)
{
	if (head->first_seq + head->event_count > progress->next_seq)
		progress->next_seq = head->first_seq + head->event_count;
}

static int walk(struct block_cursor *cursor, const struct block_head *head, int64_t from_seq,
	int (*each)(void *context, const struct event *event, struct err *err), void *context,
	struct err *err)
{
	const struct event *event;
	int64_t count = 0;
	int rc;

	while ((rc = block_cursor_next(cursor, &event, err)) == 1) {
		count++;
		if (!each || event->seq < from_seq)
			continue;
		rc = each(context, event, err);
		if (rc != 0)
			return rc;
	}
	if (rc == 0 && count != head->event_count)
		rc = err_set(err, ERR_FORMAT,
			"block of events from %" PRId64 " holds %" PRId64 " of them, not %" PRId64,
			head->first_seq, count, head->event_count);
	return rc;
}

int block_check(
	struct block_cursor *cursor, struct slice body, struct block_head *head, struct err *err)
{
	int rc = block_head_parse(body, head, err);

	if (rc == 0)
		rc = block_cursor_open(cursor, body, err);
	if (rc == 0)
		rc = walk(cursor, head, 0, NULL, NULL, err);
	return rc;
}

int block_walk(struct block_cursor *cursor, struct slice body, int64_t from_seq,
	int (*each)(void *context, const struct event *event, struct err *err), void *context,
	struct err *err)
{
	struct block_head head;
	int rc = block_head_parse(body, &head, err);

	if (rc == 0)
		rc = block_cursor_open(cursor, body, err);
	if (rc == 0)
		rc = walk(cursor, &head, from_seq, each, context, err);
	return rc;
}
