#include "web/app_internal.h"

#include "materializer/query_hits.h"
#include "materializer/query_rows.h"
#include "materializer/query_step.h"

struct showing_event {
	struct app_request *request;
	struct page_event *page;
	int64_t frame, caller; /* ids, -1: none */
	struct buf path;       /* where it is; empty: nowhere */
	int64_t line;
};

/* The steps are looked for before: the event lives only as long as this call. */
static int show_event(void *context, const struct event *event, struct err *err)
{
	struct showing_event *showing = context;
	struct sources sources = {0};
	int rc = 0, shown = 0;

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

static int note_frames(void *context, const struct event *event, struct err *err)
{
	struct showing_event *showing = context;

	(void)err;
	showing->frame = event->frame ? event->frame->id : -1;
	showing->caller = event->frame && event->frame->caller ? event->frame->caller->id : -1;
	showing->line = event->line;
	if (event->frame)
		buf_append(
			&showing->path, event->frame->code.file.data, event->frame->code.file.len);
	return 0;
}

static int find_others(struct showing_event *showing, struct err *err)
{
	struct query *query = showing->request->app->query;
	const struct run_id *run = &showing->request->run;
	struct page_event *page = showing->page;
	struct hit_wanted line = {EVENT_LINE, buf_slice(&showing->path), showing->line};
	struct hit_wanted exception = {.kind = EVENT_EXCEPTION};
	int64_t seq = showing->request->number;
	int rc = 0;

	page->again = page->again_back = -1;
	if (line.path.len)
		rc = query_next(query, run, &line, seq, true, &page->again, err);
	if (rc == 0 && line.path.len)
		rc = query_next(query, run, &line, seq, false, &page->again_back, err);
	if (rc == 0)
		rc = query_next(query, run, &exception, seq, true, &page->exception, err);
	if (rc == 0)
		rc = query_next(query, run, &exception, seq, false, &page->exception_back, err);
	return rc;
}

static int find_steps(struct showing_event *showing, struct err *err)
{
	struct query *query = showing->request->app->query;
	const struct run_id *run = &showing->request->run;
	struct page_event *page = showing->page;
	int64_t seq = showing->request->number;
	int rc = query_event(query, run, seq, note_frames, showing, err);

	page->over = page->over_back = page->out = -1;
	if (rc == 0 && showing->frame >= 0)
		rc = query_step(query, run, seq, showing->frame, true, &page->over, err);
	if (rc == 0 && showing->frame >= 0)
		rc = query_step(query, run, seq, showing->frame, false, &page->over_back, err);
	if (rc == 0 && showing->caller >= 0)
		rc = query_step(query, run, seq, showing->caller, true, &page->out, err);
	return rc == 0 ? query_row_of(query, run, seq, &page->row, err) : rc;
}

int app_event(struct app_request *request, struct err *err)
{
	struct run_info run;
	struct page_event page = {.run = &run};
	struct showing_event showing = {.request = request, .page = &page};
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	rc = find_steps(&showing, err);
	if (rc == 0)
		rc = find_others(&showing, err);
	if (rc == 0)
		rc = query_event(request->app->query, &request->run, request->number, show_event,
			&showing, err);
	buf_release(&showing.path);
	run_info_release(&run);
	return rc;
}
