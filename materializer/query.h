/*
 * query: questions to the store, answered as structs. A query handle is a read-only view
 * of the database that query_refresh() brings up to date.
 */
#ifndef SMILEY_MATERIALIZER_QUERY_H
#define SMILEY_MATERIALIZER_QUERY_H

#include "materializer/database.h"
#include "schemas/event_sink.h"

struct query;

/* ERR_NOT_FOUND when the database has no store yet. */
int query_open(const struct database_paths *paths, struct query **query, struct err *err);
/* Has another database asked as well, from here on: runs are merged by id, and the database that
 * has more of a run answers for it. ERR_NOT_FOUND: it has no store yet, and is left out. */
int query_join(struct query *query, const struct database_paths *paths, struct err *err);
int query_refresh(struct query *query, struct err *err);
/* The same for who asks often: costs little when nothing has been folded since the last time. */
int query_follow(struct query *query, struct err *err);
/* Another number when query_refresh() brought anything that was not seen before. */
uint64_t query_version(const struct query *query);
void query_close(struct query *query);

enum run_state {
	RUN_RUNNING,
	RUN_FINISHED,
	RUN_FAILED,
	RUN_KILLED,
	RUN_LOST
};
/* "running", "finished" (exit 0), "failed" (exit not 0 or uncaught exception), "killed"
 * (by a signal), "lost" (nobody saw its end). */
const char *run_state_name(enum run_state state);

/* One run. Owned by the caller: run_info_release(). */
struct run_info {
	struct run_id id;
	enum run_state state;
	bool paused;         /* it runs, and the last that is known is that it is not recorded
				       for now: the program or somebody wants it so */
	int64_t event_count; /* so far */
	bool headless;       /* the log has no RunStarted of it (any more) */
	struct run_started started; /* borrows from started_bytes */
	bool has_finished;
	struct run_finished finished; /* borrows from finished_bytes */
	struct buf started_bytes;
	struct buf finished_bytes;
};
void run_info_release(struct run_info *info);

/* The state's name, or "running, paused". */
const char *run_state_words(const struct run_info *info);

/* A full id, a unique prefix (4 or more characters), or "@latest". ERR_NOT_FOUND,
 * ERR_USAGE when the prefix names several. */
int query_resolve(struct query *query, const char *run, struct run_id *id, struct err *err);

int query_run(struct query *query, const struct run_id *id, struct run_info *info, struct err *err);

/* Events that the store has of a run: what a run says of itself at its end may be known before. */
int query_stored(struct query *query, const struct run_id *id, int64_t *events, struct err *err);

/* Oldest first. each() borrows info for the call; nonzero return stops and is returned. */
int query_runs(struct query *query,
	int (*each)(void *context, const struct run_info *info, struct err *err), void *context,
	struct err *err);

struct thread_info {
	int64_t number;
	struct slice name;
	int64_t start_ns, end_ns;
	int64_t event_count;
	int64_t location_count; /* distinct (file, line) */
};
int query_threads(struct query *query, const struct run_id *id,
	int (*each)(void *context, const struct thread_info *info, struct err *err), void *context,
	struct err *err);

/* The processes that the run started and that are not traced, in the order of its events.
 * each() borrows child for the call. */
int query_children_untraced(struct query *query, const struct run_id *id,
	int (*each)(void *context, const struct child_untraced *child, struct err *err),
	void *context, struct err *err);

/* The same, of those before events from `from` to `to`, that included. */
int query_children_between(struct query *query, const struct run_id *id, int64_t from, int64_t to,
	int (*each)(void *context, const struct child_untraced *child, struct err *err),
	void *context, struct err *err);

struct event_range {
	int64_t from_seq;   /* first, 0 */
	int64_t to_seq;     /* last, INT64_MAX */
	const char *thread; /* name or number; NULL: all */
};

/* Feeds a run to a sink: its RunStarted, its source files, the events in range, its
 * RunFinished if it is over. Reads one block at a time: memory is O(block). */
int query_replay(struct query *query, const struct run_id *id, const struct event_range *range,
	const struct event_sink *sink, struct err *err);

/* Feeds the runs of a group and their descendants as one stream (materializer/timeline.h); of
 * range only the thread counts. ERR_NOT_FOUND: there are no such runs. */
int query_replay_group(struct query *query, const char *group, const struct event_range *range,
	const struct event_sink *sink, struct err *err);

/* Feeds all source files of a run. */
int query_sources(struct query *query, const struct run_id *id, const struct event_sink *sink,
	struct err *err);

/* The text of a file of a run, as it was. ERR_NOT_FOUND. */
int query_source(struct query *query, const struct run_id *id, struct slice path, struct buf *text,
	struct err *err);

/* Are the store's files all there and whole in length? A damaged one may show an older state
 * without a word. ERR_FORMAT, with the remedy. */
int query_check(struct query *query, struct err *err);

/* Proves a run: sequence numbers 0..n-1 without hole, each block decodes, counts agree.
 * *events receives n. ERR_FORMAT names what is wrong where. */
int query_verify(struct query *query, const struct run_id *id, int64_t *events, struct err *err);

/* 128 bits over every key and value of every column family but the log positions; of several
 * databases, in the order in which they were joined. */
struct digest {
	uint8_t bytes[16];
};
int query_digest(struct query *query, struct digest *digest, struct err *err);

#endif
