/*
 * spool: the shipper's side of a spool file (layout and rules: schemas/chunk.h). The
 * tracer's side is tracer/spool_writer.h.
 */
#ifndef SMILEY_INGEST_SPOOL_H
#define SMILEY_INGEST_SPOOL_H

#include "schemas/buf.h"
#include "schemas/chunk.h"
#include "schemas/err.h"
#include "schemas/message.h"

#include <stdbool.h>

struct spool_settings {
	struct slice options; /* key=value lines for the tracer: tracer/options.h */
	uint64_t limit_bytes;
	bool drop;   /* when full: drop and count, instead of making the program wait */
	bool paused; /* nothing is recorded until somebody says so */
};

/* Makes DIR/RUNID.spool, mode 0600, RunStarted message inside (arguments too long for it
 * are cut). Its path is appended to `path`. It is this process's to ship (shipper_pid says
 * so): open a shipper on it. */
int spool_create(const char *dir, const struct run_started *run,
	const struct spool_settings *settings, struct buf *path, struct err *err);

/* Calls each() for every spool in dir whose owner (who made it or held its flock) is gone,
 * with the path; a missing dir is no spools. Stops at the first negative return. */
int spool_scan(const char *dir, int (*each)(void *context, const char *path, struct err *err),
	void *context, struct err *err);

/* Calls each() for every spool in dir of a run that descends from root (not for root's own)
 * and that skip() says is not known yet; skip() is asked first, by the run's id. A missing dir
 * is no runs. Stops at the first negative return. */
int spool_descendants(const char *dir, const struct run_id *root,
	bool (*skip)(void *context, const struct run_id *run),
	int (*each)(void *context, const struct run_id *run, const char *path), void *context,
	struct err *err);

struct spool_run {
	struct run_id run;
	struct run_id
		root; /* that `smiley run` began, this one's ancestor; zero, or itself: none */
	struct run_id parent; /* zero: none */
	uint64_t started;     /* its process: schemas/process.h */
};

/* Calls each() for every run in dir whose process goes on. A missing dir is no runs. Stops at the
 * first negative return. */
int spool_living(const char *dir,
	int (*each)(void *context, const struct spool_run *run, struct err *err), void *context,
	struct err *err);

/* Tells the tracers of this run and of all in dir that descend from it to pause, or to go on: of
 * one that `smiley run` began all, of another those whose parents up to it have a spool, too. A
 * missing dir is no runs. */
int spool_pause(const char *dir, const struct run_id *run, bool paused, struct err *err);

#endif
