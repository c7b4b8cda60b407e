/*
 * smiley-http: what smiley does over HTTP, in a program of its own, so that no other command
 * pays for loading the libraries.
 *
 *     smiley-http serve HOST PORT PREFIX TELL      smiley registry
 *     smiley-http metrics HOST PORT FD             what ops/exporter.h has in the memory FD
 *     smiley-http register URL PREFIX CA           asked by ops/schema_ids.c, which reads "ok" and
 *                                                 lines of our id and the registry's, or "busy" or
 *                                                 "no" and a line that says why
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "ops/exporter.h"
#include "web/http_server.h"
#include "web/metrics.h"
#include "web/registry.h"
#include "web/registry_client.h"

struct service {
	struct registry registry;
	bool tell; /* of every request */
};

static void answer(void *context, const struct http_request *request, struct http_answer *answer)
{
	struct service *service = context;
	struct buf path = {0};

	registry_answer(&service->registry, request, answer);
	if (!service->tell)
		return;
	for (size_t i = 0; i < request->path.len; i++)
		if (request->path.data[i] > ' ' && request->path.data[i] < 0x7f)
			buf_byte(&path, request->path.data[i]);
	fprintf(stderr, "smiley: registry: %s %s: %d\n", request->method, buf_string(&path),
		answer->status);
	buf_release(&path);
}

static int complain(const struct err *err)
{
	fprintf(stderr, "smiley: registry: %s\n", err->message);
	return err->code == ERR_USAGE ? 2 : 1;
}

/* GET /metrics is all there is. */
static void answer_metrics(
	void *context, const struct http_request *request, struct http_answer *answer)
{
	bool known = slice_equal(request->path, slice_text("/metrics"));
	bool gets = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;

	answer->content_type = METRICS_TYPE;
	answer->status = !known ? 404 : gets ? 200 : 405;
	if (answer->status == 200)
		exporter_get(context, &answer->body);
}

/* Until a signal says that it is enough. */
static int serve_by(const char *host, const char *port, http_handler *handler, void *context)
{
	struct http_server *server;
	struct err err = {0};
	sigset_t signals;
	int got;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (http_server_start(host, atoi(port), handler, context, &server, &err) < 0)
		return complain(&err);
	if (printf("%s\n", http_server_url(server)) < 0 || fflush(stdout) < 0) {
		err_set(&err, ERR_IO, "its URL cannot be written");
		http_server_stop(server);
		return complain(&err);
	}
	while (sigwait(&signals, &got) != 0)
		;
	http_server_stop(server);
	return 0;
}

static int serve_registry(char **argv)
{
	struct service service = {
		.tell = *argv[3] == '1',
		.registry.topic_prefix = argv[2],
	};

	return serve_by(argv[0], argv[1], answer, &service);
}

static int serve_metrics(char **argv)
{
	struct exporter_page *page =
		mmap(NULL, sizeof(*page), PROT_READ, MAP_SHARED, atoi(argv[2]), 0);
	int status;

	if (page == MAP_FAILED) {
		fputs("smiley-http: metrics: no such memory\n", stderr);
		return 1;
	}
	status = serve_by(argv[0], argv[1], answer_metrics, page);
	munmap(page, sizeof(*page));
	return status;
}

static int ask_registry(char **argv)
{
	const char *login = getenv("SMILEY_SCHEMA_REGISTRY_LOGIN");
	struct registry_client_options options = {
		.url = argv[0],
		.topic_prefix = argv[1],
		.ca = *argv[2] ? argv[2] : NULL,
		.login = login && *login ? login : NULL,
	};
	uint32_t ids[REGISTRY_SCHEMAS];
	struct err err = {0};
	int rc = registry_client_register(&options, ids, &err);

	if (rc) {
		printf("%s\n%s\n", rc == ERR_BUSY || rc == ERR_MEMORY ? "busy" : "no", err.message);
		return 1;
	}
	puts("ok");
	for (int i = 0; i < REGISTRY_SCHEMAS && ids[i]; i++)
		printf("%d %lu\n", i + 1, (unsigned long)ids[i]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "serve") == 0)
		return serve_registry(argv + 2);
	if (argc == 5 && strcmp(argv[1], "metrics") == 0)
		return serve_metrics(argv + 2);
	if (argc == 5 && strcmp(argv[1], "register") == 0)
		return ask_registry(argv + 2);
	fputs("smiley-http: a part of smiley: see `smiley help registry`\n", stderr);
	return 2;
}
