#include "web/report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "materializer/query_files.h"
#include "materializer/query_rows.h"
#include "schemas/source_text.h"
#include "web/app.h"
#include "web/flame.h"
#include "web/asset.h"
#include "web/pager.h"

#define PATH_BYTES 128

struct report {
	const struct report_options *options;
	struct app *app;
	struct query *query;
	int dir;
	struct http_answer answer;
	char base[PATH_BYTES]; /* path of the run's pages */
	uint64_t done, total;  /* files */
	uint32_t zooms[FLAME_ZOOMS_MAX];
	size_t zoom_count;
	int64_t threads[FLAME_THREADS_MAX]; /* each has its flame graph; none when there is one */
	size_t thread_count;
};

static int write_file(struct report *report, const char *name, struct slice bytes, struct err *err)
{
	int fd = openat(report->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t written = 1;
	int failed;

	while (fd >= 0 && bytes.len && written > 0) {
		written = write(fd, bytes.data, bytes.len);
		if (written > 0) {
			bytes.data += written;
			bytes.len -= (size_t)written;
		}
	}
	failed = fd < 0 || bytes.len ? errno : 0;
	if (fd >= 0 && close(fd) < 0)
		failed = errno;
	if (failed)
		return err_set_errno(err, failed, "%s/%s", report->options->dir, name);
	report->done++;
	if (report->options->progress)
		report->options->progress(report->options->context, report->done, report->total);
	return 0;
}

/* Writes what the app answers for a path. */
static int write_page(struct report *report, const char *name, const char *path, const char *query,
	struct err *err)
{
	struct http_request request = {.method = "GET",
		.path = slice_text(path),
		.query = slice_text(query),
		.host = slice_text("localhost")};
	struct http_answer *answer = &report->answer;

	http_answer_clear(answer);
	app_answer(report->app, &request, answer);
	if (answer->status != 200)
		return err_set(err, ERR_STATE, "%s: there is no such page (any more)", path);
	return write_file(report, name, buf_slice(&answer->body), err);
}

static int write_rows(struct report *report, int64_t first, int64_t last, struct err *err)
{
	char name[PATH_BYTES], query[PATH_BYTES];
	int rc = 0;

	for (int64_t page = first; page <= last && rc == 0; page++) {
		snprintf(name, sizeof(name), "trace-%" PRId64 ".html", page);
		snprintf(query, sizeof(query), "page=%" PRId64 "&per_page=%" PRId64, page,
			report->options->per_page);
		rc = write_page(report, name, report->base, query, err);
		if (rc == 0 && page == first)
			rc = write_page(report, "index.html", report->base, query, err);
	}
	return rc;
}

/* How many pages the file has. */
static int count_parts(
	struct report *report, const struct file_info *file, int64_t *parts, struct err *err)
{
	struct buf bytes = {0};
	struct source_text *text = NULL;
	int rc = query_file_text(report->query, file, &bytes, err);

	if (rc == 0) {
		text = source_text_new(buf_slice(&bytes));
		rc = text ? 0 : err_set(err, ERR_MEMORY, "out of memory");
	}
	if (rc == 0)
		*parts = pager_of_size(source_text_count(text), 1, FILE_PAGE_LINES).pages;
	source_text_free(text);
	buf_release(&bytes);
	return rc;
}

static int write_source(void *context, const struct file_info *file, struct err *err)
{
	struct report *report = context;
	char name[PATH_BYTES], path[2 * PATH_BYTES], query[PATH_BYTES];
	int64_t parts = 1;
	int rc = count_parts(report, file, &parts, err);

	snprintf(path, sizeof(path), "%s/files/%s", report->base, file->signature);
	for (int64_t part = 1; part <= parts && rc == 0; part++) {
		snprintf(query, sizeof(query), "page=%" PRId64, part);
		snprintf(name, sizeof(name), "file-%s.html", file->signature);
		if (part > 1)
			snprintf(name, sizeof(name), "file-%s-%" PRId64 ".html", file->signature,
				part);
		rc = write_page(report, name, path, query, err);
	}
	return rc;
}

static int count_source(void *context, const struct file_info *file, struct err *err)
{
	struct report *report = context;
	int64_t parts = 1;
	int rc = count_parts(report, file, &parts, err);

	report->total += (uint64_t)parts;
	return rc;
}

/* Pages that each report has once, with what is asked for; a path that begins with '/' is the
 * whole. */
static const char *const others[][3] = {
	{"files.html", "files", ""},
	{"threads.html", "threads", ""},
	{"stats.html", "stats", ""},
	{"stats-calls.html", "stats", "sort=calls"},
	{"stats-pcalls.html", "stats", "sort=pcalls"},
	{"stats-time.html", "stats", "sort=time"},
	{"stats-name.html", "stats", "sort=name"},
	{"stats-file.html", "stats", "sort=file"},
	{"stats-line.html", "stats", "sort=line"},
	{"stats-nfl.html", "stats", "sort=nfl"},
	{"stats-stdname.html", "stats", "sort=stdname"},
	{"call_graph.html", "stats/graph", ""},
	{"flame.html", "stats/flame", ""},
	{"icicle.html", "stats/flame", "view=icicle"},
	{"about.html", "/about", ""},
	{"help.html", "/help", ""},
};
#define OTHERS (sizeof(others) / sizeof(others[0]))

static int write_others(struct report *report, struct err *err)
{
	char path[2 * PATH_BYTES];
	int rc = 0;

	for (size_t i = 0; i < OTHERS && rc == 0; i++) {
		bool whole = others[i][1][0] == '/';

		snprintf(path, sizeof(path), "%s%s%s", whole ? "" : report->base, whole ? "" : "/",
			others[i][1]);
		rc = write_page(report, others[i][0], path, others[i][2], err);
	}
	return rc;
}

/* A part of the flame graph, drawn in both ways. */
static int write_flame(struct report *report, const char *part, const char *asked, struct err *err)
{
	static const char *const views[] = {"flame", "icicle"};
	char name[PATH_BYTES], path[2 * PATH_BYTES], query[PATH_BYTES];
	int rc = 0;

	snprintf(path, sizeof(path), "%s/stats/flame", report->base);
	for (size_t i = 0; i < 2 && rc == 0; i++) {
		snprintf(name, sizeof(name), "%s-%s.html", views[i], part);
		snprintf(query, sizeof(query), "view=%s&%s", views[i], asked);
		rc = write_page(report, name, path, query, err);
	}
	return rc;
}

/* The parts of the flame graph that are pages of their own. */
static int write_flames(struct report *report, struct err *err)
{
	char part[PATH_BYTES / 2], asked[PATH_BYTES / 2];
	int rc = 0;

	for (size_t i = 0; i < report->zoom_count && rc == 0; i++) {
		snprintf(part, sizeof(part), "%" PRIu32, report->zooms[i]);
		snprintf(asked, sizeof(asked), "node=%" PRIu32, report->zooms[i]);
		rc = write_flame(report, part, asked, err);
	}
	for (size_t i = 0; i < report->thread_count && rc == 0; i++) {
		snprintf(part, sizeof(part), "thread-%" PRId64, report->threads[i]);
		snprintf(asked, sizeof(asked), "thread_id=%" PRId64, report->threads[i]);
		rc = write_flame(report, part, asked, err);
	}
	return rc;
}

/* Of which paths and threads the flame graph has pages of their own. */
static int find_flames(struct report *report, struct err *err)
{
	struct profile profile;
	int rc = query_profile(report->query, &report->options->run, NULL, &profile, err);

	if (rc == 0 && profile.function_count) {
		report->zoom_count = flame_zooms(&profile, report->zooms);
		if (profile.thread_count > 1)
			report->thread_count = profile.thread_count < FLAME_THREADS_MAX
						       ? profile.thread_count
						       : FLAME_THREADS_MAX;
		for (size_t i = 0; i < report->thread_count; i++)
			report->threads[i] = profile.threads[i].number;
	}
	profile_release(&profile);
	return rc;
}

static int write_assets(struct report *report, struct err *err)
{
	int rc = 0;

	for (int id = 0; id < ASSET_COUNT && rc == 0; id++) {
		struct asset asset = asset_get((enum asset_id)id);

		rc = write_file(report, asset.plain_name, asset.bytes, err);
	}
	return rc;
}

static int write_all(struct report *report, struct err *err)
{
	const struct run_id *run = &report->options->run;
	struct pager pager;
	int64_t first = report->options->first_page, last = report->options->last_page;
	int64_t rows;
	int rc = query_row_count(report->query, run, ROW_VIEW_ALL, &rows, err);

	if (rc == 0)
		rc = query_files(report->query, run, count_source, report, err);
	if (rc == 0)
		rc = find_flames(report, err);
	if (rc < 0)
		return rc;
	pager = pager_make(rows, 1, report->options->per_page);
	if (first > pager.pages)
		return err_set(err, ERR_USAGE, "page %" PRId64 ": the run has %" PRId64, first,
			pager.pages);
	if (!first) {
		first = 1;
		last = pager.pages;
	}
	if (last > pager.pages)
		last = pager.pages;
	report->total += (uint64_t)(last - first + 1) + 1 + OTHERS + ASSET_COUNT +
			 2 * (report->zoom_count + report->thread_count);
	rc = write_rows(report, first, last, err);
	if (rc == 0)
		rc = query_files(report->query, run, write_source, report, err);
	if (rc == 0)
		rc = write_others(report, err);
	if (rc == 0)
		rc = write_flames(report, err);
	return rc == 0 ? write_assets(report, err) : rc;
}

int report_write(const struct report_options *options, struct err *err)
{
	struct app_options app = {.paths = options->paths,
		.version = options->version,
		.report = true,
		.title = options->title,
		.first_page = options->first_page,
		.last_page = options->last_page};
	struct report report = {.options = options, .dir = -1};
	char id[RUN_ID_TEXT_BYTES];
	int rc;

	snprintf(report.base, sizeof(report.base), "/runs/%s", run_id_format(&options->run, id));
	report.dir = open(options->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = report.dir < 0 ? err_set_errno(err, errno, "%s", options->dir)
			    : query_open(options->paths, &report.query, err);
	if (rc == 0)
		rc = app_new(&app, &report.app, err);
	if (rc == 0)
		rc = write_all(&report, err);
	app_free(report.app);
	query_close(report.query);
	http_answer_release(&report.answer);
	if (report.dir >= 0)
		close(report.dir);
	return rc;
}
