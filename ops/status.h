/*
 * status: how a database, its log and its spools stand. Only looks: makes nothing, folds nothing,
 * takes no lock.
 *
 * What cannot be had (a store of another version, a broker that is away) is told in words where
 * it would stand; the rest is told all the same.
 */
#ifndef SMILEY_OPS_STATUS_H
#define SMILEY_OPS_STATUS_H

#include "materializer/freshness.h"
#include "materializer/origin.h"
#include "ops/cmd.h"
#include "ops/disk.h"

struct status_topic {
	struct buf name, what; /* what is empty: as it should be */
	bool wrong;
};

struct status_run {
	bool is_one;
	char id[RUN_ID_TEXT_BYTES];
	enum run_state state;
	bool paused;
	const char *words; /* both, for people */
	int64_t events, started_ns;
	struct buf description, error;
};

struct status {
	struct database_paths paths;
	bool has_database, has_store;
	struct err store_err; /* why the store cannot be asked */
	struct disk_use log, store, spools, bad_spools;
	struct disk_space space;
	long folder; /* process that folds; 0: none is seen */
	struct origin origin;
	struct freshness freshness;
	int64_t runs[RUN_LOST + 1]; /* by state */
	int64_t paused;             /* of those that run */
	int64_t events, set_aside;
	int64_t removed, damaged; /* records, before they were read */
	struct status_run newest;
	/* With brokers. */
	const char *brokers; /* NULL: the log is in the database */
	struct err broker_err;
	struct status_topic topics[LOG_TOPICS];
	size_t topic_count;
	int64_t lag; /* records not folded yet; -1: not known */
};

/* status_release() follows, whatever it returns. */
int status_look(struct status *status, const struct call *call, struct err *err);
void status_release(struct status *status);

/* Nothing is wrong with it: what can be had was had, no topic is amiss. */
bool status_is_well(const struct status *status);

/* Appends it, for people and for programs. */
void status_text(const struct status *status, struct buf *out);
void status_json(const struct status *status, struct buf *out);

#endif
