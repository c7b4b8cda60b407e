/*
 * dict_locals: variables that live in a dict: a module's globals at its top level, a class
 * body's names.
 */
#ifndef SMILEY_TRACER_DICT_LOCALS_H
#define SMILEY_TRACER_DICT_LOCALS_H

#include "tracer/frame.h"

struct tracer;

/* As locals_put() and locals_state(); the latter returns whether all is as it was at the
 * frame's last event. A dict whose version has not changed is not walked:
 * only its values that can change without a store are looked at, or `all`. */
void dict_locals_put(struct tracer *tracer, struct frame_state *state, bool restate, bool all);
bool dict_locals_state(struct tracer *tracer, struct frame_state *state);

#endif
