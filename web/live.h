/*
 * live: what viewers of a page that changes are told, as server-sent events (text/event-stream
 * of the HTML standard). Knows no server.
 *
 *     GET /runs/RUN/live?from=ROW&thread_id=THREAD&threads=COUNT
 *         id: the number of the run's last row, which a browser that lost the connection
 *             sends as Last-Event-ID, in place of from
 *         event: rows    data: {"events": 1204, "rows": 37, "last": 36}, in further lines the
 *                        HTML of row ROW, which may have grown, and of those behind it: the
 *                        newest LIVE_ROWS, with a row that says how many are left out. Without
 *                        `from`: no rows. COUNT above 1: with the column of threads. When it
 *                        is not and a second thread has come, the object has "threads": 2 and
 *                        "thread", the name of the one there was, and from now on rows have the
 *                        column.
 *         event: end     data: {"state": "finished"}, the last one
 *         event: gone    the run was deleted; the last one
 *     GET /runs/live
 *         event: change  the list is not what it was
 *
 * A watch is a value: what is watched, and what has been told. What comes next is made of it
 * and the database alone, so nothing is queued for a viewer that reads slowly; it is told
 * later, and in one go. Equal watches are told the same, so a thousand viewers of one run cost
 * one rendering.
 */
#ifndef SMILEY_WEB_LIVE_H
#define SMILEY_WEB_LIVE_H

#include "schemas/buf.h"
#include "schemas/run_id.h"

#include <stdbool.h>

struct app;

#define LIVE_ROWS 20
#define LIVE_LIST_MS 1000 /* the list's changes are told no more often */
#define LIVE_NO_ROWS (-2)

struct live_watch {
	bool list; /* else of a run: */
	struct run_id run;
	int64_t view;     /* whose rows */
	int64_t threads;  /* that the page knows of */
	int64_t last;     /* number of the last row told, -1: none; LIVE_NO_ROWS: none wanted */
	int64_t last_seq; /* of that row when it was told, -1: not told yet */
	int64_t events;   /* told, -1: nothing */
	int64_t end_ms;   /* since when the run has ended, 0: it goes on */
	int64_t told_ms;  /* the list's last change */
	uint64_t version; /* of the database when all of this was so */
};

/* Brings the app's database up to date. Negative: it cannot be read, try later. */
int live_refresh(struct app *app);

/* Appends what there is to be said now (milliseconds of some clock), perhaps nothing, to what
 * was told so far. True: that was the last. */
bool live_next(struct app *app, struct live_watch *watch, int64_t now_ms, struct buf *out);

bool live_same(const struct live_watch *a, const struct live_watch *b);

#endif
