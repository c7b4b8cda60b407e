#include "web/http_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 256
#define IDLE_SECONDS 30
#define BACKLOG 64

struct http_server {
	struct MHD_Daemon *daemon;
	http_handler *handler;
	void *context;
	char url[NI_MAXHOST + NI_MAXSERV + 16];
};

/* One request while its body comes in. */
struct incoming {
	char *uri;
	struct buf body;
	bool begun; /* its headers have been seen */
	bool too_long;
};

/* libmicrohttpd decodes what it passes on; the handler wants it as it came. */
static void *take_uri(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct incoming *incoming = calloc(1, sizeof(*incoming));

	(void)context;
	(void)connection;
	if (incoming)
		incoming->uri = strdup(uri);
	return incoming;
}

static void forget(void *context, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode why)
{
	struct incoming *incoming = *request;

	(void)context;
	(void)connection;
	(void)why;
	if (incoming) {
		free(incoming->uri);
		buf_release(&incoming->body);
		free(incoming);
	}
	*request = NULL;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct http_answer *answer)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		answer->body.len, answer->body.data, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (!response) {
		buf_release(&answer->body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
	result = MHD_queue_response(connection, (unsigned)answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, int status)
{
	struct http_answer answer = {.status = status, .content_type = "text/plain"};

	return send_answer(connection, &answer);
}

static enum MHD_Result answer_whole(const struct http_server *server,
	struct MHD_Connection *connection, const char *method, const struct incoming *incoming)
{
	const char *mark = strchr(incoming->uri, '?');
	struct http_answer answer = {0};
	struct http_request request = {
		.method = method,
		.path = slice_text(incoming->uri),
		.body = buf_slice(&incoming->body),
	};

	if (mark) {
		request.path.len = (size_t)(mark - incoming->uri);
		request.query = slice_text(mark + 1);
	}
	server->handler(server->context, &request, &answer);
	return send_answer(connection, &answer);
}

/* Is called once for the headers, for each piece of the body, and at its end. */
static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *piece, size_t *piece_len,
	void **request)
{
	struct incoming *incoming = *request;

	(void)url;
	(void)version;
	if (!incoming || !incoming->uri)
		return MHD_NO;
	if (!incoming->begun) {
		incoming->begun = true;
		return MHD_YES;
	}
	if (*piece_len) {
		incoming->too_long |= *piece_len > HTTP_BODY_MAX_BYTES - incoming->body.len;
		if (!incoming->too_long)
			buf_append(&incoming->body, piece, *piece_len);
		*piece_len = 0;
		return MHD_YES;
	}
	if (incoming->too_long)
		return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE);
	if (incoming->body.failed)
		return refuse(connection, MHD_HTTP_INTERNAL_SERVER_ERROR);
	return answer_whole(context, connection, method, incoming);
}

/* A socket that listens at the first address of the host that can be had; -1. */
static int listen_at(const char *host, int port, struct err *err)
{
	struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL, *at;
	char service[16];
	int fd = -1, one = 1, status;

	snprintf(service, sizeof(service), "%d", port);
	status = getaddrinfo(host, service, &hints, &found);
	if (status) {
		err_set(err, ERR_USAGE, "host %s: %s", host, gai_strerror(status));
		return -1;
	}
	for (at = found; at && fd < 0; at = at->ai_next) {
		fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
				       bind(fd, at->ai_addr, at->ai_addrlen) < 0 ||
				       listen(fd, BACKLOG) < 0)) {
			err_set_errno(err, errno, "listen at %s port %d", host, port);
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

static void name_url(struct http_server *server, int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];
	bool six;

	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0 ||
		getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	six = address.ss_family == AF_INET6;
	snprintf(server->url, sizeof(server->url), "http://%s%s%s:%s", six ? "[" : "", host,
		six ? "]" : "", port);
}

int http_server_start(const char *host, int port, http_handler *handler, void *context,
	struct http_server **server, struct err *err)
{
	int fd = listen_at(host, port, err);

	*server = NULL;
	if (fd < 0)
		return err->code;
	*server = calloc(1, sizeof(**server));
	if (!*server) {
		close(fd);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	(*server)->handler = handler;
	(*server)->context = context;
	name_url(*server, fd);
	(*server)->daemon = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, serve,
		*server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, take_uri, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_END);
	if (!(*server)->daemon) {
		close(fd);
		free(*server);
		*server = NULL;
		return err_set(
			err, ERR_IO, "serve at %s port %d: the HTTP library refused", host, port);
	}
	return 0;
}

const char *http_server_url(const struct http_server *server)
{
	return server->url;
}

void http_server_stop(struct http_server *server)
{
	if (!server)
		return;
	MHD_stop_daemon(server->daemon);
	free(server);
}
