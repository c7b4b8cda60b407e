/*
 * http_server: serves an http_handler on one address, in a thread of its own, by
 * libmicrohttpd. The handler is called by that thread alone.
 */
#ifndef SMILEY_WEB_HTTP_SERVER_H
#define SMILEY_WEB_HTTP_SERVER_H

#include "schemas/err.h"
#include "web/http.h"

struct http_server;

/* Listens when this returns 0. Port 0: one that is free. ERR_USAGE: no such host; ERR_IO: the
 * port is taken, or not ours to take. */
int http_server_start(const char *host, int port, http_handler *handler, void *context,
	struct http_server **server, struct err *err);

/* "http://127.0.0.1:8081", until the server is stopped. */
const char *http_server_url(const struct http_server *server);

/* Requests on their way are answered first. */
void http_server_stop(struct http_server *server);

#endif
