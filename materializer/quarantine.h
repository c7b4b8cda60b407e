/*
 * quarantine: what the log has and no run got: records that cannot be folded, damage that was
 * passed over, records that retention had removed before they were read or that are damaged on
 * Kafka. Each is told by its place in the log.
 */
#ifndef SMILEY_MATERIALIZER_QUARANTINE_H
#define SMILEY_MATERIALIZER_QUARANTINE_H

#include "ingest/log.h"
#include "materializer/key.h"
#include "materializer/query.h"

/* Of a message no more is kept. */
#define QUARANTINE_BYTES 4096

struct quarantined {
	struct run_id run;    /* that the record names; zeros: none */
	struct slice place;   /* as users read it: "smiley.events[3]@1234" */
	struct slice reason;  /* in words */
	int64_t time_ns;      /* of the record; 0: the log does not know */
	int64_t bytes;        /* of the message, or of damage */
	int64_t lost;         /* records that are gone just before the place; 0: it is no such */
	int64_t damaged;      /* so many of these are damaged, the others retention has removed */
	struct slice message; /* the first QUARANTINE_BYTES of it */
};

/* The value in the store; run, lost and damaged are not in it. Decoding borrows. */
void quarantine_encode(const struct quarantined *entry, struct buf *value);
bool quarantine_decode(struct slice value, struct quarantined *entry);

/* What stands for a place in a key. */
void quarantine_hash(struct slice place, uint8_t hash[KEY_HASH_BYTES]);

/* Calls each() for all that was set aside, then for what was lost; a nonzero return stops and
 * is returned. What it is passed is borrowed for the call. */
int query_quarantine(struct query *query,
	int (*each)(void *context, const struct quarantined *entry, struct err *err), void *context,
	struct err *err);

#endif
