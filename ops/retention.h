/*
 * retention: which runs are to go. Pure: from what is known of the runs to a verdict on each.
 *
 * A run that goes on or is pinned never goes. A run's age counts from its end.
 */
#ifndef SMILEY_OPS_RETENTION_H
#define SMILEY_OPS_RETENTION_H

#include "materializer/query.h"

struct retention_run {
	struct run_id id;
	int64_t ended_ns; /* no end known: when it started */
	int64_t events;
	bool running, failed, pinned;
	bool doomed;
};

/* The oldest first. */
struct retention_list {
	struct retention_run *runs;
	size_t count;
};

enum retention_errors {
	RETENTION_ERRORS_TOO,  /* runs that ended with an error are as any other */
	RETENTION_ERRORS_STAY, /* they never go */
	RETENTION_ERRORS_ONLY, /* only they may go */
};

/* Each that is set dooms runs; zeroed: none. */
struct retention_policy {
	bool by_age, by_runs, by_bytes;
	int64_t age_ns;    /* older ones go */
	int64_t max_runs;  /* of those that may go, the newest so many stay */
	int64_t max_bytes; /* the oldest go until the rest is no more than that */
	enum retention_errors errors;
};

/* Adds "7d" (s m h d w), "100" (runs) or "20G" (K M G T: bytes) to a policy. ERR_USAGE. */
int retention_parse(const char *word, struct retention_policy *policy, struct err *err);

/* All runs that a database has; pins are its. retention_list_release() follows. */
int retention_list_load(struct query *query, const struct database_paths *paths,
	struct retention_list *list, struct err *err);
void retention_list_release(struct retention_list *list);

/* Marks who has to go; used_bytes is what all runs together take on the disk, of which each is
 * held to have a share by its events. Returns how many. */
size_t retention_doom(struct retention_list *list, const struct retention_policy *policy,
	int64_t now_ns, uint64_t used_bytes);

#endif
