/*
 * app: the pages of a database over HTTP, as an http_handler: which path is which page, what
 * is loaded for it, what a request may ask. Knows no server.
 *
 * A request for a host that is not ours is refused (a page elsewhere whose name was turned
 * to this address could read it); a change takes a POST with the token that our own pages
 * carry, and no foreign Origin. With a secret, all but a few paths are for who has sent it.
 */
#ifndef SMILEY_WEB_APP_H
#define SMILEY_WEB_APP_H

#include "materializer/query.h"
#include "web/board.h"
#include "web/http.h"
#include "web/live.h"
#include "web/site.h"

struct app_options {
	const struct database_paths *paths; /* borrowed, as all here */
	size_t path_count;                  /* databases that are asked as one; 0: one */
	const char *version;
	const char *token;             /* NULL: nothing can be changed */
	bool report;                   /* links are those between the files of a report */
	const char *title;             /* of the report */
	int64_t first_page, last_page; /* that the report has of the rows; 0: all */
	/* Of a server; all may be left out. */
	struct board *board; /* NULL: one of its own */
	const char *secret;  /* who asks has to know it; NULL: anybody may */
	const char *hosts;   /* names to answer to besides this machine's own, commas between */
	bool beyond;         /* others can reach it: it answers to addresses too */
	const char *topic_prefix; /* of the schema registry; NULL: there is none */
	int worker;               /* number of this process among the server's */
	/* Appends the deletion to the log; when it returns 0 the run is as good as gone. */
	int (*delete_run)(void *context, const struct run_id *run, struct err *err);
	void *context;
};

struct app;

/* The database is opened with the first request, and again when it was made anew. */
int app_new(const struct app_options *options, struct app **app, struct err *err);
void app_free(struct app *app);

/* What the last answer, if it was one that goes on (http_answer.live), goes on with. */
const struct live_watch *app_watch(const struct app *app);

/* An http_handler; context is the app. */
void app_answer(void *context, const struct http_request *request, struct http_answer *answer);

#endif
