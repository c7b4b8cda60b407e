/*
 * brood: the spools of all runs that descend from one, each moved into the log by a shipper of
 * its own. New ones are found in the spool directory while it goes on.
 *
 * A failure of the log is tried again at a later step, and the programs meanwhile drop events
 * rather than wait; it never ends anything.
 */
#ifndef SMILEY_OPS_BROOD_H
#define SMILEY_OPS_BROOD_H

#include "ingest/log.h"
#include "schemas/run_id.h"

#include <stdbool.h>
#include <sys/types.h>

struct brood;
struct shipper;

/* spool_dir and log are borrowed. NULL: out of memory. */
struct brood *brood_new(const char *spool_dir, struct log *log, const struct run_id *root);

/* Finds new members, ships what is there, finishes those whose process has ended. Returns how
 * many messages were appended. */
size_t brood_step(struct brood *brood);

/* The same until nothing more is to be done now, and the log has acknowledged all of those that
 * have ended; waits up to timeout_ms for that. ERR_*: it has not. */
int brood_settle(struct brood *brood, int timeout_ms, struct err *err);

/* Is one of its processes there, with a spool or, as far as can be seen from outside, on the
 * way to one? */
bool brood_lives(struct brood *brood);

/* Takes from a shipper, the first run's, what its process has learned of its children. */
void brood_hear(struct brood *brood, struct shipper *parent);

/* Is there a member that is not done with? */
bool brood_is_empty(const struct brood *brood);

/* The first run's process has started others: they may be on the way. */
void brood_expect(struct brood *brood);

/* At the close, leaves the living to this process. */
void brood_bequeath(struct brood *brood, pid_t heir);
void brood_close(struct brood *brood);

#endif
