/*
 * shipper: moves one spool into a log.
 *
 * Each finished block becomes one message; a block that is still growing is cut where an
 * event ends once its first unshipped event is SHIPPER_DELAY_MS old, so that a live viewer
 * never waits longer. What has been shipped is noted in the spool once the log has
 * acknowledged it: a shipper killed between the two ships a block again, and readers keep each
 * event once. Chunks so shipped give their disk space back (hole punching).
 *
 * One log handle serves any number of shippers of one thread. After a failure of the handle for
 * good close its shippers; new ones, on another handle or later, go on from the notes.
 */
#ifndef SMILEY_INGEST_SHIPPER_H
#define SMILEY_INGEST_SHIPPER_H

#include "ingest/log.h"
#include "schemas/chunk.h"
#include "schemas/message.h"

#include <stdint.h>

#define SHIPPER_DELAY_MS 50
#define SHIPPER_START_MS 10000

struct shipper;

/* Takes the spool over: locks it. ERR_BUSY while another living process has it. */
int shipper_open(
	const char *spool_path, struct log *log, struct shipper **shipper, struct err *err);

/* Ships what is there. *moved counts the messages appended (0: nothing to do now, or the log
 * takes no more yet: log_trouble() may know why). Returns 0, or the log's error, but never
 * ERR_BUSY; calling again goes on where it stopped, and notes what was acknowledged since. */
int shipper_step(struct shipper *shipper, size_t *moved, struct err *err);

/* Says which process was started to be traced, before its tracer can say so itself: should
 * both be killed now, the next one need not wait for a tracer to come. */
void shipper_expect(struct shipper *shipper, int32_t pid);

/* True while the process that the tracer runs in is alive (by pid and start time). */
bool shipper_tracer_alive(const struct shipper *shipper);

/* How the process ended, as far as the caller knows. */
struct shipper_end {
	int64_t exit_status; /* -1 when by signal, or unknown */
	int64_t signal;
	bool lost; /* nobody saw the process end */
};

/* Of a process that is not our child: has it ended, or become another program? How, as far as
 * its tracer knew: without its last word it is lost. */
bool shipper_ended(const struct shipper *shipper, struct shipper_end *end);

/* A child that this process has waited for, and that died by a signal: takes one that has been
 * met since. False: there is none. */
bool shipper_next_reaped(struct shipper *shipper, struct reaped *reaped);

/* Is that this spool's process? */
bool shipper_is_of(const struct shipper *shipper, int32_t pid);

/* It has ended, but nobody has waited for it yet. */
bool shipper_is_zombie(const struct shipper *shipper);

/* Has the process started others, or become another program, as far as its tracer knows? */
bool shipper_has_children(const struct shipper *shipper);

/* Leaves the spool, at the close, to another process that will ship it. */
void shipper_bequeath(struct shipper *shipper, int32_t pid);

/* Ships the rest and, once that is acknowledged, RunFinished; then removes the spool file. The
 * shipper is done then. ERR_BUSY: the log did not acknowledge all within the time, and why: call
 * again with the same `end` (as often as one likes, 0 does not wait), or close the shipper and
 * leave the rest to the next one. */
#define SHIPPER_FINISH_MS 10000
int shipper_finish(struct shipper *shipper, const struct shipper_end *end, struct err *err);
int shipper_finish_within(
	struct shipper *shipper, const struct shipper_end *end, int timeout_ms, struct err *err);

/* Events appended so far. */
int64_t shipper_events(const struct shipper *shipper);

/* While the log takes nothing: when the spool is full the program drops events and counts
 * them from now on, whatever its policy, instead of waiting. */
void shipper_let_drop(struct shipper *shipper);

/* Unlocks; what was not shipped stays in the file for the next one. */
void shipper_close(struct shipper *shipper);

/* Ships every spool in dir that no living process ships; *runs counts them. A run whose
 * process has ended is finished as lost; one whose process goes on is shipped as far as it
 * is, and left for the next time. A spool that no tracer has opened yet is left alone for
 * SHIPPER_START_MS. A damaged spool is shipped as far as it is good, renamed to NAME.bad, and
 * named in *err (ERR_FORMAT) only after the others are done. ERR_BUSY: the log did not
 * acknowledge all of a spool in time; the rest stays for the next one. */
struct shipper_wait {
	int timeout_ms; /* for each spool */
	bool renewed;   /* with every acknowledgement: it goes on as long as the log does */
};
int shipper_collect(
	const char *dir, struct log *log, struct shipper_wait wait, size_t *runs, struct err *err);

#endif
