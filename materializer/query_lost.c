#include "materializer/query_lost.h"

#include "materializer/query_hits.h"

static int add_gap(void *context, const struct event *event, struct err *err)
{
	struct lost_events *lost = context;

	(void)err;
	lost->gaps++;
	if (event->lost < 0)
		lost->uncounted++;
	else
		lost->events += event->lost;
	return 0;
}

int query_lost(
	struct query *query, const struct run_id *id, struct lost_events *lost, struct err *err)
{
	const struct hit_wanted gaps = {.kind = EVENT_GAP};
	int64_t kinds[EVENT_KINDS];
	int rc = query_kinds(query, id, kinds, err);

	/* Fewer than were seen: it is another run's of that id, in another database. */
	if (rc == 0 && kinds[EVENT_GAP] < lost->gaps)
		*lost = (struct lost_events){0};
	if (rc == 0 && kinds[EVENT_GAP] > lost->gaps)
		rc = query_hit_events(query, id, &gaps, lost->gaps, kinds[EVENT_GAP] - lost->gaps,
			add_gap, lost, err);
	return rc;
}
