/*
 * kore_module: the hooks that Debian's kore (4.1.0) calls, and one handler for every path.
 * Its traps, measured on exactly that package, are dealt with here, in web/kore_sandbox.c
 * and where it is started (ops/kore.c), each with its reason.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <kore/kore.h>
#include <kore/http.h>
#include <kore/hooks.h>

#include "web/kore_live.h"
#include "web/worker.h"

/* The registry is sent whole schemas. */
#define BODY_BYTES WORKER_BODY_BYTES

#define SERVER_LOOK_MS 1000

int smiley_page(struct http_request *req);

/* Kore's log goes to stdout by printf and is never flushed: into a pipe each fork would
 * repeat the lines that wait there. Runs with the `load` line, the first. */
static __attribute__((constructor)) void loaded(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static int port_of(const struct listener *listener)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	if (getsockname(listener->fd, (struct sockaddr *)&address, &len) < 0)
		return 0;
	return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
					     : ntohs(((struct sockaddr_in *)&address)->sin_port);
}

/* Sockets are bound by now; port 0 has become one that was free. */
void kore_parent_configure(int argc, char **argv)
{
	struct kore_server *server;
	struct listener *listener;

	(void)argc;
	(void)argv;
	LIST_FOREACH(server, &kore_servers, list)
	{
		LIST_FOREACH(listener, &server->listeners, list)
		{
			worker_tell_port(port_of(listener));
		}
	}
}

/* The pid file is in memory, by /proc/self/fd: there is nothing to be removed. */
void kore_parent_teardown(void)
{
	kore_pidfile[0] = '\0';
}

/* When smiley server is killed, Kore's parent gets a TERM (ops/kore.c), which it does not see
 * when that comes between its look for signals and its wait: until it does, once more. */
static void look_for_server(void *arg, u_int64_t now)
{
	(void)arg;
	(void)now;
	if (worker_abandoned())
		kill(getppid(), SIGTERM);
}

/* Runs in each worker, below the system call filter. */
void kore_worker_configure(void)
{
	const char *why = worker_open(worker->id - 1);

	if (why)
		fatal("%s", why);
	kore_timer_add(look_for_server, SERVER_LOOK_MS, NULL, 0);
}

void kore_worker_teardown(void)
{
	worker_close();
}

/* Everything that pages need comes from here; nothing is inline, framed or sent on. */
static void put_headers(struct http_request *req, const struct worker_answer *answer)
{
	static const char *const headers[][2] = {
		{"content-security-policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
			"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
			"base-uri 'none'"},
		{"x-content-type-options", "nosniff"},
		{"x-frame-options", "DENY"},
		/* With no-referrer, a browser says `Origin: null` with our own forms. */
		{"referrer-policy", "same-origin"},
		{"cross-origin-opener-policy", "same-origin"},
		{"cross-origin-resource-policy", "same-site"},
		{"permissions-policy", "camera=(), geolocation=(), microphone=()"},
		{"vary", "accept, cookie, authorization"},
	};

	http_response_header(req, "content-type", answer->content_type);
	http_response_header(req, "cache-control", answer->cache);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		http_response_header(req, headers[i][0], headers[i][1]);
	if (answer->location)
		http_response_header(req, "location", answer->location);
	if (answer->set_cookie)
		http_response_header(req, "set-cookie", answer->set_cookie);
	if (answer->authenticate)
		http_response_header(req, "www-authenticate", answer->authenticate);
	if (answer->timing)
		http_response_header(req, "server-timing", answer->timing);
}

static struct slice header(struct http_request *req, const char *name)
{
	const char *value;

	return http_request_header(req, name, &value) == KORE_RESULT_OK ? slice_text(value)
									: slice_text("");
}

int smiley_page(struct http_request *req)
{
	u_int8_t body[BODY_BYTES];
	struct worker_request request = {
		.method = http_method_text(req->method),
		.path = slice_text(req->path),
		.query = slice_text(req->query_string ? req->query_string : ""),
		.host = header(req, "host"),
		.origin = header(req, "origin"),
		.last_event = header(req, "last-event-id"),
		.fetch_site = header(req, "sec-fetch-site"),
		.accept = header(req, "accept"),
		.authorization = header(req, "authorization"),
		.cookie = header(req, "cookie"),
	};
	struct worker_answer answer;
	ssize_t len = 0;

	if (req->method == HTTP_METHOD_POST && req->http_body)
		len = http_body_read(req, body, sizeof(body));
	request.body = (struct slice){body, len > 0 ? (size_t)len : 0};
	worker_answer(&request, &answer);
	put_headers(req, &answer);
	if (answer.live && req->owner) {
		kore_live_begin(req, &answer.watch);
		return KORE_RESULT_OK;
	}
	http_response(req, answer.status, answer.body.data ? (const void *)answer.body.data : "",
		answer.body.len);
	/* The timer for request headers would cut an answer that is read slowly; net_send()
	 * has the kernel's and ours to bound it. */
	if (req->owner)
		req->owner->http_timeout = 0;
	return KORE_RESULT_OK;
}
