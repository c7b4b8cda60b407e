/*
 * app_internal: the app's inside, shared by app.c (requests, routes) and app_pages.c (what is
 * loaded for each page).
 */
#ifndef SMILEY_WEB_APP_INTERNAL_H
#define SMILEY_WEB_APP_INTERNAL_H

#include "web/app.h"

struct app {
	struct app_options options;
	struct site site;
	struct query *query; /* NULL: there is no database yet */
};

/* A request whose path has been taken apart. */
struct app_request {
	const struct http_request *http;
	struct app *app;
	struct run_id run;      /* of the path, if the route has one */
	int64_t number;         /* the same */
	struct slice signature; /* the same */
	struct html html;       /* where the page goes */
	struct http_answer *answer;
};

/* A page of app_pages.c: 0, or a negative err_code that becomes an error page. */
typedef int app_page(struct app_request *request, struct err *err);

app_page app_runs, app_run, app_files, app_file, app_threads, app_event, app_tree;
app_page app_ask_delete;

/* A parameter as a number from 1; 0 when there is none that makes sense. */
int64_t app_number(const struct app_request *request, const char *name);

#endif
