/*
 * lineage: whose child this run is and what its own children are told: the spool's header
 * as the tracer found it, kept apart from it, because a forked child must let go of that.
 *
 * A process that is started by exec gets it by two environment variables: SMILEY_PARENT
 * (schemas/parent.h) and SMILEY_CHILD, "key=value&key=value", each value's unusual bytes as
 * %XX:
 *
 *     spool=DIR         where spools are made
 *     root=ID           the run that `smiley run` began
 *     shipper=PID.START who ships
 *     limit=BYTES, drop=0|1     of a spool
 *     paused=0|1  nothing is recorded for now
 *     user=NAME, uid=N  the user's name, for this id
 *     path=0|1|2        PYTHONPATH was not set, empty, set
 *     options=TEXT      as in a spool's header
 *
 * The program of `smiley run` itself, in a python that is not Debian's, gets SMILEY_CHILD alone,
 * with run=SPOOL, which is made already, and path=.
 */
#ifndef SMILEY_TRACER_LINEAGE_H
#define SMILEY_TRACER_LINEAGE_H

#include "schemas/buf.h"
#include "schemas/chunk.h"
#include "schemas/err.h"
#include "schemas/message.h"
#include "schemas/parent.h"

#include <stdbool.h>
#include <stdint.h>

#define CHILD_VARIABLE "SMILEY_CHILD"

struct lineage {
	char *spool_dir;            /* absolute */
	struct run_id root;         /* the run that `smiley run` began */
	struct run_started started; /* of this process's run; its texts lie in `texts` */
	struct buf texts;
	struct buf options; /* the lines, as they came */
	uint64_t limit_bytes;
	bool drop;
	int32_t shipper_pid; /* as last seen; so are these two: */
	uint32_t shipper_start;
	bool paused; /* by the header's flag */
};

/* From a spool that has been opened. 0 or ERR_MEMORY. */
int lineage_init(
	struct lineage *lineage, const struct spool_header *header, const char *spool_path);
void lineage_release(struct lineage *lineage);

/* Takes over from the header who ships now, and whether all is paused. */
void lineage_look(struct lineage *lineage, const struct spool_header *header);

/* Appends the two variables' values. seq, time_ns: of this run's next event. path: what is
 * known of PYTHONPATH, see above. */
void lineage_tell(const struct lineage *lineage, int64_t seq, int64_t time_ns, int path,
	struct buf *parent, struct buf *child);

/* The other side: fills *lineage and *parent (borrowed from parent_text) from the values.
 * The run that it describes is the parent: lineage_begin() makes the child's. False: they
 * are not whole. */
bool lineage_read(struct lineage *lineage, struct parent *parent, const char *parent_text,
	const char *child_text);

/* The path of the spool that `smiley run` has made for this process, appended. False: it is a
 * child. */
bool lineage_made(const char *child_text, struct buf *path);

/* Makes a spool for a new run of this process: started is complete but for id, pid, time,
 * user and tracer, which are filled in. Its path is appended. The lineage stays the
 * parent's: lineage_init() with the new spool follows. */
int lineage_begin(const struct lineage *lineage, struct run_started *started, struct buf *path,
	struct err *err);

#endif
