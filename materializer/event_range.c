#include "materializer/event_range.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A gap before any thread concerns all of them. */
static bool thread_matches(const char *wanted, const struct thread *thread)
{
	char number[24];

	if (!wanted || !thread || slice_equal(slice_text(wanted), thread->name))
		return true;
	snprintf(number, sizeof(number), "%" PRId64, thread->number);
	return strcmp(wanted, number) == 0;
}

bool event_range_takes(const struct event_range *range, const struct event *event)
{
	return event->seq >= range->from_seq && event->seq <= range->to_seq &&
	       thread_matches(range->thread, event->thread);
}

int event_range_feed(void *context, const struct event *event, struct err *err)
{
	const struct event_range_feed *feed = context;
	int rc = 0;

	if (event->seq > feed->range->to_seq)
		return 1;
	if (!event_range_takes(feed->range, event))
		return 0;
	if (feed->before)
		rc = feed->before(feed->context, event, err);
	if (rc == 0 && feed->sink->event)
		rc = feed->sink->event(feed->sink->context, event, err);
	return rc;
}

bool event_range_has_end(const struct event_range *range, int64_t event_count)
{
	return range->to_seq >= event_count - 1;
}

int event_sink_started(
	const struct event_sink *sink, const struct run_started *run, struct err *err)
{
	return sink->run_started ? sink->run_started(sink->context, run, err) : 0;
}

int event_sink_source(
	const struct event_sink *sink, const struct source_file *source, struct err *err)
{
	return sink->source_file ? sink->source_file(sink->context, source, err) : 0;
}

int event_sink_finished(
	const struct event_sink *sink, const struct run_finished *run, struct err *err)
{
	return sink->run_finished ? sink->run_finished(sink->context, run, err) : 0;
}
