#include "web/app_internal.h"

#include <string.h>

static const struct route routes[] = {
	{ROUTE_PLAIN, "/", app_root},
	{ROUTE_PAGE, "/runs", app_runs},
	{ROUTE_PLAIN, "/runs/live", app_live_list},
	{ROUTE_PLAIN, "/runs/RUN/live", app_live_run},
	{ROUTE_PAGE, "/runs/RUN", app_run},
	{ROUTE_PAGE, "/runs/RUN/at/NUMBER", app_event},
	{ROUTE_PAGE, "/runs/RUN/files", app_files},
	{ROUTE_PAGE, "/runs/RUN/files/SIGNATURE", app_file},
	{ROUTE_PAGE, "/runs/RUN/files/SIGNATURE/lines/NUMBER", app_hits},
	{ROUTE_PAGE, "/runs/RUN/search", app_search},
	{ROUTE_PAGE, "/runs/RUN/threads", app_threads},
	{ROUTE_PAGE, "/runs/RUN/stats", app_stats},
	{ROUTE_PAGE, "/runs/RUN/stats/graph", app_graph},
	{ROUTE_PAGE, "/runs/RUN/stats/flame", app_flame},
	{ROUTE_PAGE, "/runs/RUN/tree", app_tree},
	{ROUTE_PAGE, "/runs/RUN/delete", app_ask_delete},
	{ROUTE_CHANGE, "/runs/RUN/delete", app_delete},
	{ROUTE_PAGE, "/about", app_about},
	{ROUTE_PAGE, "/help", app_help},
	{ROUTE_OPEN, "/static/ASSET", app_asset},
	{ROUTE_OPEN, "/healthz", app_health},
	{ROUTE_PLAIN, "/metrics", app_metrics},
	{ROUTE_OPEN, "/login", app_ask_login},
	{ROUTE_FORM, "/login", app_login},
	{ROUTE_CHANGE, "/logout", app_logout},
};
#define ROUTES (sizeof(routes) / sizeof(routes[0]))
_Static_assert(ROUTES + 2 <= BOARD_ROUTES, "all are counted");

/* Paths of a schema registry: what begins with one of these. */
static const struct route registry = {ROUTE_PLAIN, "registry", app_registry};
static const char *const registry_parts[] = {
	"schemas", "subjects", "config", "mode", "contexts", "compatibility", "apis"};

/* Takes the part up to the next '/' off the front. */
static struct slice next_part(struct slice *path)
{
	struct slice part = {path->data, 0};

	while (part.len < path->len && path->data[part.len] != '/')
		part.len++;
	path->data += part.len;
	path->len -= part.len;
	if (path->len) {
		path->data++;
		path->len--;
	}
	return part;
}

static bool is_number(struct slice part, int64_t *number)
{
	if (part.len == 0 || part.len > 18)
		return false;
	*number = 0;
	for (size_t i = 0; i < part.len; i++) {
		if (part.data[i] < '0' || part.data[i] > '9')
			return false;
		*number = *number * 10 + (part.data[i] - '0');
	}
	return true;
}

static bool part_matches(struct app_request *request, struct slice pattern, struct slice part)
{
	if (slice_equal(pattern, slice_text("RUN")))
		return run_id_parse(&request->run, part);
	if (slice_equal(pattern, slice_text("NUMBER")))
		return is_number(part, &request->number);
	if (slice_equal(pattern, slice_text("SIGNATURE"))) {
		request->signature = part;
		return part.len == FILE_SIGNATURE_BYTES - 1;
	}
	if (slice_equal(pattern, slice_text("ASSET"))) {
		request->asset = part;
		return part.len != 0;
	}
	return slice_equal(pattern, part);
}

static bool path_matches(struct app_request *request, const char *route)
{
	struct slice pattern = slice_text(route), path = request->path;

	do {
		if (!part_matches(request, next_part(&pattern), next_part(&path)))
			return false;
	} while (pattern.len && path.len);
	return !pattern.len && !path.len;
}

static bool is_of_registry(const struct app_request *request)
{
	struct slice path = request->http->path, part;

	if (!request->app->options.topic_prefix)
		return false;
	next_part(&path);
	part = next_part(&path);
	for (size_t i = 0; i < sizeof(registry_parts) / sizeof(registry_parts[0]); i++) {
		if (slice_equal(part, slice_text(registry_parts[i])))
			return true;
	}
	return false;
}

size_t app_route_number(const struct route *route)
{
	return !route ? ROUTES + 1 : route == &registry ? ROUTES : (size_t)(route - routes);
}

static bool is_post(const struct route *route)
{
	return route->kind == ROUTE_CHANGE || route->kind == ROUTE_FORM;
}

const char *app_route_name(size_t number, const char **method)
{
	static const char *const names[] = {"registry", "none"};

	*method = number >= ROUTES ? "any" : is_post(&routes[number]) ? "POST" : "GET";
	if (number < ROUTES)
		return routes[number].path;
	return number < ROUTES + 2 ? names[number - ROUTES] : NULL;
}

const struct route *app_find_route(struct app_request *request, bool *other_method)
{
	const char *method = request->http->method;
	bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	bool post = strcmp(method, "POST") == 0;

	*other_method = false;
	if (is_of_registry(request))
		return &registry;
	for (size_t i = 0; i < ROUTES; i++) {
		if (!path_matches(request, routes[i].path))
			continue;
		if (is_post(&routes[i]) ? post : get)
			return &routes[i];
		*other_method = true;
	}
	return NULL;
}
