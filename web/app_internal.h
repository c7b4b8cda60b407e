/*
 * app_internal: the app's inside, shared by app.c (what a request may ask), app_routes.c (the
 * one table of paths) and app_*.c (what is loaded for each page).
 *
 * A page is one row in the table: its path and a function that loads a struct page_NAME and
 * ends with APP_SHOW(). What renders that struct is page_NAME() (web/page.h) as HTML and
 * json_NAME() (web/json_page.h) as JSON; the row serves PATH, PATH?format=json and
 * /api/v1/PATH.
 */
#ifndef SMILEY_WEB_APP_INTERNAL_H
#define SMILEY_WEB_APP_INTERNAL_H

#include "materializer/query_lost.h"
#include "materializer/query_profile.h"
#include "schemas/json.h"
#include "web/app.h"
#include "web/json_page.h"
#include "web/page.h"
#include "web/source_cache.h"

/* What /metrics counts in the databases. */
struct app_counts {
	int64_t until_ns; /* to be counted anew then */
	uint64_t version; /* of the databases when it was */
	int64_t runs[RUN_LOST + 1], events;
	int64_t quarantined, removed_records, damaged_records;
	struct lost_events lost;
};

/* A run with gaps, and what they told when they were read. */
struct app_lossy {
	struct run_id run;
	struct lost_events lost;
};
#define APP_LOSSY_MAX 1024 /* of the runs beyond, gaps are read again each time */

struct app {
	struct app_options options;
	struct site site;
	struct query *query; /* NULL: there is no database yet */
	struct source_cache *sources;
	bool *joined; /* which of the databases are asked by it */
	struct board *board;
	struct app_counts counts;
	struct app_lossy *lossy; /* sorted by run; NULL: none yet */
	size_t lossy_count;
	struct profile reported; /* what pages of a report are made of, from the first on */
	char session_token[49];  /* of the session that asks just now */
	struct live_watch watch; /* of the last answer that goes on */
};

/* A request whose path has been taken apart. */
struct app_request {
	const struct http_request *http;
	struct app *app;
	struct slice path;      /* without /api/v1 */
	struct run_id run;      /* of the path, if the route has one */
	int64_t number;         /* the same */
	struct slice signature; /* the same */
	struct slice asset;     /* the same */
	bool as_json;           /* what is asked for */
	bool running;           /* the run that the page is about goes on */
	struct html html;       /* where the page goes */
	struct json json;       /* the same */
	struct http_answer *answer;
};

/* Answers a request: 0, or a negative err_code that becomes an error page. */
typedef int app_page(struct app_request *request, struct err *err);

/* A request is sent by */
enum app_who {
	WHO_NOBODY,  /* who does not know the secret */
	WHO_ANYBODY, /* and needs not */
	WHO_BROWSER, /* in a session */
	WHO_PROGRAM, /* with the secret */
};

enum route_kind {
	ROUTE_PAGE,   /* HTML or JSON, by APP_SHOW() */
	ROUTE_PLAIN,  /* something else, always the same way */
	ROUTE_OPEN,   /* the same, also for who is not logged in */
	ROUTE_CHANGE, /* changes something: a POST, whose token and Origin have been checked */
	ROUTE_FORM,   /* the login: a POST, whose Origin has been checked */
};

struct route {
	enum route_kind kind;
	const char *path; /* RUN, NUMBER, SIGNATURE and ASSET stand for what they are */
	app_page *page;
};

/* Its names in /metrics; NULL: there are not so many. */
const char *app_route_name(size_t number, const char **method);
size_t app_route_number(const struct route *route); /* NULL: what has none */

/* The route of request->path for its method, what stands in the path taken out of it. NULL:
 * none; *other_method: but for another method. */
const struct route *app_find_route(struct app_request *request, bool *other_method);

app_page app_runs, app_run, app_files, app_file, app_hits, app_threads, app_event, app_tree;
app_page app_ask_delete;
app_page app_jump; /* of app_run(), with a `to` */
app_page app_stats, app_graph, app_flame, app_search;
app_page app_live_list, app_live_run;
app_page app_root, app_about, app_help, app_asset, app_health, app_delete;
app_page app_ask_login, app_login, app_logout, app_metrics, app_registry;

/* Who asks. Of WHO_NOBODY err tells why, when a secret was sent. */
enum app_who app_who(struct app_request *request, struct err *err);
void app_refuse_nobody(struct app_request *request, const struct route *route, struct err *why);

/* 0: the change may be made. ERR_STATE: it may be forged. */
int app_check_change(
	const struct app_request *request, enum app_who who, enum route_kind kind, struct err *err);

/* The request is for a name of this server. */
bool app_host_is_ours(const struct app_options *options, struct slice host);

/* Answers with an error page, in place of all that was put so far. */
void app_put_error(struct app_request *request, int status, const char *title, const char *reason);

/* A member of an answer in JSON: how fresh it is. */
int app_json_freshness(struct app_request *request, struct err *err);

/* Opens the database, or shows what it has by now. One that nothing has been recorded in yet is
 * an empty one: app->query stays NULL. */
int app_refresh(struct app *app, struct err *err);

/* Rows of a run as they stand in its page, without the page: up to LIVE_ROWS from `first` on,
 * with a word on those from `from` that are left out. *last_seq is the last one's. */
struct app_rows {
	const struct run_info *run;
	int64_t view;
	size_t threads; /* above 1: with a column of them */
	int64_t from, first;
};
int app_show_rows(struct app_request *request, const struct app_rows *rows, int64_t *last_seq,
	struct err *err);

/* Sources of the files that a page shows something of. Zeroed memory has none. */
struct sources {
	struct page_source *list;
	size_t count, cap;
};
/* Adds the source of that path, if it is not in. The path is borrowed as long as they live. */
int app_source_add(
	struct app_request *request, struct sources *sources, struct slice path, struct err *err);
void app_sources_release(struct sources *sources);

/* Loads the run of the path. ERR_NOT_FOUND. Owned by the caller: run_info_release(). */
int app_load_run(struct app_request *request, struct run_info *run, struct err *err);

/* The profile of the run, or of a thread of it (name or number). It is *own, which the caller
 * releases after a failure too; or, of a report, the app's. */
int app_load_profile(struct app_request *request, const char *thread, struct profile *own,
	const struct profile **profile, struct err *err);

/* A parameter's text, cut when it is very long; empty when there is none. It lies in *text. */
struct slice app_text(const struct app_request *request, const char *name, struct buf *text);

/* A parameter as a number from 1; 0 when there is none that makes sense. */
int64_t app_number(const struct app_request *request, const char *name);

/* The same, also below 1; `other` when there is none. */
int64_t app_number_or(const struct app_request *request, const char *name, int64_t other);

/* The page that is asked for, for pager_make(): `last` is beyond any. */
int64_t app_page_number(const struct app_request *request);
bool app_asks_last(const struct app_request *request);

/* Begins an answer in JSON; what the page has goes into the object that is open then. */
struct json *app_json(struct app_request *request);

/* Answers with the struct page_NAME as it is asked for. */
#define APP_SHOW(request, name, page)                                \
	((request)->as_json ? json_##name(app_json(request), (page)) \
			    : page_##name(&(request)->html, &(request)->app->site, (page)))

#endif
