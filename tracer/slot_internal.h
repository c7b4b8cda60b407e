/*
 * slot_internal: one variable: has it changed, and how it is written.
 */
#ifndef SMILEY_TRACER_SLOT_INTERNAL_H
#define SMILEY_TRACER_SLOT_INTERNAL_H

#include "tracer/frame.h"

struct tracer;

struct variable {
	struct name *name;
	PyObject *value; /* borrowed; NULL: none */
	bool secret;
};

/* Writes a Change or Resize when the variable's value differs from what the slot knows, a
 * Local when it does not and restate is set; the slot then knows it. Returns when it must be
 * looked at again though it is not stored. */
enum slot_watch {
	WATCH_NEVER,
	WATCH_LOADS,
	WATCH_ALWAYS
};
enum slot_watch slot_put(
	struct tracer *tracer, struct slot *slot, struct variable variable, bool restate);

/* Writes a Local, if the variable has a value that is shown; the slot is not touched.
 * Returns whether that value is the one that the slot knows. */
bool slot_state(struct tracer *tracer, const struct slot *slot, struct variable variable);

#endif
