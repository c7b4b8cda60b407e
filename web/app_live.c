/* Live pages: who watches what from where on, and the rows that they are shown. */
#include <stdlib.h>

#include "web/app_internal.h"

#define THREADS_SHOWN 200

/* What a browser that lost the connection had got; else what the page has. */
static int64_t last_told(const struct app_request *request)
{
	struct slice last = request->http->last_event;
	int64_t from = app_number_or(request, "from", LIVE_NO_ROWS);
	int64_t number = 0;

	if (from != LIVE_NO_ROWS && last.len && last.len < 19) {
		for (size_t i = 0; i < last.len; i++) {
			if (last.data[i] < '0' || last.data[i] > '9')
				return from;
			number = number * 10 + (last.data[i] - '0');
		}
		from = number;
	}
	return from < LIVE_NO_ROWS ? -1 : from;
}

static int begin(struct app_request *request, const struct live_watch *watch)
{
	request->app->watch = *watch;
	request->answer->live = true;
	request->answer->content_type = "text/event-stream";
	return 0;
}

const struct live_watch *app_watch(const struct app *app)
{
	return &app->watch;
}

int app_live_list(struct app_request *request, struct err *err)
{
	struct live_watch watch = {.list = true};

	(void)err;
	watch.version = (uint64_t)app_number_or(request, "version", 0);
	return begin(request, &watch);
}

int app_live_run(struct app_request *request, struct err *err)
{
	struct live_watch watch = {.run = request->run, .last_seq = -1, .events = -1};
	struct run_info run;
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	run_info_release(&run);
	watch.view = app_number_or(request, "thread_id", ROW_VIEW_ALL);
	if (watch.view < 0)
		watch.view = ROW_VIEW_ALL;
	watch.threads = app_number_or(request, "threads", 1);
	if (watch.threads < 0 || watch.threads > THREADS_SHOWN)
		watch.threads = THREADS_SHOWN;
	watch.last = last_told(request);
	return begin(request, &watch);
}
