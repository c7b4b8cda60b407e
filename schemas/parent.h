/*
 * parent: what a traced process tells those it starts, in the environment variable
 * SMILEY_PARENT: "RUN:SEQ:TIME_NS[:GROUP]". The group is all that is left, colons too.
 */
#ifndef SMILEY_SCHEMAS_PARENT_H
#define SMILEY_SCHEMAS_PARENT_H

#include "schemas/buf.h"
#include "schemas/run_id.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARENT_VARIABLE "SMILEY_PARENT"

/* Room for all but the group, and the NUL. */
#define PARENT_TEXT_BYTES 80

struct parent {
	struct run_id run;
	int64_t seq;        /* the parent's next event: those before came before the child */
	int64_t time_ns;    /* of the parent's last event, offset included */
	struct slice group; /* borrowed from the text; empty: none */
};

/* No clock shows a later time than this (in the year 2200): such a text is none of ours. */
#define PARENT_TIME_MAX_NS 7258118400000000000

/* False when the text is anything else; *parent is not to be used then. */
bool parent_parse(struct parent *parent, struct slice text);

/* Writes the text and a NUL, cut to `room` bytes; returns the bytes that the whole text
 * has, as snprintf() does. Allocates nothing. Numbers must not be negative. */
size_t parent_format(const struct parent *parent, char *text, size_t room);

/* What the child adds to its clock, which shows now_ns, for as long as it runs, so that none
 * of its times is before the call that started it (tracer/clock.h has the reason): 0 when
 * its clock is ahead of that already. */
int64_t parent_offset_ns(const struct parent *parent, int64_t now_ns);

#endif
