#include "schemas/json.h"
#include "web/page_profile.h"

static void put_long(struct json *json, const char *key, int64_t value)
{
	json_key(json, key);
	json_long(json, value);
}

static void put_seconds(struct json *json, const char *key, int64_t ns)
{
	json_key(json, key);
	json_seconds(json, ns);
}

/* A share of 0 to 1 with six decimals. */
static void put_share(struct json *json, const char *key, double share)
{
	json_key(json, key);
	json_seconds(json, (int64_t)(share * 1e6 + 0.5) * 1000);
}

/* Members that say what the profile is of. */
static void put_part(struct json *json, const struct page_profile *part)
{
	const struct profile *profile = part->profile;

	json_key(json, "run");
	json_run_info(json, part->run);
	put_long(json, "calls", profile->calls);
	put_long(json, "primitive_calls", profile->primitive_calls);
	put_seconds(json, "total_time", profile->self_ns);
	put_long(json, "lost_events", profile->lost_events);
}

/* Members that name a function. */
static void put_function(
	struct json *json, const struct page_profile *part, const struct profile_function *function)
{
	json_key(json, "function");
	json_slice(json, function->name);
	json_key(json, "file");
	if (function->builtin)
		json_null(json);
	else
		json_slice(json, function->file);
	put_long(json, "line", function->line);
	json_key(json, "signature");
	for (size_t i = 0; i < part->source_count; i++) {
		if (!function->builtin && part->sources[i].there &&
			slice_equal(part->sources[i].path, function->file)) {
			json_text(json, part->sources[i].signature);
			return;
		}
	}
	json_null(json);
}

void json_stats(struct json *json, const struct page_stats *page)
{
	int64_t first = pager_first(&page->pager), end = first + page->pager.per_page;

	put_part(json, &page->part);
	json_key(json, "sort");
	json_text(json, page->list->sort->key);
	json_pager(json, &page->pager);
	json_key(json, "functions");
	json_array_begin(json);
	for (int64_t i = first; i < end && i < (int64_t)page->list->count; i++) {
		const struct profile_function *function =
			&page->part.profile->functions[page->list->functions[i]];

		json_object_begin(json);
		put_function(json, &page->part, function);
		put_long(json, "ncalls", function->times.calls);
		put_long(json, "primitive_calls", function->times.primitive_calls);
		put_seconds(json, "tottime", function->times.self_ns);
		put_seconds(json, "cumtime", function->times.cumulative_ns);
		json_object_end(json);
	}
	json_array_end(json);
}

void json_graph(struct json *json, const struct page_graph *page)
{
	const struct call_graph *graph = page->graph;

	put_part(json, &page->part);
	put_share(json, "node_share", page->limits.node_share);
	put_share(json, "edge_share", page->limits.edge_share);
	json_key(json, "cut");
	json_boolean(json, graph->cut);
	json_key(json, "nodes");
	json_array_begin(json);
	for (size_t i = 0; i < graph->node_count; i++) {
		json_object_begin(json);
		put_function(
			json, &page->part, &graph->profile->functions[graph->nodes[i].function]);
		put_share(json, "total", graph->nodes[i].total);
		put_share(json, "self", graph->nodes[i].self);
		put_long(json, "calls", graph->nodes[i].calls);
		json_object_end(json);
	}
	json_array_end(json);
	json_key(json, "edges");
	json_array_begin(json);
	for (size_t i = 0; i < graph->edge_count; i++) {
		json_object_begin(json);
		put_long(json, "caller", graph->edges[i].caller);
		put_long(json, "callee", graph->edges[i].callee);
		put_share(json, "total", graph->edges[i].total);
		put_long(json, "calls", graph->edges[i].calls);
		json_object_end(json);
	}
	json_array_end(json);
}

/* The boxes of the picture: x and width are shares. */
void json_flame(struct json *json, const struct page_flame *page)
{
	const struct profile *profile = page->part.profile;

	put_part(json, &page->part);
	json_key(json, "thread");
	profile->thread < 0 ? json_null(json) : json_long(json, profile->thread);
	json_key(json, "root");
	page->root == PROFILE_NONE ? json_null(json) : json_long(json, page->root);
	put_seconds(json, "time", page->flame->ns);
	json_key(json, "cut");
	json_boolean(json, page->flame->cut);
	json_key(json, "boxes");
	json_array_begin(json);
	for (size_t i = 0; i < page->flame->count; i++) {
		const struct flame_box *box = &page->flame->boxes[i];
		const struct profile_node *node;

		if (box->node == PROFILE_NONE)
			continue;
		node = &profile->nodes[box->node];
		json_object_begin(json);
		put_long(json, "node", box->node);
		json_key(json, "parent");
		node->parent == PROFILE_NONE ? json_null(json) : json_long(json, node->parent);
		put_long(json, "level", box->level);
		put_share(json, "x", box->x);
		put_share(json, "width", box->width);
		put_long(json, "calls", node->calls);
		put_seconds(json, "self", node->self_ns);
		put_seconds(json, "cumulative", node->cumulative_ns);
		if (node->function != PROFILE_NONE)
			put_function(json, &page->part, &profile->functions[node->function]);
		json_object_end(json);
	}
	json_array_end(json);
}
