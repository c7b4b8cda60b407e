#include "web/app.h"

#include <stdlib.h>
#include <string.h>

#include "web/app_internal.h"
#include "web/asset.h"

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
	if (options->token)
		(*app)->site.token = slice_text(options->token);
	return 0;
}

void app_free(struct app *app)
{
	if (!app)
		return;
	query_close(app->query);
	free(app);
}

int app_refresh(struct app *app, struct err *err)
{
	int rc;

	if (app->query)
		return query_refresh(app->query, err);
	rc = query_open(app->options.paths, &app->query, err);
	if (rc != ERR_NOT_FOUND)
		return rc;
	err_clear(err);
	return 0;
}

int64_t app_number(const struct app_request *request, const char *name)
{
	struct buf value = {0};
	char *end;
	long long number = 0;

	if (http_query_get(request->http->query, name, &value) && value.len < 19) {
		number = strtoll(buf_string(&value), &end, 10);
		if (*end || number < 0)
			number = 0;
	}
	buf_release(&value);
	return number;
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

/* Compares in a time that does not tell how much was right. */
static bool same_secret(struct slice given, struct slice token)
{
	uint8_t difference = given.len != token.len;

	for (size_t i = 0; i < given.len; i++)
		difference |= given.data[i] ^ token.data[token.len ? i % token.len : 0];
	return token.len && !difference;
}

/* The Origin, where a browser sends one, is this very host. */
static bool same_origin(const struct http_request *http)
{
	static const char scheme[] = "http://";
	struct slice origin = http->origin;

	if (!origin.len)
		return true;
	if (origin.len < sizeof(scheme) - 1 || memcmp(origin.data, scheme, sizeof(scheme) - 1) != 0)
		return false;
	origin.data += sizeof(scheme) - 1;
	origin.len -= sizeof(scheme) - 1;
	return slice_equal(origin, http->host);
}

static int check_change(const struct app_request *request, struct err *err)
{
	struct buf token = {0};
	bool allowed = same_origin(request->http) &&
		       http_query_get(request->http->body, "token", &token) &&
		       same_secret(buf_slice(&token), request->app->site.token);

	buf_release(&token);
	return allowed ? 0
		       : err_set(err, ERR_STATE,
				 "this change did not come from a page of this server; open the "
				 "page again and do it there");
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

static void close_json(struct app_request *request)
{
	struct json *json = &request->json;

	if (!json->depth)
		return;
	json_object_end(json);
	buf_byte(json->out, '\n');
}

static void put_error(
	struct app_request *request, int status, const char *title, const char *reason)
{
	struct page_error page = {status, title, slice_text(reason)};

	request->answer->status = status;
	request->answer->content_type = "text/html; charset=utf-8";
	buf_clear(&request->answer->body);
	buf_clear(&request->answer->location);
	APP_SHOW(request, error, &page);
}

static void put_failure(struct app_request *request, const struct err *err)
{
	switch (err->code) {
	case ERR_NOT_FOUND:
		put_error(request, 404, "Not found", err->message);
		break;
	case ERR_STATE:
		put_error(request, 403, "Refused", err->message);
		break;
	default:
		put_error(request, 500, "This did not work", err->message);
	}
}

/* Names that mean this machine wherever they are asked for, with any port. */
static bool host_is_ours(struct slice host)
{
	static const char *const ours[] = {"127.0.0.1", "localhost", "[::1]"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		size_t len = strlen(ours[i]);

		if (host.len >= len && memcmp(host.data, ours[i], len) == 0 &&
			(host.len == len || host.data[len] == ':'))
			return true;
	}
	return false;
}

static void answer_request(struct app_request *request)
{
	const struct http_request *http = request->http;
	const struct route *route;
	struct err err = {0};
	bool other_method;
	int rc = 0;

	if (!host_is_ours(http->host)) {
		put_error(request, 421, "Not this server",
			"the request is for another host: this server answers for this machine "
			"by its own names only (127.0.0.1, localhost)");
		return;
	}
	if (http->path.len > PATH_MAX_BYTES || http->query.len > QUERY_MAX_BYTES) {
		put_error(request, 414, "Too long", "the address is too long");
		return;
	}
	route = app_find_route(request, &other_method);
	if (!route) {
		put_error(request, other_method ? 405 : 404,
			other_method ? "Not allowed" : "Not found",
			other_method ? "that is not done this way here" : "there is no such page");
		return;
	}
	if (route->kind == ROUTE_CHANGE)
		rc = check_change(request, &err);
	if (rc == 0)
		rc = app_refresh(request->app, &err);
	if (rc == 0)
		rc = route->page(request, &err);
	if (rc < 0)
		put_failure(request, &err);
}

static bool query_says_json(struct slice query)
{
	struct buf format = {0};
	bool json = http_query_get(query, "format", &format) &&
		    slice_equal(buf_slice(&format), slice_text("json"));

	buf_release(&format);
	return json;
}

/* /api/v1/PATH is PATH in JSON. */
static void take_api_prefix(struct app_request *request)
{
	static const char prefix[] = "/api/v1/";
	size_t len = sizeof(prefix) - 2; /* the last slash begins the path */

	request->path = request->http->path;
	request->as_json = query_says_json(request->http->query);
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

	answer->status = 200;
	answer->content_type = "text/html; charset=utf-8";
	answer->cache = "no-store";
	take_api_prefix(&request);
	answer_request(&request);
	close_json(&request);
	if (answer->body.failed)
		put_error(&request, 500, "This did not work", "out of memory");
}
