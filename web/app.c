#include "web/app.h"

#include <stdlib.h>
#include <string.h>

#include "web/app_internal.h"
#include "web/asset.h"
#include "web/page.h"

#define PATH_MAX_BYTES 1000
#define QUERY_MAX_BYTES 2000

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

/* A database that nothing has been recorded in yet is an empty one. */
static int bring_up_to_date(struct app *app, struct err *err)
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

static int redirect_to_runs(struct app_request *request, struct err *err)
{
	(void)err;
	request->answer->status = 302;
	buf_text(&request->answer->location, "/runs");
	return 0;
}

static int show_about(struct app_request *request, struct err *err)
{
	(void)err;
	page_about(&request->html, &request->app->site);
	return 0;
}

static int show_help(struct app_request *request, struct err *err)
{
	(void)err;
	page_help(&request->html, &request->app->site);
	return 0;
}

static int send_style(struct app_request *request, struct err *err)
{
	(void)err;
	request->answer->content_type = "text/css; charset=utf-8";
	request->answer->cache = "max-age=3600";
	request->answer->fixed = asset_style();
	return 0;
}

static int send_health(struct app_request *request, struct err *err)
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

static int delete_run(struct app_request *request, struct err *err)
{
	struct app *app = request->app;
	struct buf token = {0};
	bool allowed = same_origin(request->http) &&
		       http_query_get(request->http->body, "token", &token) &&
		       same_secret(buf_slice(&token), app->site.token);
	struct run_info info;
	int rc;

	buf_release(&token);
	if (!allowed)
		return err_set(err, ERR_STATE,
			"this change did not come from a page of this server; open the run "
			"again and delete it there");
	rc = app->query ? query_run(app->query, &request->run, &info, err)
			: err_set(err, ERR_NOT_FOUND, "no such run");
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

/* The table. RUN, NUMBER and SIGNATURE stand for themselves in upper case. */
static const struct route {
	const char *method;
	const char *path;
	app_page *page;
} routes[] = {
	{"GET", "/", redirect_to_runs},
	{"GET", "/runs", app_runs},
	{"GET", "/runs/RUN", app_run},
	{"GET", "/runs/RUN/at/NUMBER", app_event},
	{"GET", "/runs/RUN/files", app_files},
	{"GET", "/runs/RUN/files/SIGNATURE", app_file},
	{"GET", "/runs/RUN/threads", app_threads},
	{"GET", "/runs/RUN/tree", app_tree},
	{"GET", "/runs/RUN/delete", app_ask_delete},
	{"POST", "/runs/RUN/delete", delete_run},
	{"GET", "/about", show_about},
	{"GET", "/help", show_help},
	{"GET", "/assets/smiley.css", send_style},
	{"GET", "/healthz", send_health},
};
#define ROUTES (sizeof(routes) / sizeof(routes[0]))

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
	return slice_equal(pattern, part);
}

static bool path_matches(struct app_request *request, const char *route)
{
	struct slice pattern = slice_text(route), path = request->http->path;

	do {
		if (!part_matches(request, next_part(&pattern), next_part(&path)))
			return false;
	} while (pattern.len && path.len);
	return !pattern.len && !path.len;
}

static const struct route *find_route(struct app_request *request, bool *other_method)
{
	const char *method = request->http->method;

	*other_method = false;
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (size_t i = 0; i < ROUTES; i++) {
		if (!path_matches(request, routes[i].path))
			continue;
		if (strcmp(method, routes[i].method) == 0)
			return &routes[i];
		*other_method = true;
	}
	return NULL;
}

static void put_error(
	struct app_request *request, int status, const char *title, const char *reason)
{
	struct page_error page = {status, title, slice_text(reason)};

	request->answer->status = status;
	request->answer->content_type = "text/html; charset=utf-8";
	buf_clear(&request->answer->body);
	buf_clear(&request->answer->location);
	page_error(&request->html, &request->app->site, &page);
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
	int rc;

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
	route = find_route(request, &other_method);
	if (!route) {
		put_error(request, other_method ? 405 : 404,
			other_method ? "Not allowed" : "Not found",
			other_method ? "that is not done this way here" : "there is no such page");
		return;
	}
	rc = bring_up_to_date(request->app, &err);
	if (rc == 0)
		rc = route->page(request, &err);
	if (rc < 0)
		put_failure(request, &err);
}

void app_answer(void *context, const struct http_request *http, struct http_answer *answer)
{
	struct app_request request = {
		.http = http, .app = context, .html = {&answer->body}, .answer = answer};

	answer->status = 200;
	answer->content_type = "text/html; charset=utf-8";
	answer->cache = "no-store";
	answer_request(&request);
	if (answer->body.failed)
		put_error(&request, 500, "This did not work", "out of memory");
}
