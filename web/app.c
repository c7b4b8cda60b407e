#include "web/app.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/now.h"
#include "web/app_internal.h"
#include "web/asset.h"
#include "web/param.h"
#include "web/registry.h"

#define PATH_MAX_BYTES 1000
#define QUERY_MAX_BYTES 2000
#define API_VERSION 1

int app_new(const struct app_options *options, struct app **app, struct err *err)
{
	*app = calloc(1, sizeof(**app));
	if (!*app)
		return err_set(err, ERR_MEMORY, "out of memory");
	(*app)->options = *options;
	(*app)->site.version = options->version;
	(*app)->site.report = options->report;
	(*app)->site.title = options->title;
	(*app)->site.first_page = options->first_page;
	(*app)->site.last_page = options->last_page;
	if (!(*app)->options.path_count)
		(*app)->options.path_count = 1;
	(*app)->joined = calloc((*app)->options.path_count, sizeof(bool));
	(*app)->sources = source_cache_new();
	(*app)->board = options->board ? options->board : board_open(-1, err);
	if ((*app)->joined && (*app)->sources && (*app)->board)
		return 0;
	app_free(*app);
	*app = NULL;
	return err_set(err, ERR_MEMORY, "out of memory");
}

void app_free(struct app *app)
{
	if (!app)
		return;
	query_close(app->query);
	if (!app->options.board)
		board_close(app->board);
	free(app->joined);
	source_cache_free(app->sources);
	free(app->lossy);
	profile_release(&app->reported);
	free(app);
}

struct slice app_text(const struct app_request *request, const char *name, struct buf *text)
{
	struct slice value;

	http_query_get(request->http->query, name, text);
	value = buf_slice(text);
	if (value.len > PARAM_TEXT_BYTES)
		value.len = PARAM_TEXT_BYTES;
	return value;
}

int64_t app_number_or(const struct app_request *request, const char *name, int64_t other)
{
	struct buf value = {0};
	char *end;
	long long number = other;

	if (http_query_get(request->http->query, name, &value) && value.len && value.len < 19) {
		number = strtoll(buf_string(&value), &end, 10);
		if (*end)
			number = other;
	}
	buf_release(&value);
	return number;
}

int64_t app_number(const struct app_request *request, const char *name)
{
	int64_t number = app_number_or(request, name, 0);

	return number < 0 ? 0 : number;
}

bool app_asks_last(const struct app_request *request)
{
	struct buf value = {0};
	bool last = http_query_get(request->http->query, "page", &value) &&
		    slice_equal(buf_slice(&value), slice_text("last"));

	buf_release(&value);
	return last;
}

int64_t app_page_number(const struct app_request *request)
{
	return app_asks_last(request) ? INT64_MAX : app_number(request, "page");
}

int app_root(struct app_request *request, struct err *err)
{
	(void)err;
	request->answer->status = 302;
	buf_text(&request->answer->location, "/runs");
	return 0;
}

int app_about(struct app_request *request, struct err *err)
{
	const struct site *site = &request->app->site;

	(void)err;
	if (request->as_json)
		json_about(app_json(request), site);
	else
		page_about(&request->html, site);
	return 0;
}

int app_help(struct app_request *request, struct err *err)
{
	const struct site *site = &request->app->site;

	(void)err;
	if (request->as_json)
		json_about(app_json(request), site);
	else
		page_help(&request->html, site);
	return 0;
}

/* The name changes with what is in it: a browser may keep it for good. */
int app_asset(struct app_request *request, struct err *err)
{
	struct asset asset;

	if (!asset_find(request->asset, &asset))
		return err_set(err, ERR_NOT_FOUND, "there is no such file");
	request->answer->content_type = asset.content_type;
	request->answer->cache = "public, max-age=31536000, immutable";
	request->answer->fixed = asset.bytes;
	return 0;
}

int app_health(struct app_request *request, struct err *err)
{
	(void)err;
	request->answer->content_type = "text/plain; charset=utf-8";
	buf_text(&request->answer->body, "ok\n");
	return 0;
}

int app_registry(struct app_request *request, struct err *err)
{
	struct registry registry = {request->app->options.topic_prefix};

	(void)err;
	registry_answer(&registry, request->http, request->answer);
	return 0;
}

int app_delete(struct app_request *request, struct err *err)
{
	struct app *app = request->app;
	struct run_info info;
	int rc = app_load_run(request, &info, err);

	if (rc < 0)
		return rc;
	run_info_release(&info);
	rc = app->options.delete_run(app->options.context, &request->run, err);
	if (rc < 0)
		return rc;
	request->answer->status = 303;
	buf_text(&request->answer->location, "/runs");
	return 0;
}

/* Closed by close_json(). */
struct json *app_json(struct app_request *request)
{
	request->answer->content_type = "application/json";
	json_init(&request->json, &request->answer->body, 0);
	json_object_begin(&request->json);
	json_key(&request->json, "api_version");
	json_long(&request->json, API_VERSION);
	return &request->json;
}

void app_put_error(struct app_request *request, int status, const char *title, const char *reason)
{
	struct page_error page = {status, title, slice_text(reason)};

	request->answer->status = status;
	request->answer->live = false;
	request->answer->content_type = "text/html; charset=utf-8";
	buf_clear(&request->answer->body);
	buf_clear(&request->answer->location);
	APP_SHOW(request, error, &page);
}

static void put_failure(struct app_request *request, const struct err *err)
{
	switch (err->code) {
	case ERR_NOT_FOUND:
		app_put_error(request, 404, "Not found", err->message);
		break;
	case ERR_USAGE:
		app_put_error(request, 400, "That makes no sense", err->message);
		break;
	case ERR_STATE:
		app_put_error(request, 403, "Refused", err->message);
		break;
	case ERR_BUSY:
		app_put_error(request, 503, "Busy", err->message);
		break;
	default:
		app_put_error(request, 500, "This did not work", err->message);
	}
}

static void close_json(struct app_request *request)
{
	struct json *json = &request->json;
	struct err err = {0};

	if (!json->depth)
		return;
	if (request->answer->status == 200 && app_json_freshness(request, &err) < 0)
		put_failure(request, &err);
	json_object_end(json);
	buf_byte(json->out, '\n');
}

/* What no loading is needed for. False: it has been answered. */
static bool check_form(struct app_request *request)
{
	const struct http_request *http = request->http;
	struct err err = {0};

	if (!app_host_is_ours(&request->app->options, http->host)) {
		app_put_error(request, 421, "Not this server",
			"the request is for another host: this server answers for this machine by "
			"its own names only (127.0.0.1, localhost), and by those of --allow-host");
		return false;
	}
	if (http->path.len > PATH_MAX_BYTES || http->query.len > QUERY_MAX_BYTES) {
		app_put_error(request, 414, "Too long", "the address is too long");
		return false;
	}
	if (param_check(http->query, request->as_json, &err) < 0) {
		put_failure(request, &err);
		return false;
	}
	return true;
}

/* The token that this request's page carries: that of its session, or the server's. */
static void set_site(struct app *app, enum app_who who)
{
	bool session = who == WHO_BROWSER;

	app->site.session = session;
	app->site.token = slice_text(!app->options.token  ? ""
				     : session            ? app->session_token
				     : who == WHO_ANYBODY ? app->options.token
							  : "");
}

/* Between two looks the writer may have taken a file away that was not open yet. */
static int try_again(struct app_request *request, const struct route *route, struct err *err)
{
	int rc;

	err_clear(err);
	buf_clear(&request->answer->body);
	request->json.depth = 0;
	rc = query_refresh(request->app->query, err);
	return rc == 0 ? route->page(request, err) : rc;
}

static void answer_route(struct app_request *request, const struct route *route)
{
	struct err err = {0}, why = {0};
	enum app_who who = app_who(request, &why);
	int rc = 0;

	set_site(request->app, who);
	if (who == WHO_NOBODY && route->kind != ROUTE_OPEN && route->kind != ROUTE_FORM) {
		app_refuse_nobody(request, route, &why);
		return;
	}
	source_cache_begin(request->app->sources);
	if (route->kind == ROUTE_CHANGE || route->kind == ROUTE_FORM)
		rc = app_check_change(request, who, route->kind, &err);
	if (rc == 0)
		rc = app_refresh(request->app, &err);
	if (rc == 0)
		rc = route->page(request, &err);
	if (rc == ERR_STORE)
		rc = try_again(request, route, &err);
	if (rc < 0)
		put_failure(request, &err);
}

/* Returns the route, NULL: there is none. */
static const struct route *answer_request(struct app_request *request)
{
	const struct route *route;
	bool other_method;

	if (!check_form(request))
		return NULL;
	route = app_find_route(request, &other_method);
	if (route)
		answer_route(request, route);
	else if (other_method)
		app_put_error(request, 405, "Not allowed", "that is not done this way here");
	else
		app_put_error(request, 404, "Not found", "there is no such page");
	return route;
}

/* ?format= says it, else the Accept header of a program. */
static bool asks_for_json(const struct http_request *http)
{
	struct buf value = {0};
	bool json, said = http_query_get(http->query, "format", &value) && value.len;

	json = said ? slice_equal(buf_slice(&value), slice_text("json"))
		    : http_accepts(http->accept, "application/json") &&
			       !http_accepts(http->accept, "text/html");
	buf_release(&value);
	return json;
}

/* /api/v1/PATH is PATH in JSON. */
static void take_api_prefix(struct app_request *request)
{
	static const char prefix[] = "/api/v1/";
	size_t len = sizeof(prefix) - 2; /* the last slash begins the path */

	request->path = request->http->path;
	request->as_json = asks_for_json(request->http);
	if (request->path.len <= len || memcmp(request->path.data, prefix, len + 1) != 0)
		return;
	request->path.data += len;
	request->path.len -= len;
	request->as_json = true;
}

void app_answer(void *context, const struct http_request *http, struct http_answer *answer)
{
	struct app_request request = {
		.http = http, .app = context, .html = {&answer->body}, .answer = answer};
	const struct route *route;
	int64_t start_ns = monotonic_ns(), start_cpu_ns = thread_cpu_ns();

	answer->status = 200;
	answer->content_type = "text/html; charset=utf-8";
	answer->cache = "no-store";
	take_api_prefix(&request);
	route = answer_request(&request);
	close_json(&request);
	if (answer->body.failed)
		app_put_error(&request, 500, "This did not work", "out of memory");
	answer->time_ns = monotonic_ns() - start_ns;
	answer->cpu_ns = thread_cpu_ns() - start_cpu_ns;
	board_count(request.app->board, app_route_number(route), answer->status, answer->time_ns,
		answer->fixed.len ? answer->fixed.len : answer->body.len);
}
