/*
 * slot_internal: one variable: has it changed, and how it is written.
 */
#ifndef SMILEY_TRACER_SLOT_INTERNAL_H
#define SMILEY_TRACER_SLOT_INTERNAL_H

#include "tracer/frame.h"
#include "tracer/print_internal.h"
#include "tracer/tracer_internal.h"

/* Writes a Change or Resize when the variable's value differs from what the slot knows, a
 * Local when it does not and restate is set; the slot then knows it. Returns when it must be
 * looked at again though it is not stored. */
enum slot_watch {
	WATCH_NEVER,
	WATCH_LOADS,
	WATCH_ALWAYS
};
enum slot_watch slot_put_slow(struct tracer *tracer, struct slot *slot, struct name *name,
	PyObject *value, bool secret, bool restate);

/* Writes a Change or Local of a variable; value NULL: it has none any more. */
void slot_put_item(struct tracer *tracer, enum item_kind kind, struct name *name, PyObject *value,
	bool secret);

/* Does the slot know that there is nothing to show, and since an earlier event? Then nothing is
 * to be done about a variable that has no value still, or a function. */
static inline bool slot_is_absent(const struct slot *slot, int64_t event)
{
	return slot->hash == 0 && slot->changed_at != event && slot->watch == WATCH_NEVER;
}

static inline enum slot_watch slot_put(struct tracer *tracer, struct slot *slot, struct name *name,
	PyObject *value, bool secret, bool restate)
{
	int64_t event = tracer->stream.seq + 1;
	uint64_t hash;

	if (slot_is_absent(slot, event) && (!value || shape_is_function(Py_TYPE(value))))
		return WATCH_NEVER;
	if (!print_is_simple(value))
		return slot_put_slow(tracer, slot, name, value, secret, restate);
	hash = print_simple(value);
	slot->watch = WATCH_NEVER;
	if (hash != slot->hash || slot->length != -1 || slot->changed_at == event) {
		slot->hash = hash;
		slot->length = -1;
		slot->version = 0;
		slot->changed_at = event;
		slot_put_item(tracer, ITEM_CHANGE, name, value, secret);
	} else if (restate) {
		slot_put_item(tracer, ITEM_LOCAL, name, value, secret);
	}
	return WATCH_NEVER;
}

/* Writes a Local, if the variable has a value that is shown; the slot is not touched.
 * Returns whether that value is the one that the slot knows. */
bool slot_state(struct tracer *tracer, const struct slot *slot, struct name *name, PyObject *value,
	bool secret);

#endif
