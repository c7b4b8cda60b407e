#include <stdlib.h>
#include <string.h>

#include "web/app_internal.h"
#include "web/page_profile.h"

/* What fits into a page, and what Graphviz lays out in a moment. */
#define GRAPH_NODES 150
#define GRAPH_EDGES 300

/* What the pages of a profile are made of. */
struct loaded {
	struct run_info run;
	const struct profile *profile;
	struct profile own;
	struct page_source *sources;
	size_t source_count, source_cap;
};

static void loaded_release(struct loaded *loaded)
{
	free(loaded->sources);
	profile_release(&loaded->own);
	run_info_release(&loaded->run);
}

int app_load_profile(struct app_request *request, const char *thread, struct profile *own,
	const struct profile **profile, struct err *err)
{
	struct app *app = request->app;
	int rc;

	*own = (struct profile){0};
	if (thread || !app->site.report) {
		*profile = own;
		return query_profile(app->query, &request->run, thread, own, err);
	}
	*profile = &app->reported;
	if (app->reported.memory)
		return 0;
	rc = query_profile(app->query, &request->run, NULL, &app->reported, err);
	if (rc < 0)
		profile_release(&app->reported);
	return rc;
}

/* Of the thread that is asked for. */
static int load(struct app_request *request, struct loaded *loaded, struct err *err)
{
	struct buf text = {0};
	const char *thread = NULL;
	int rc;

	*loaded = (struct loaded){0};
	if (http_query_get(request->http->query, "thread_id", &text) && text.len)
		thread = buf_string(&text);
	rc = app_load_run(request, &loaded->run, err);
	if (rc == 0)
		rc = app_load_profile(request, thread, &loaded->own, &loaded->profile, err);
	buf_release(&text);
	return rc;
}

/* Where the function's file is, for links: no text. */
static int add_source(struct app_request *request, struct loaded *loaded,
	const struct profile_function *function, struct err *err)
{
	struct page_source source = {.path = function->file};
	struct file_info file;
	int rc;

	if (function->builtin)
		return 0;
	for (size_t i = loaded->source_count; i > 0; i--)
		if (slice_equal(loaded->sources[i - 1].path, function->file))
			return 0;
	if (loaded->source_count == loaded->source_cap) {
		size_t cap = loaded->source_cap ? loaded->source_cap * 2 : 16;
		struct page_source *sources = realloc(loaded->sources, cap * sizeof(*sources));

		if (!sources)
			return err_set(err, ERR_MEMORY, "out of memory");
		loaded->sources = sources;
		loaded->source_cap = cap;
	}
	rc = query_file(request->app->query, &request->run, function->file, &file, err);
	if (rc == 1) {
		source.there = true;
		memcpy(source.signature, file.signature, sizeof(source.signature));
	}
	loaded->sources[loaded->source_count++] = source;
	return rc < 0 ? rc : 0;
}

static struct page_profile part_of(const struct loaded *loaded)
{
	return (struct page_profile){
		&loaded->run, loaded->profile, loaded->sources, loaded->source_count};
}

/* The functions whose place or name has the text, whatever its case. */
static void keep_matching(struct profile_list *list, const char *text)
{
	struct buf name = {0};
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		buf_clear(&name);
		profile_function_text(&list->profile->functions[list->functions[i]], &name);
		if (strcasestr(buf_string(&name), text))
			list->functions[kept++] = list->functions[i];
	}
	list->count = kept;
	buf_release(&name);
}

static int show_stats(struct app_request *request, struct loaded *loaded, struct page_stats *page,
	struct profile_list *list, struct err *err)
{
	int64_t per_page = app_number(request, "per_page"), first;
	int rc = 0;

	page->pager = pager_make(
		(int64_t)list->count, app_page_number(request), per_page ? per_page : PER_PAGE_MAX);
	if (request->app->site.report)
		page->pager.per_page = (int64_t)list->count;
	first = pager_first(&page->pager);
	for (int64_t i = first;
		rc == 0 && i < first + page->pager.per_page && i < (int64_t)list->count; i++)
		rc = add_source(
			request, loaded, &loaded->profile->functions[list->functions[i]], err);
	page->part = part_of(loaded);
	page->list = list;
	if (rc == 0)
		APP_SHOW(request, stats, page);
	return rc;
}

int app_stats(struct app_request *request, struct err *err)
{
	struct buf filter = {0}, key = {0};
	struct profile_list list = {0};
	struct page_stats page = {0};
	const struct profile_sort *sort;
	struct loaded loaded;
	int rc = load(request, &loaded, err);

	http_query_get(request->http->query, "sort", &key);
	sort = profile_sort_find(key.len ? buf_string(&key) : STATS_KEY);
	http_query_get(request->http->query, "q", &filter);
	page.filter = buf_slice(&filter);
	if (rc == 0)
		rc = profile_list_init(
			&list, loaded.profile, sort ? sort : profile_sort_find(STATS_KEY), err);
	if (rc == 0 && filter.len)
		keep_matching(&list, buf_string(&filter));
	if (rc == 0)
		rc = show_stats(request, &loaded, &page, &list, err);
	profile_list_release(&list);
	loaded_release(&loaded);
	buf_release(&filter);
	buf_release(&key);
	return rc;
}

/* A share given in percent. */
static double share_of(const struct app_request *request, const char *name, double usual)
{
	struct buf text = {0};
	double share = usual;
	char *end;

	if (http_query_get(request->http->query, name, &text) && text.len && text.len < 20) {
		share = strtod(buf_string(&text), &end) / 100;
		if (*end || !(share >= 0) || share > 1)
			share = usual;
	}
	buf_release(&text);
	return share;
}

static int lay_out(const struct call_graph *graph, struct graph_layout *layout, struct err *err)
{
	size_t *chars = calloc(graph->node_count + 1, sizeof(*chars));
	int rc;

	if (!chars)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < graph->node_count; i++)
		chars[i] = page_graph_chars(graph, i);
	rc = graph_layout_init(layout, graph, chars, PAGE_GRAPH_EDGE_CHARS, err);
	free(chars);
	return rc;
}

static int show_graph(struct app_request *request, struct loaded *loaded, struct page_graph *page,
	struct err *err)
{
	struct graph_layout layout = {0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < page->graph->node_count; i++)
		rc = add_source(request, loaded,
			&loaded->profile->functions[page->graph->nodes[i].function], err);
	if (rc == 0 && !request->as_json && page->graph->node_count) {
		rc = lay_out(page->graph, &layout, err);
		page->layout = rc == 0 ? &layout : NULL;
	}
	/* The table tells the same. */
	if (rc == ERR_STATE) {
		err_clear(err);
		rc = 0;
	}
	page->part = part_of(loaded);
	if (rc == 0)
		APP_SHOW(request, graph, page);
	graph_layout_release(&layout);
	return rc;
}

int app_graph(struct app_request *request, struct err *err)
{
	struct call_graph graph = {0};
	struct page_graph page = {.graph = &graph,
		.limits = {share_of(request, "node_percent", CALL_GRAPH_NODE_SHARE),
			share_of(request, "edge_percent", CALL_GRAPH_EDGE_SHARE), GRAPH_NODES,
			GRAPH_EDGES}};
	struct buf size = {0};
	struct loaded loaded;
	int rc = load(request, &loaded, err);

	http_query_get(request->http->query, "size", &size);
	page.full = slice_equal(buf_slice(&size), slice_text("full"));
	if (rc == 0)
		rc = call_graph_init(&graph, loaded.profile, &page.limits, err);
	if (rc == 0)
		rc = show_graph(request, &loaded, &page, err);
	call_graph_release(&graph);
	loaded_release(&loaded);
	buf_release(&size);
	return rc;
}

static int show_flame(struct app_request *request, struct loaded *loaded, struct page_flame *page,
	struct err *err)
{
	uint32_t zooms[FLAME_ZOOMS_MAX];
	struct flame flame = {0};
	int rc = flame_init(&flame, loaded->profile, page->root, err);

	page->flame = &flame;
	page->zooms = zooms;
	if (request->app->site.report)
		page->zoom_count = flame_zooms(loaded->profile, zooms);
	page->part = part_of(loaded);
	if (rc == 0)
		APP_SHOW(request, flame, page);
	flame_release(&flame);
	return rc;
}

int app_flame(struct app_request *request, struct err *err)
{
	struct buf word = {0};
	struct page_flame page = {.root = PROFILE_NONE};
	struct loaded loaded;
	int64_t node = -1;
	int rc;

	http_query_get(request->http->query, "view", &word);
	page.icicle = slice_equal(buf_slice(&word), slice_text("icicle"));
	buf_clear(&word);
	if (http_query_get(request->http->query, "node", &word) && word.len)
		node = strtoll(buf_string(&word), NULL, 10);
	rc = load(request, &loaded, err);
	if (rc == 0 && node >= (int64_t)loaded.profile->node_count)
		rc = err_set(err, ERR_NOT_FOUND, "the run has no such path of calls");
	if (rc == 0 && node >= 0)
		page.root = (uint32_t)node;
	if (rc == 0)
		rc = show_flame(request, &loaded, &page, err);
	loaded_release(&loaded);
	buf_release(&word);
	return rc;
}
