#include "web/live.h"

#include <inttypes.h>
#include <string.h>

#include "materializer/query_step.h"
#include "schemas/json.h"
#include "web/app_internal.h"
#include "web/source_cache.h"

/* The log's end of a run may be read before its last events: they are waited for. */
#define END_WAIT_MS 2000

int live_refresh(struct app *app)
{
	struct err err = {0};

	return app_refresh(app, &err);
}

bool live_same(const struct live_watch *a, const struct live_watch *b)
{
	return a->list == b->list && run_id_equal(&a->run, &b->run) && a->view == b->view &&
	       a->threads == b->threads && a->last == b->last && a->last_seq == b->last_seq &&
	       a->events == b->events && a->end_ms == b->end_ms && a->told_ms == b->told_ms &&
	       a->version == b->version;
}

/* Each line of a text in a field of its own. */
static void put_data(struct buf *out, struct slice text)
{
	while (text.len) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		size_t len = end ? (size_t)(end - text.data) : text.len;

		buf_text(out, "data: ");
		buf_append(out, text.data, len);
		buf_byte(out, '\n');
		text.data += len + (end != NULL);
		text.len -= len + (end != NULL);
	}
}

/* Threads, as far as it matters: is there more than one, and what is the first one's name? */
struct threads_seen {
	int64_t count;
	struct buf first;
};

static int see_thread(void *context, int64_t number, struct slice name, struct err *err)
{
	struct threads_seen *seen = context;

	(void)number;
	(void)err;
	if (seen->count++ == 0)
		buf_append(&seen->first, name.data, name.len);
	return 0;
}

/* Has the page no column of threads, and is to have one now? */
static int look_for_threads(
	struct app *app, struct live_watch *watch, struct threads_seen *seen, struct err *err)
{
	int rc = 0;

	if (watch->threads < 2 && watch->last != LIVE_NO_ROWS)
		rc = query_row_threads(app->query, &watch->run, 2, see_thread, seen, err);
	if (rc == 0 && seen->count > 1)
		watch->threads = seen->count;
	return rc;
}

static void put_rows_event(struct live_watch *watch, int64_t rows, const struct threads_seen *seen,
	struct slice html, struct buf *out)
{
	int64_t last = rows - 1;

	buf_printf(out, "id: %" PRId64 "\nevent: rows\n", last);
	buf_printf(out, "data: {\"events\": %" PRId64 ", \"rows\": %" PRId64 ", \"last\": %" PRId64,
		watch->events, rows, last);
	if (seen->count > 1) {
		buf_printf(out, ", \"threads\": %" PRId64 ", \"thread\": ", seen->count);
		json_string(out, buf_slice(&seen->first));
	}
	buf_text(out, "}\n");
	put_data(out, html);
	buf_byte(out, '\n');
}

/* The newest rows that the watch has not been told, and its last again. */
static int put_rows(
	struct app *app, struct live_watch *watch, const struct run_info *run, struct buf *out)
{
	struct buf html = {0};
	struct app_request request = {.app = app, .run = watch->run, .html = {&html}};
	struct err err = {0};
	struct threads_seen seen = {0};
	int64_t rows, from = watch->last < 0 ? 0 : watch->last;
	int rc = query_row_count(app->query, &watch->run, watch->view, &rows, &err);

	if (rc < 0)
		return rc;
	rc = look_for_threads(app, watch, &seen, &err);
	if (rc == 0 && watch->last != LIVE_NO_ROWS && from < rows) {
		struct app_rows tail = {.run = run,
			.view = watch->view,
			.threads = (size_t)watch->threads,
			.from = watch->last + 1,
			.first = rows - from > LIVE_ROWS ? rows - LIVE_ROWS : from};
		int64_t seq;

		source_cache_begin(app->sources);
		rc = app_show_rows(&request, &tail, &seq, &err);
		if (rc == 0 && rows - 1 == watch->last && seq == watch->last_seq)
			buf_clear(&html);
		watch->last = rows - 1;
		watch->last_seq = seq;
	}
	if (rc == 0)
		put_rows_event(watch, rows, &seen, buf_slice(&html), out);
	buf_release(&seen.first);
	buf_release(&html);
	return rc;
}

static bool end_run(
	struct live_watch *watch, const struct run_info *run, int64_t now_ms, struct buf *out)
{
	if (!run->has_finished)
		return false;
	if (!watch->end_ms)
		watch->end_ms = now_ms ? now_ms : 1;
	if (watch->events < run->finished.event_count && now_ms - watch->end_ms < END_WAIT_MS)
		return false;
	buf_printf(out, "event: end\ndata: {\"state\": \"%s\"}\n\n", run_state_name(run->state));
	return true;
}

static bool next_of_run(struct app *app, struct live_watch *watch, int64_t now_ms, struct buf *out)
{
	struct run_info run;
	struct err err = {0};
	bool ended = false;
	int64_t events = 0;
	int rc = query_run(app->query, &watch->run, &run, &err);

	if (rc == ERR_NOT_FOUND) {
		buf_text(out, "event: gone\ndata: {}\n\n");
		return true;
	}
	if (rc < 0)
		return false;
	rc = query_stored(app->query, &watch->run, &events, &err);
	if (rc == 0 && events != watch->events) {
		int64_t before = watch->events;

		watch->events = events;
		rc = put_rows(app, watch, &run, out);
		if (rc < 0)
			watch->events = before;
	}
	if (rc == 0)
		ended = end_run(watch, &run, now_ms, out);
	run_info_release(&run);
	return ended;
}

bool live_next(struct app *app, struct live_watch *watch, int64_t now_ms, struct buf *out)
{
	uint64_t version = app->query ? query_version(app->query) : 0;

	if (version == watch->version && !watch->end_ms)
		return false;
	if (!watch->list) {
		watch->version = version;
		return app->query ? next_of_run(app, watch, now_ms, out) : false;
	}
	if (watch->told_ms && now_ms - watch->told_ms < LIVE_LIST_MS)
		return false;
	watch->version = version;
	watch->told_ms = now_ms;
	buf_text(out, "event: change\ndata: {}\n\n");
	return false;
}
