/*
 * http: a request and its answer as values, so that what answers needs no socket and no
 * library: http_server.c serves them by libmicrohttpd, Kore may, tests call directly.
 */
#ifndef SMILEY_WEB_HTTP_H
#define SMILEY_WEB_HTTP_H

#include "schemas/buf.h"

#include <stdbool.h>

/* Borrowed for one call. Nothing in it has been decoded or checked. */
struct http_request {
	const char *method;
	struct slice path;  /* as it came: "/subjects/a%2Fb" */
	struct slice query; /* behind the '?', without it */
	struct slice body;
	struct slice host; /* the header's value; empty: there is none. The same for these: */
	struct slice origin, fetch_site, accept, authorization, cookie;
	struct slice last_event; /* Last-Event-ID */
};

struct http_answer {
	int status;
	const char *content_type; /* static */
	struct buf body;          /* owned by whoever made the answer */
	struct slice fixed;       /* static bytes to be sent in place of body, when there are any */
	const char *cache;        /* Cache-Control; NULL: the server's own choice */
	struct buf location;      /* status 303: where to go; owned likewise */
	bool live;                /* the body goes on with what app_watch() is told (live.h) */
	struct buf set_cookie;    /* Set-Cookie, when it is not empty; owned likewise */
	const char *authenticate; /* WWW-Authenticate; NULL: none */
	int64_t time_ns, cpu_ns;  /* that the answer took; of the processor */
};

/* Fills in an answer whose body is empty. */
typedef void http_handler(
	void *context, const struct http_request *request, struct http_answer *answer);

/* Empties it for the next request, keeps the memory; frees it. */
void http_answer_clear(struct http_answer *answer);
void http_answer_release(struct http_answer *answer);

/* Bodies of requests are refused beyond this. */
#define HTTP_BODY_MAX_BYTES (1024 * 1024)

/* Appends text with each %XX as the byte it stands for; what is no %XX stays. */
void http_unescape(struct buf *out, struct slice text);

/* Appends the unescaped value of a query's parameter. False: it has none of that name. */
bool http_query_get(struct slice query, const char *name, struct buf *value);

/* Whether an Accept header names the type. */
bool http_accepts(struct slice accept, const char *type);

#endif
