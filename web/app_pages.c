#include "web/app_internal.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/query_hits.h"
#include "materializer/query_step.h"
#include "materializer/run_text.h"
#include "web/page.h"
#include "web/page_part.h"
#include "web/view_memory.h"

#define THREADS_MAX 200
#define TREE_RUNS 50
#define CHILDREN_MAX 50 /* untraced, in the rows of one page */

static int no_run(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "no such run in this database; it may be deleted");
}

int app_load_run(struct app_request *request, struct run_info *run, struct err *err)
{
	int rc = request->app->query ? query_run(request->app->query, &request->run, run, err)
				     : no_run(err);

	request->running = rc == 0 && run->state == RUN_RUNNING;
	return rc;
}

static void filter_state(struct run_filter *filter, struct slice name)
{
	for (int state = RUN_RUNNING; state <= RUN_LOST; state++) {
		if (slice_equal(name, slice_text(run_state_name((enum run_state)state)))) {
			filter->by_state = true;
			filter->state = (enum run_state)state;
		}
	}
}

static void filter_sort(struct run_filter *filter, struct slice name)
{
	bool turned = name.len && name.data[0] == '-';

	if (turned)
		name = (struct slice){name.data + 1, name.len - 1};
	for (int sort = 0; sort < RUN_SORTS; sort++) {
		if (slice_equal(name, slice_text(page_runs_sort((enum run_sort)sort)))) {
			filter->sort = (enum run_sort)sort;
			filter->reversed = turned;
		}
	}
}

/* A page beyond the last shows the last: the number of runs is known only then. */
static int load_runs(
	struct app_request *request, struct page_runs *page, struct run_list *list, struct err *err)
{
	struct query *query = request->app->query;
	int64_t number = app_page_number(request), per_page = app_number(request, "per_page");
	int64_t first;
	int rc;

	page->pager = pager_make(INT64_MAX - PER_PAGE_MAX, number, per_page);
	first = pager_first(&page->pager);
	rc = query_run_list(query, &page->filter, first, (size_t)page->pager.per_page, list, err);
	page->pager = pager_make(list->total, number, per_page);
	if (rc < 0 || pager_first(&page->pager) == first)
		return rc;
	run_list_release(list);
	return query_run_list(query, &page->filter, pager_first(&page->pager),
		(size_t)page->pager.per_page, list, err);
}

int app_runs(struct app_request *request, struct err *err)
{
	struct buf words[5] = {{0}};
	struct run_list list = {0};
	struct page_runs page = {.list = &list};
	int rc = 0;

	page.filter.text = app_text(request, "q", &words[0]);
	page.filter.host = app_text(request, "host", &words[1]);
	page.filter.group = app_text(request, "group", &words[2]);
	filter_state(&page.filter, app_text(request, "state", &words[3]));
	filter_sort(&page.filter, app_text(request, "order", &words[4]));
	if (request->app->query) {
		page.version = query_version(request->app->query);
		rc = load_runs(request, &page, &list, err);
	} else {
		page.pager = pager_make(0, 0, 0);
	}
	if (rc == 0)
		APP_SHOW(request, runs, &page);
	run_list_release(&list);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		buf_release(&words[i]);
	return rc;
}

struct threads {
	struct thread_info *list;
	struct page_thread *names;
	size_t count;
};

static void threads_release(struct threads *threads)
{
	for (size_t i = 0; i < threads->count; i++)
		free((void *)(uintptr_t)threads->list[i].name.data);
	free(threads->list);
	free(threads->names);
}

static int add_thread(struct threads *threads, const struct thread_info *info, struct err *err)
{
	struct thread_info *list;
	struct page_thread *names;
	uint8_t *name;

	if (threads->count == THREADS_MAX)
		return 1;
	list = realloc(threads->list, (threads->count + 1) * sizeof(*list));
	if (list)
		threads->list = list;
	names = realloc(threads->names, (threads->count + 1) * sizeof(*names));
	if (names)
		threads->names = names;
	name = malloc(info->name.len + 1);
	if (!list || !names || !name) {
		free(name);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	if (info->name.len)
		memcpy(name, info->name.data, info->name.len);
	list[threads->count] = *info;
	list[threads->count].name.data = name;
	names[threads->count] = (struct page_thread){info->number, list[threads->count].name};
	threads->count++;
	return 0;
}

static int add_known(void *context, const struct thread_info *info, struct err *err)
{
	return add_thread(context, info, err);
}

static int add_named(void *context, int64_t number, struct slice name, struct err *err)
{
	struct thread_info info = {
		.number = number, .name = name, .event_count = -1, .location_count = -1};

	return add_thread(context, &info, err);
}

/* Of a run that goes on, only numbers and names are known without reading all of it. */
static int load_threads(struct app_request *request, const struct run_info *run,
	struct threads *threads, struct err *err)
{
	struct query *query = request->app->query;
	int rc = run->has_finished
			 ? query_threads(query, &run->id, add_known, threads, err)
			 : query_row_threads(query, &run->id, THREADS_MAX, add_named, threads, err);

	return rc < 0 ? rc : 0;
}

static int64_t remembered_thread(const struct app_request *request, const struct threads *threads,
	const struct view_memory *memory)
{
	for (size_t i = 0; i < threads->count && run_id_equal(&memory->run, &request->run); i++) {
		if (threads->names[i].number == memory->thread)
			return memory->thread;
	}
	return ROW_VIEW_ALL;
}

/* thread_id: a number, or a name; empty: all. Without one, what was chosen last. */
static int64_t chosen_thread(const struct app_request *request, const struct threads *threads,
	const struct view_memory *memory)
{
	struct buf text = {0};
	int64_t chosen = ROW_VIEW_ALL;
	char *end;

	if (http_query_get(request->http->query, "thread_id", &text) && text.len &&
		text.len < 200) {
		chosen = strtoll(buf_string(&text), &end, 10);
		if (*end || chosen < 0)
			chosen = ROW_VIEW_ALL;
		for (size_t i = 0; *end && i < threads->count; i++) {
			if (slice_equal(threads->names[i].name, buf_slice(&text)))
				chosen = threads->names[i].number;
		}
	}
	buf_release(&text);
	if (!http_query_get(request->http->query, "thread_id", &text))
		chosen = remembered_thread(request, threads, memory);
	buf_release(&text);
	return chosen;
}

/* Is there anything behind that name? */
static bool asks(const struct app_request *request, const char *name)
{
	struct buf value = {0};
	bool given = http_query_get(request->http->query, name, &value) && value.len;

	buf_release(&value);
	return given;
}

static int load_row_page(struct app_request *request, struct page_run *page, int64_t first,
	size_t count, struct row_page *rows, struct sources *sources, struct err *err)
{
	int rc = query_row_page(
		request->app->query, &request->run, page->thread, first, count, rows, err);

	for (size_t i = 0; rc == 0 && i < rows->count; i++) {
		if (rows->rows[i].frame >= 0)
			rc = app_source_add(request, sources, rows->rows[i].file, err);
	}
	page->rows = rows;
	page->sources = sources->list;
	page->source_count = sources->count;
	return rc;
}

int app_show_rows(struct app_request *request, const struct app_rows *part, int64_t *last_seq,
	struct err *err)
{
	struct row_page rows = {0};
	struct sources sources = {0};
	struct page_run page = {
		.run = part->run, .thread = part->view, .thread_count = part->threads};
	int rc = load_row_page(request, &page, part->first, LIVE_ROWS, &rows, &sources, err);

	*last_seq = rows.count ? rows.rows[rows.count - 1].last_seq : -1;
	if (rc == 0) {
		part_skipped(&request->html, &request->app->site, &page, part->from, part->first);
		page_run_rows(&request->html, &request->app->site, &page);
	}
	app_sources_release(&sources);
	row_page_release(&rows);
	return rc;
}

/* Exceptions and gaps on either side of the page, whatever its thread. */
static int find_notable(struct app_request *request, struct page_run *page, struct err *err)
{
	static const enum event_kind notable[] = {EVENT_EXCEPTION, EVENT_GAP};
	struct query *query = request->app->query;
	const struct row_page *rows = page->rows;
	int rc = query_kinds(query, &request->run, page->kinds, err);

	for (size_t i = 0; rc == 0 && i < sizeof(notable) / sizeof(notable[0]); i++) {
		struct hit_wanted wanted = {.kind = notable[i]};
		int64_t *before = &page->before[wanted.kind], *behind = &page->behind[wanted.kind];

		*before = *behind = -1;
		if (!page->kinds[wanted.kind] || !rows->count)
			continue;
		rc = query_next(
			query, &request->run, &wanted, rows->rows[0].first_seq, false, before, err);
		if (rc == 0)
			rc = query_next(query, &request->run, &wanted,
				rows->rows[rows->count - 1].last_seq, true, behind, err);
	}
	return rc;
}

/* Processes started in the page's rows that nobody traces. */
struct children {
	struct page_child list[CHILDREN_MAX];
	struct buf texts[CHILDREN_MAX];
	size_t count;
};

static int add_child(void *context, const struct child_untraced *child, struct err *err)
{
	struct children *children = context;
	struct page_child *to = &children->list[children->count];
	struct buf *text = &children->texts[children->count];
	size_t len;

	if (children->count == CHILDREN_MAX)
		return 1;
	argv_text(child->argv, text);
	len = text->len;
	buf_append(text, child->reason.data, child->reason.len);
	if (text->failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	*to = (struct page_child){
		child->seq, {text->data, len}, {text->data + len, text->len - len}};
	children->count++;
	return 0;
}

static int load_children(struct app_request *request, struct page_run *page,
	struct children *children, struct err *err)
{
	const struct row_page *rows = page->rows;
	int rc = 0;

	if (rows->count)
		rc = query_children_between(request->app->query, &request->run,
			rows->rows[0].first_seq, rows->rows[rows->count - 1].last_seq, add_child,
			children, err);
	page->children = children->list;
	page->child_count = children->count;
	return rc < 0 ? rc : 0;
}

/* What the run's end says that there was behind the last row of all. */
static void find_end(struct page_run *page)
{
	const struct run_info *run = page->run;
	const struct row_page *rows = page->rows;
	int64_t next = rows->count ? rows->rows[rows->count - 1].last_seq + 1 : 0;

	if (page->thread == ROW_VIEW_ALL && page->pager.page == page->pager.pages &&
		run->has_finished && run->finished.event_count > next)
		page->missing_behind = run->finished.event_count - next;
}

/* Of an event by its number: the page that has its row. */
static int find_page(struct app_request *request, struct page_run *page, struct err *err)
{
	int64_t row;
	int rc;

	if (!asks(request, "seq"))
		return 0;
	rc = query_row_in(request->app->query, &request->run, page->thread,
		app_number(request, "seq"), &row, err);
	if (rc == 0)
		page->pager = pager_make(
			page->pager.total, row / page->pager.per_page + 1, page->pager.per_page);
	return rc;
}

static int load_rows(struct app_request *request, struct page_run *page,
	const struct view_memory *memory, struct row_page *rows, struct sources *sources,
	struct err *err)
{
	struct query *query = request->app->query;
	bool again = run_id_equal(&memory->run, &request->run);
	int64_t number = !asks(request, "page") && again ? memory->page : app_page_number(request);
	int64_t total;
	int rc = query_row_count(query, &request->run, page->thread, &total, err);

	if (rc < 0)
		return rc;
	page->newest = app_asks_last(request);
	page->pager = pager_make(total, number,
		asks(request, "per_page") ? app_number(request, "per_page") : memory->per_page);
	rc = find_page(request, page, err);
	if (rc == 0)
		rc = load_row_page(request, page, pager_first(&page->pager),
			(size_t)page->pager.per_page, rows, sources, err);
	return rc == 0 ? find_notable(request, page, err) : rc;
}

/* What the browser was shown last; of programs, which ask for what they want, nothing. */
static void recall(const struct app_request *request, struct view_memory *memory)
{
	if (request->as_json ||
		!view_memory_read(request->http->cookie, request->app->board->name, memory))
		*memory = (struct view_memory){.thread = ROW_VIEW_ALL};
}

/* The newest page is none to come back to: it goes on. */
static void remember(
	struct app_request *request, const struct page_run *page, const struct view_memory *before)
{
	const struct view_memory now = {request->run, page->newest ? 1 : page->pager.page,
		page->pager.per_page, page->thread};

	if (!request->as_json && !request->app->site.report && !view_memory_equal(&now, before))
		view_memory_write(&now, request->app->board->name, &request->answer->set_cookie);
}

int app_run(struct app_request *request, struct err *err)
{
	struct run_info run;
	struct threads threads = {0};
	struct row_page rows = {0};
	struct sources sources = {0};
	struct page_run page = {.run = &run};
	struct children children = {.count = 0};
	struct view_memory memory;
	int rc;

	if (asks(request, "to"))
		return app_jump(request, err);
	recall(request, &memory);
	rc = app_load_run(request, &run, err);
	if (rc < 0)
		return rc;
	rc = load_threads(request, &run, &threads, err);
	page.threads = threads.names;
	page.thread_count = threads.count;
	page.thread = chosen_thread(request, &threads, &memory);
	if (rc == 0)
		rc = load_rows(request, &page, &memory, &rows, &sources, err);
	if (rc == 0)
		rc = load_children(request, &page, &children, err);
	if (rc == 0) {
		find_end(&page);
		remember(request, &page, &memory);
		APP_SHOW(request, run, &page);
	}
	for (size_t i = 0; i < CHILDREN_MAX; i++)
		buf_release(&children.texts[i]);
	app_sources_release(&sources);
	row_page_release(&rows);
	threads_release(&threads);
	run_info_release(&run);
	return rc;
}

int app_threads(struct app_request *request, struct err *err)
{
	struct run_info run;
	struct threads threads = {0};
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	rc = load_threads(request, &run, &threads, err);
	if (rc == 0) {
		struct page_threads page = {&run, threads.list, threads.count};

		APP_SHOW(request, threads, &page);
	}
	threads_release(&threads);
	run_info_release(&run);
	return rc;
}

static int load_tree(struct app_request *request, const struct run_info *run,
	struct run_list *children, struct run_list *group, struct err *err)
{
	struct query *query = request->app->query;
	struct run_filter filter = {.by_parent = true, .parent = run->id};
	int rc = query_run_list(query, &filter, 0, TREE_RUNS, children, err);

	filter = (struct run_filter){.group = run->started.group};
	if (rc == 0 && run->started.group.len)
		rc = query_run_list(query, &filter, 0, TREE_RUNS, group, err);
	return rc;
}

int app_tree(struct app_request *request, struct err *err)
{
	struct run_info run, parent;
	struct run_list children = {0}, group = {0};
	bool has_parent = false;
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	if (run.started.has_parent) {
		rc = query_run(request->app->query, &run.started.parent, &parent, err);
		has_parent = rc == 0;
		rc = rc == ERR_NOT_FOUND ? 0 : rc;
	}
	if (rc == 0)
		rc = load_tree(request, &run, &children, &group, err);
	if (rc == 0) {
		struct page_tree page = {&run, has_parent ? &parent : NULL, &children,
			run.started.group.len ? &group : NULL};

		APP_SHOW(request, tree, &page);
	}
	run_list_release(&children);
	run_list_release(&group);
	if (has_parent)
		run_info_release(&parent);
	run_info_release(&run);
	return rc;
}

int app_ask_delete(struct app_request *request, struct err *err)
{
	struct run_info run;
	struct page_delete page = {&run};
	int rc = request->app->site.token.len
			 ? app_load_run(request, &run, err)
			 : err_set(err, ERR_STATE, "nothing can be changed here");

	if (rc < 0)
		return rc;
	APP_SHOW(request, delete, &page);
	run_info_release(&run);
	return rc;
}
