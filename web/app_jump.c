/* To an event of a run that is described in words. */
#include <inttypes.h>

#include "materializer/query_hits.h"
#include "materializer/query_step.h"
#include "web/app_internal.h"
#include "web/jump.h"

struct file_search {
	struct slice wanted;
	struct buf found; /* path */
	int count;
};

static int look_at_file(void *context, const struct file_info *file, struct err *err)
{
	struct file_search *search = context;
	bool whole = slice_equal(search->wanted, file->path);

	(void)err;
	if (!jump_names_file(search->wanted, file->path))
		return 0;
	search->count = whole ? 1 : search->count + 1;
	buf_clear(&search->found);
	buf_append(&search->found, file->path.data, file->path.len);
	return whole;
}

/* The next time that the line ran behind `from`; the first time, when there is none behind. */
static int find_line(struct app_request *request, const struct jump *jump, int64_t from,
	int64_t *seq, struct err *err)
{
	struct query *query = request->app->query;
	struct file_search search = {.wanted = jump->file};
	struct hit_wanted wanted = {.kind = EVENT_LINE, .line = jump->line};
	int rc = query_files(query, &request->run, look_at_file, &search, err);

	wanted.path = buf_slice(&search.found);
	if (rc >= 0 && search.count == 0)
		rc = err_set(err, ERR_NOT_FOUND, "the run has no file of that name");
	else if (rc >= 0 && search.count > 1)
		rc = err_set(err, ERR_USAGE,
			"%d files of the run have a path that ends so; give more of it",
			search.count);
	else if (rc >= 0)
		rc = query_next(query, &request->run, &wanted, from, true, seq, err);
	if (rc == 0 && *seq < 0 && from >= 0)
		rc = query_next(query, &request->run, &wanted, -1, true, seq, err);
	if (rc == 0 && *seq < 0)
		rc = err_set(err, ERR_NOT_FOUND, "line %" PRId64 " of that file did not run",
			jump->line);
	buf_release(&search.found);
	return rc < 0 ? rc : 0;
}

/* Between its last event and its end a run did nothing that was recorded: that is the last event's. */
static int find_time(struct app_request *request, const struct run_info *run, int64_t time_ns,
	int64_t *seq, struct err *err)
{
	struct query *query = request->app->query;
	int64_t events = 0;
	int rc = query_at_time(query, &request->run, time_ns, seq, err);

	if (rc != ERR_NOT_FOUND || !run->has_finished || time_ns > run->finished.finished_ns)
		return rc;
	if (query_stored(query, &request->run, &events, err) < 0 || events == 0)
		return rc;
	*seq = events - 1;
	return 0;
}

static int find_words(struct app_request *request, const struct run_info *run, struct slice words,
	int64_t from, int64_t *seq, struct err *err)
{
	struct jump jump;
	int rc = jump_parse(words, run->started.started_ns, &jump, err);

	if (rc < 0)
		return rc;
	switch (jump.kind) {
	case JUMP_TIME:
		return find_time(request, run, jump.time_ns, seq, err);
	case JUMP_LINE:
		return find_line(request, &jump, from, seq, err);
	case JUMP_EVENT:
	default:
		*seq = jump.seq;
		if (jump.seq < run->event_count)
			return 0;
		return err_set(err, ERR_NOT_FOUND,
			"there is no event #%" PRId64 ": the run has %" PRId64 " (so far)",
			jump.seq, run->event_count);
	}
}

/* The page of rows that has the event, its row marked. */
static int go_to(
	struct app_request *request, const struct run_info *run, int64_t seq, struct err *err)
{
	char id[RUN_ID_TEXT_BYTES];
	int64_t first_seq;
	struct row_page rows;
	int64_t row;
	int rc = query_row_of(request->app->query, &request->run, seq, &row, err);

	if (rc == 0)
		rc = query_row_page(
			request->app->query, &request->run, ROW_VIEW_ALL, row, 1, &rows, err);
	if (rc < 0)
		return rc;
	first_seq = rows.count ? rows.rows[0].first_seq : seq;
	row_page_release(&rows);
	if (request->as_json) {
		struct page_jump page = {run, seq, row};

		json_jump(app_json(request), &page);
	} else {
		request->answer->status = 303;
		buf_printf(&request->answer->location,
			"/runs/%s?seq=%" PRId64 "&per_page=%" PRId64 "#seq-%" PRId64,
			run_id_format(&run->id, id), seq,
			pager_make(0, 1, app_number(request, "per_page")).per_page, first_seq);
	}
	return 0;
}

int app_jump(struct app_request *request, struct err *err)
{
	struct buf words = {0};
	struct run_info run;
	int64_t seq = -1, from = -1;
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	if (http_query_get(request->http->query, "from", &words) && words.len)
		from = app_number(request, "from");
	buf_clear(&words);
	rc = find_words(request, &run, app_text(request, "to", &words), from, &seq, err);
	if (rc == 0)
		rc = go_to(request, &run, seq, err);
	run_info_release(&run);
	buf_release(&words);
	return rc;
}
