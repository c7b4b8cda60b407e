/* Files of a run: what a page needs of their texts, the files themselves, who ran a line. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/query_hits.h"
#include "materializer/row_page.h"
#include "web/app_internal.h"

void app_sources_release(struct sources *sources)
{
	free(sources->list);
}

/* The text of a file, from the cache or to be there from now on. Without an error it may not be
 * there. */
static int load_code(struct app_request *request, const struct file_info *file,
	struct source_code *code, struct err *err)
{
	struct source_cache *cache = request->app->sources;
	struct buf text = {0};
	int rc;

	*code = (struct source_code){0};
	if (source_cache_find(cache, file->sha256, code))
		return 0;
	rc = query_file_text(request->app->query, file, &text, err);
	if (rc == 0)
		rc = source_cache_put(cache, file->sha256, buf_slice(&text), code, err);
	else if (rc == ERR_NOT_FOUND)
		rc = 0;
	buf_release(&text);
	return rc;
}

static int load_source(struct app_request *request, struct page_source *source, struct err *err)
{
	struct file_info file;
	int rc = query_file(request->app->query, &request->run, source->path, &file, err);

	if (rc != 1)
		return rc;
	memcpy(source->signature, file.signature, sizeof(source->signature));
	rc = load_code(request, &file, &source->code, err);
	source->there = source->code.text != NULL;
	return rc;
}

int app_source_add(
	struct app_request *request, struct sources *sources, struct slice path, struct err *err)
{
	for (size_t i = sources->count; i > 0; i--) {
		if (slice_equal(sources->list[i - 1].path, path))
			return 0;
	}
	if (sources->count == sources->cap) {
		size_t cap = sources->cap ? sources->cap * 2 : 8;
		struct page_source *list = realloc(sources->list, cap * sizeof(*list));

		if (!list)
			return err_set(err, ERR_MEMORY, "out of memory");
		sources->list = list;
		sources->cap = cap;
	}
	sources->list[sources->count] = (struct page_source){.path = path};
	return load_source(request, &sources->list[sources->count++], err);
}

struct files {
	struct file_info *list;
	size_t count, cap;
	struct slice wanted; /* signature; empty: all */
};

static int add_file(void *context, const struct file_info *file, struct err *err)
{
	struct files *files = context;
	uint8_t *path;

	if (files->wanted.len && !slice_equal(files->wanted, slice_text(file->signature)))
		return 0;
	path = malloc(file->path.len + 1);
	if (path && files->count == files->cap) {
		size_t cap = files->cap ? files->cap * 2 : 16;
		struct file_info *list = realloc(files->list, cap * sizeof(*list));

		if (!list) {
			free(path);
			path = NULL;
		} else {
			files->list = list;
			files->cap = cap;
		}
	}
	if (!path)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (file->path.len)
		memcpy(path, file->path.data, file->path.len);
	files->list[files->count] = *file;
	files->list[files->count++].path.data = path;
	return files->wanted.len ? 1 : 0;
}

static void files_release(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free((void *)(uintptr_t)files->list[i].path.data);
	free(files->list);
}

/* Lines that ran and how often, by file: for the list of files. */
static int load_file_hits(struct app_request *request, struct page_files *page, struct err *err)
{
	struct hit_table table = {0};
	int rc = query_hits(request->app->query, &request->run, (struct slice){0}, &table, err);

	for (size_t i = 0; i < page->count && rc == 0; i++) {
		struct file_hits *hits = &page->hits[i];
		uint64_t file = hit_file(page->files[i].path);
		size_t at = hit_table_first(&table, file);

		for (; at < table.count && table.places[at].file == file; at++) {
			hits->lines += table.places[at].hits > 0;
			hits->hits += table.places[at].hits;
			hits->calls += table.places[at].calls;
		}
	}
	hit_table_release(&table);
	return rc;
}

int app_files(struct app_request *request, struct err *err)
{
	struct run_info run;
	struct files files = {0};
	struct page_files page = {.run = &run};
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	rc = query_files(request->app->query, &request->run, add_file, &files, err);
	page.files = files.list;
	page.count = files.count;
	page.hits = calloc(files.count + 1, sizeof(*page.hits));
	if (rc == 0)
		rc = page.hits ? load_file_hits(request, &page, err)
			       : err_set(err, ERR_MEMORY, "out of memory");
	if (rc == 0)
		APP_SHOW(request, files, &page);
	free(page.hits);
	files_release(&files);
	run_info_release(&run);
	return rc;
}

/* The file of the path's signature, and its text. Owned by the caller, as files. */
static int load_file(struct app_request *request, struct files *files, struct page_source *source,
	struct err *err)
{
	int rc;

	files->wanted = request->signature;
	rc = query_files(request->app->query, &request->run, add_file, files, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "the run has no such file");
	if (rc < 0)
		return rc;
	*source = (struct page_source){.path = files->list[0].path};
	memcpy(source->signature, files->list[0].signature, sizeof(source->signature));
	rc = load_code(request, &files->list[0], &source->code, err);
	source->there = source->code.text != NULL;
	if (rc == 0 && !source->there)
		return err_set(err, ERR_NOT_FOUND, "the text of this file is not there");
	return rc;
}

static int load_times(
	struct app_request *request, struct slice path, struct line_times *times, struct err *err)
{
	const struct profile *profile;
	struct profile own;
	int rc = app_load_profile(request, NULL, &own, &profile, err);

	if (rc == 0)
		rc = line_times_init(times, profile, path, err);
	profile_release(&own);
	return rc;
}

int app_file(struct app_request *request, struct err *err)
{
	struct files files = {0};
	struct hit_table hits = {0};
	struct run_info run;
	struct line_times times = {0};
	struct page_file page = {.run = &run, .hits = &hits, .times = &times};
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	rc = load_file(request, &files, &page.source, err);
	if (rc == 0)
		rc = query_hits(request->app->query, &request->run, page.source.path, &hits, err);
	if (rc == 0)
		rc = load_times(request, page.source.path, &times, err);
	if (rc == 0) {
		page.pager = pager_of_size(source_text_count(page.source.code.text),
			app_page_number(request), FILE_PAGE_LINES);
		APP_SHOW(request, file, &page);
	}
	line_times_release(&times);
	hit_table_release(&hits);
	files_release(&files);
	run_info_release(&run);
	return rc;
}

struct gathering {
	struct page_hits *page;
	struct row_page *rows;
};

/* An event as a row of its own, its value that of the variable which was asked for. */
static int gather(void *context, const struct event *event, struct err *err)
{
	struct gathering *gathering = context;
	const struct frame *frame = event->frame;
	struct event shown = *event;

	for (size_t i = 0; i < frame->local_count && gathering->page->variable.len; i++) {
		if (slice_equal(frame->locals[i].name, gathering->page->variable))
			shown.value = frame->locals[i].value;
	}
	return row_page_begin(gathering->rows,
		pager_first(&gathering->page->pager) + (int64_t)gathering->rows->count, &shown,
		err);
}

static int load_hits(
	struct app_request *request, struct page_hits *page, struct row_page *rows, struct err *err)
{
	struct query *query = request->app->query;
	const struct hit_wanted wanted = {page->kind, page->source.path, page->line};
	struct gathering gathering = {page, rows};
	struct hit_table hits = {0};
	int rc = query_hits(query, &request->run, page->source.path, &hits, err);

	for (size_t i = 0; i < hits.count; i++) {
		if (hits.places[i].line == page->line) {
			page->hits = hits.places[i].hits;
			page->calls = hits.places[i].calls;
		}
	}
	hit_table_release(&hits);
	page->pager = pager_make(page->kind == EVENT_CALL ? page->calls : page->hits,
		app_page_number(request), app_number(request, "per_page"));
	if (rc == 0)
		rc = row_page_init(rows, err);
	if (rc == 0)
		rc = query_hit_events(query, &request->run, &wanted, pager_first(&page->pager),
			page->pager.per_page, gather, &gathering, err);
	if (rc == 0)
		row_page_finish(rows);
	return rc;
}

int app_hits(struct app_request *request, struct err *err)
{
	struct files files = {0};
	struct row_page rows = {0};
	struct run_info run;
	struct buf kind = {0}, variable = {0};
	struct page_hits page = {.run = &run, .rows = &rows, .line = request->number};
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	page.kind = slice_equal(app_text(request, "kind", &kind), slice_text("call")) ? EVENT_CALL
										      : EVENT_LINE;
	page.variable = app_text(request, "var", &variable);
	rc = load_file(request, &files, &page.source, err);
	if (rc == 0 && (page.line < 1 || page.line > source_text_count(page.source.code.text)))
		rc = err_set(err, ERR_NOT_FOUND, "the file has no line %" PRId64, page.line);
	if (rc == 0)
		rc = load_hits(request, &page, &rows, err);
	if (rc == 0)
		APP_SHOW(request, hits, &page);
	row_page_release(&rows);
	files_release(&files);
	run_info_release(&run);
	buf_release(&kind);
	buf_release(&variable);
	return rc;
}
