#include "materializer/gap.h"

int gap_feed(const struct event_sink *sink, const struct event_range *range,
	const struct run_id *run, int64_t from_seq, int64_t behind_seq, int64_t time_ns,
	struct err *err)
{
	struct event event = {
		.run = *run,
		.kind = EVENT_GAP,
		.time_ns = time_ns,
		.text = slice_text("not in the log"),
	};

	if (range && from_seq < range->from_seq)
		from_seq = range->from_seq;
	if (range && behind_seq - 1 > range->to_seq)
		behind_seq = range->to_seq + 1;
	if (from_seq >= behind_seq || !sink->event)
		return 0;
	event.seq = from_seq;
	event.lost = behind_seq - from_seq;
	return sink->event(sink->context, &event, err);
}

void run_headless(const struct run_id *run, int64_t time_ns, struct run_started *started)
{
	*started = (struct run_started){.run = *run, .started_ns = time_ns, .parent_seq = -1};
}
