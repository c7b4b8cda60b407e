/*
 * shipper_internal: the parts of the shipper.
 *
 *     shipper          open, step, finish, close
 *     shipper_block    blocks, and where they are cut
 *     shipper_record   run records and source files
 *     shipper_collect  leftovers
 */
#ifndef SMILEY_INGEST_SHIPPER_INTERNAL_H
#define SMILEY_INGEST_SHIPPER_INTERNAL_H

#include "ingest/shipper.h"
#include "ingest/spool_internal.h"
#include "schemas/block.h"

struct shipper {
	struct spool spool;
	struct log *log; /* borrowed */
	char *path;
	char key[RUN_ID_TEXT_BYTES];
	struct block_cursor *cursor;
	struct buf message;  /* the one being appended */
	struct buf items;    /* of a block that is cut */
	struct buf python;   /* the interpreter's version, once known */
	size_t appended;     /* messages, ever */
	bool damaged;        /* the spool, not the log, is what failed */
	bool waits_on;       /* as long as the log goes on acknowledging */
	struct buf reaped;   /* struct reaped, those that have not been asked for */
	int32_t heir;        /* who ships after the close; 0: nobody yet */
	int64_t waiting_seq; /* the growing block's first unshipped event */
	int64_t waiting_ms;  /* since when, by the monotonic clock */
};

/* Appends shipper->message, with the run's id as its key. */
int shipper_append(struct shipper *shipper, enum log_topic topic, struct err *err);

int shipper_append_key(
	struct shipper *shipper, enum log_topic topic, struct slice key, struct err *err);

/* Events before this one are appended to the log. */
int64_t shipper_seq(const struct shipper *shipper);

/* Ships what of the block is due: all that is not in the log when the record is final or
 * old enough. */
int shipper_block(struct shipper *shipper, const struct spool_record *record, struct err *err);

/* After all blocks: the gap event for what the tracer dropped at the run's end and could not
 * tell any more. */
int shipper_last_gap(struct shipper *shipper, struct err *err);

/* RunStarted as the spool's maker wrote it, borrowed from the spool; when that cannot be
 * read, the run id alone. */
void shipper_read_started(const struct shipper *shipper, struct run_started *run);

/* Ships RunStarted unless it is in the log. ERR_BUSY: it is on its way, and nothing else of the
 * run may be before it is there. */
int shipper_started(struct shipper *shipper, struct err *err);
int shipper_source(struct shipper *shipper, struct slice payload, struct err *err);
/* Of a process that the run has started and that is not traced. */
int shipper_child(struct shipper *shipper, struct slice payload, struct err *err);
int shipper_finished(struct shipper *shipper, const struct shipper_end *end, struct err *err);

/* Ships all there is now, not what a living tracer writes in the meantime, but for the end of its
 * chunk, and waits until the log has acknowledged it. ERR_BUSY: it has not within timeout_ms, and
 * why. */
int shipper_drain(struct shipper *shipper, int timeout_ms, struct err *err);

#endif
