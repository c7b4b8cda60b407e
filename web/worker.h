/*
 * worker: what a process of the server does, seen from Kore, whose header has a struct
 * http_request of its own: one app on one database, set up by the environment.
 *
 * `smiley server` (ops/cmd_server.c) is the parent of all: it starts Kore with the
 * variables below and does, at the other end of a socket a worker, what workers may not: it
 * writes to the log.
 */
#ifndef SMILEY_WEB_WORKER_H
#define SMILEY_WEB_WORKER_H

#include "web/live.h"

/* Directories: the variable with _0, _1 and so on behind it. */
#define WORKER_DATABASE "SMILEY_WEB_DATABASE"
#define WORKER_DATABASES_MAX 16
#define WORKER_VERSION "SMILEY_WEB_VERSION"
#define WORKER_TOKEN "SMILEY_WEB_TOKEN"
#define WORKER_SECRET "SMILEY_WEB_SECRET" /* to be logged in with; not set: nobody has to */
#define WORKER_HOSTS "SMILEY_WEB_HOSTS"   /* more names to answer to, commas between */
#define WORKER_BEYOND "SMILEY_WEB_BEYOND" /* set: other machines may reach us */
#define WORKER_PREFIX "SMILEY_WEB_PREFIX" /* of topics */
#define WORKER_BOARD "SMILEY_WEB_BOARD"   /* descriptor of web/board.h */
/* Descriptors with commas between: the one that is told the port, then one a worker. */
#define WORKER_SOCKETS "SMILEY_WEB_SOCKETS"

/* Worker `number`, from 0. NULL, or why no request can be answered. (No struct err here: its
 * names meet OpenSSL's, which Kore includes.) */
const char *worker_open(int number);
void worker_close(void);

/* True: smiley server has gone. */
bool worker_abandoned(void);

/* For the parent, once it listens. 0, or negative. */
int worker_tell_port(int port);

#define WORKER_BODY_BYTES 65536

struct worker_request {
	const char *method;
	struct slice path, query, body;
	struct slice host, origin, fetch_site, accept, authorization, cookie,
		last_event; /* headers */
};

struct worker_answer {
	int status;
	const char *content_type;
	const char *cache; /* Cache-Control */
	/* Headers; NULL: none. */
	const char *location, *set_cookie, *authenticate, *timing;
	struct slice body;
	bool live; /* goes on with what `watch` is told */
	struct live_watch watch;
};

/* The answer lives until the next call. */
void worker_answer(const struct worker_request *request, struct worker_answer *answer);

/* Looks for what is new in the database. False: it cannot be read now. */
bool worker_look(void);
/* What there is to be said next to who watches, until the next call. True: that was the last. */
bool worker_tell(struct live_watch *watch, int64_t now_ms, struct slice *text);

#endif
