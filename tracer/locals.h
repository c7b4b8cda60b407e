/*
 * locals: writes the variables of a frame that have changed since its last event, or all
 * of them when the block does not have them yet.
 *
 * Which variables must be looked at (design notes, "Cheapest sound change detection"):
 * those that the instructions of the line just run can store, cell and free variables, those
 * whose value can change without a store, and behind a debugger those whose pointer differs.
 */
#ifndef SMILEY_TRACER_LOCALS_H
#define SMILEY_TRACER_LOCALS_H

#include "tracer/frame.h"

struct tracer;

/* Behind the event's item: the frame's Change, Local and Resize items. */
void locals_put(struct tracer *tracer, struct frame_state *state);

/* The same, behind the event with which the frame begins: only its arguments, and what it
 * shares with others, have values yet. */
void locals_put_first(struct tracer *tracer, struct frame_state *state);

/* Behind a Frame item: all locals as they are now, as Local items; what they were at the
 * frame's own last event is not touched. */
void locals_state(struct tracer *tracer, struct frame_state *state);

#endif
