#include "web/app_internal.h"

#include "materializer/query_hits.h"
#include "materializer/query_rows.h"
#include "materializer/query_step.h"

struct showing_event {
	struct app_request *request;
	struct page_event *page;
	int64_t from; /* where to look on for steps, 0: from the event */
};

static int find_step(const struct showing_event *showing, struct step_from from, bool forward,
	int64_t *found, int64_t *looked, struct err *err)
{
	if (showing->from && (forward ? showing->from > from.seq : showing->from < from.seq)) {
		from.seq = showing->from;
		from.kind = EVENT_LINE;
	}
	return query_step(showing->request->app->query, &showing->request->run, &from, forward,
		found, looked, err);
}

/* In the event's call, and of its caller. */
static int find_steps(
	const struct showing_event *showing, const struct event *event, struct err *err)
{
	struct page_event *page = showing->page;
	const struct frame *frame = event->frame;
	struct step_from from = {.seq = event->seq, .kind = event->kind};
	int64_t looked;
	int rc;

	page->over = page->over_back = page->out = page->looked = page->looked_back = -1;
	if (!frame || !event->thread)
		return 0;
	from.thread = event->thread->number;
	from.frame = frame->id;
	from.depth = (uint32_t)frame->depth;
	rc = find_step(showing, from, true, &page->over, &page->looked, err);
	if (rc == 0)
		rc = find_step(showing, from, false, &page->over_back, &page->looked_back, err);
	if (rc < 0 || !frame->caller)
		return rc;
	from.frame = frame->caller->id;
	from.depth = (uint32_t)frame->caller->depth;
	from.kind = EVENT_LINE;
	rc = find_step(showing, from, true, &page->out, &looked, err);
	if (page->looked < 0)
		page->looked = looked;
	return rc;
}

/* The same line, and exceptions. */
static int find_others(
	const struct showing_event *showing, const struct event *event, struct err *err)
{
	struct page_event *page = showing->page;
	struct hit_wanted line = {.kind = EVENT_LINE, .line = event->line};
	struct hit_wanted exception = {.kind = EVENT_EXCEPTION};
	struct hit_search searches[] = {
		{exception, true, -1}, {exception, false, -1}, {line, true, -1}, {line, false, -1}};
	bool has_line = event->frame && event->frame->code.file.len;
	int rc;

	if (has_line)
		searches[2].wanted.path = searches[3].wanted.path = event->frame->code.file;
	rc = query_next_all(showing->request->app->query, &showing->request->run, event->seq,
		searches, has_line ? 4 : 2, err);
	page->exception = searches[0].found;
	page->exception_back = searches[1].found;
	page->again = searches[2].found;
	page->again_back = searches[3].found;
	return rc;
}

static int show_event(void *context, const struct event *event, struct err *err)
{
	const struct showing_event *showing = context;
	struct sources sources = {0};
	int rc = find_steps(showing, event, err), shown = 0;

	if (rc == 0)
		rc = find_others(showing, event, err);
	for (const struct frame *frame = event->frame; frame && rc == 0 && shown < 200;
		frame = frame->caller, shown++)
		rc = app_source_add(showing->request, &sources, frame->code.file, err);
	if (rc == 0) {
		showing->page->event = event;
		showing->page->sources = sources.list;
		showing->page->source_count = sources.count;
		APP_SHOW(showing->request, event, showing->page);
	}
	app_sources_release(&sources);
	return rc;
}

/* The event lives as long as the call that shows it: nothing in it may need the query's cursor. */
int app_event(struct app_request *request, struct err *err)
{
	struct query *query = request->app->query;
	struct run_info run;
	struct page_event page = {.run = &run};
	struct showing_event showing = {
		.request = request, .page = &page, .from = app_number(request, "from")};
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	rc = query_row_of(query, &request->run, request->number, &page.row, err);
	if (rc == 0)
		rc = query_event(query, &request->run, request->number, show_event, &showing, err);
	run_info_release(&run);
	return rc;
}
