/*
 * app_auth: who may ask. A server that others can reach has a secret; a program sends it with
 * each request (Authorization: Bearer), a browser once, by a form, and has a session then.
 */
#include "web/app_internal.h"

#include <string.h>

#include "web/param.h"
#include "web/session.h"

#define COOKIE "smiley_session_"

static bool begins(struct slice text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.data, with, len) == 0;
}

static struct slice behind(struct slice text, size_t len)
{
	return (struct slice){text.data + len, text.len - len};
}

/* The cookie of this server's name; empty: there is none. */
static struct slice session_cookie(const struct app_request *request)
{
	struct slice left = request->http->cookie;
	char name[sizeof(COOKIE) + sizeof(request->app->board->name)];

	strcpy(name, COOKIE);
	strcat(name, request->app->board->name);
	strcat(name, "=");
	while (left.len) {
		const uint8_t *end = memchr(left.data, ';', left.len);
		struct slice one = {left.data, end ? (size_t)(end - left.data) : left.len};

		left = behind(left, end ? one.len + 1 : one.len);
		while (left.len && left.data[0] == ' ')
			left = behind(left, 1);
		if (begins(one, name))
			return behind(one, strlen(name));
	}
	return slice_text("");
}

/* 0: it is the secret. */
static int check_secret(struct app_request *request, struct slice given, struct err *err)
{
	struct app *app = request->app;

	if (!session_may_try(app->board))
		return err_set(err, ERR_LIMIT, "too many wrong secrets; try again in a minute");
	if (secret_equal(given, slice_text(app->options.secret)))
		return 0;
	session_note_failure(app->board);
	return err_set(err, ERR_STATE, "that is not this server's secret");
}

enum app_who app_who(struct app_request *request, struct err *err)
{
	static const char bearer[] = "Bearer ";
	struct app *app = request->app;
	const struct board_session *session;

	if (!app->options.secret)
		return WHO_ANYBODY;
	if (begins(request->http->authorization, bearer))
		return check_secret(request,
			       behind(request->http->authorization, sizeof(bearer) - 1), err)
			       ? WHO_NOBODY
			       : WHO_PROGRAM;
	session = session_find(app->board, session_cookie(request));
	if (!session)
		return WHO_NOBODY;
	memcpy(app->session_token, session->token, sizeof(app->session_token));
	return WHO_BROWSER;
}

/* The Origin, where a browser sends one, is this very host; a proxy may speak TLS for us. */
static bool same_origin(const struct http_request *http)
{
	struct slice origin = http->origin;

	if (http->fetch_site.len && !slice_equal(http->fetch_site, slice_text("same-origin")))
		return false;
	if (!origin.len)
		return true;
	if (begins(origin, "http://"))
		origin = behind(origin, sizeof("http://") - 1);
	else if (begins(origin, "https://"))
		origin = behind(origin, sizeof("https://") - 1);
	return slice_equal(origin, http->host);
}

int app_check_change(
	const struct app_request *request, enum app_who who, enum route_kind kind, struct err *err)
{
	struct buf token = {0};
	bool allowed = same_origin(request->http);

	/* No page of others can have a browser send the secret. */
	if (kind == ROUTE_CHANGE && who != WHO_PROGRAM)
		allowed = allowed && http_query_get(request->http->body, "token", &token) &&
			  secret_equal(buf_slice(&token), request->app->site.token);
	if (!request->app->options.token)
		allowed = false;
	buf_release(&token);
	return allowed ? 0
		       : err_set(err, ERR_STATE,
				 "this change did not come from a page of this server; open the "
				 "page again and do it there");
}

/* host is NAME, or NAME with a port. */
static bool is_host(struct slice host, struct slice name)
{
	return name.len && host.len >= name.len && memcmp(host.data, name.data, name.len) == 0 &&
	       (host.len == name.len || host.data[name.len] == ':');
}

/* A number, which no foreign name server can turn to us. */
static bool is_address(struct slice host)
{
	if (host.len && host.data[0] == '[')
		return memchr(host.data, ']', host.len) != NULL;
	for (size_t i = 0; i < host.len; i++) {
		if (!memchr("0123456789.:", host.data[i], 12))
			return false;
	}
	return host.len > 0;
}

bool app_host_is_ours(const struct app_options *options, struct slice host)
{
	static const char *const ours[] = {"127.0.0.1", "localhost", "[::1]"};
	struct slice more = slice_text(options->hosts ? options->hosts : "");

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (is_host(host, slice_text(ours[i])))
			return true;
	}
	while (more.len) {
		const uint8_t *comma = memchr(more.data, ',', more.len);
		struct slice name = {more.data, comma ? (size_t)(comma - more.data) : more.len};

		if (is_host(host, name))
			return true;
		more = behind(more, comma ? name.len + 1 : name.len);
	}
	return options->beyond && is_address(host);
}

/* Where to go on: a path of ours, never another host's. */
static bool is_own_path(struct slice path)
{
	if (path.len == 0 || path.data[0] != '/')
		return false;
	for (size_t i = 0; i < path.len; i++) {
		if (path.data[i] <= ' ' || path.data[i] >= 0x7f || path.data[i] == '\\')
			return false;
	}
	return path.len == 1 || path.data[1] != '/';
}

static void show_login(struct app_request *request, struct slice next, const char *problem)
{
	struct page_login page = {
		.next = is_own_path(next) ? next : slice_text("/runs"), .problem = problem};

	page_login(&request->html, &request->app->site, &page);
}

int app_ask_login(struct app_request *request, struct err *err)
{
	struct buf next = {0};

	(void)err;
	http_query_get(request->http->query, "next", &next);
	show_login(request, buf_slice(&next), NULL);
	buf_release(&next);
	return 0;
}

static void put_cookie(struct app_request *request, const char *id, const char *more)
{
	static const char https[] = "https://";

	buf_printf(&request->answer->set_cookie,
		COOKIE "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", request->app->board->name,
		id, begins(request->http->origin, https) ? "; Secure" : "", more);
}

static int log_in(struct app_request *request, struct slice next, struct err *err)
{
	const struct board_session *session = session_begin(request->app->board, err);

	if (!session)
		return err->code;
	put_cookie(request, session->id, "");
	request->answer->status = 303;
	if (is_own_path(next))
		buf_append(&request->answer->location, next.data, next.len);
	else
		buf_text(&request->answer->location, "/runs");
	return 0;
}

int app_login(struct app_request *request, struct err *err)
{
	struct buf secret = {0}, next = {0};
	struct err why = {0};
	int rc = 0;

	http_query_get(request->http->body, "secret", &secret);
	http_query_get(request->http->body, "next", &next);
	if (!request->app->options.secret) {
		rc = err_set(err, ERR_NOT_FOUND, "nobody needs to log in here");
	} else if (check_secret(request, buf_slice(&secret), &why) == 0) {
		rc = log_in(request, buf_slice(&next), err);
	} else {
		request->answer->status = why.code == ERR_LIMIT ? 429 : 403;
		show_login(request, buf_slice(&next), why.message);
	}
	buf_release(&secret);
	buf_release(&next);
	return rc;
}

int app_logout(struct app_request *request, struct err *err)
{
	(void)err;
	session_end(request->app->board, session_cookie(request));
	put_cookie(request, "", "; Max-Age=0");
	request->answer->status = 303;
	buf_text(&request->answer->location, "/login");
	return 0;
}

/* What those get who may not see it. */
void app_refuse_nobody(struct app_request *request, const struct route *route, struct err *why)
{
	const struct http_request *http = request->http;
	struct html location = {&request->answer->location};

	if (why->code == ERR_LIMIT) {
		app_put_error(request, 429, "Too many", why->message);
		return;
	}
	if (route->kind != ROUTE_PAGE || request->as_json) {
		request->answer->authenticate = "Bearer realm=\"smiley\"";
		app_put_error(request, 401, "Not logged in",
			why->code ? why->message
				  : "send this server's secret: Authorization: Bearer SECRET");
		return;
	}
	request->answer->status = 303;
	buf_text(&request->answer->location, "/login");
	if (http->path.len + http->query.len >= PARAM_TEXT_BYTES)
		return;
	buf_text(&request->answer->location, "?next=");
	html_url_text(&location, http->path);
	if (http->query.len) {
		html_url_text(&location, slice_text("?"));
		html_url_text(&location, http->query);
	}
}
