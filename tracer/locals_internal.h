/*
 * locals_internal: the variables that a line can have changed, in line for the line event.
 */
#ifndef SMILEY_TRACER_LOCALS_INTERNAL_H
#define SMILEY_TRACER_LOCALS_INTERNAL_H

#include "tracer/locals.h"
#include "tracer/plain_internal.h"

/* Looks at one variable, whatever its value. */
void locals_look_at(struct tracer *tracer, struct frame_state *state, int i, bool restate);

/* Has the frame been looked at in this block, and so that only what the line before touches can
 * have changed? Then locals_put_known() does what locals_put() would. */
static inline bool locals_are_known(const struct tracer *tracer, const struct frame_state *state)
{
	return state->block == tracer->stream.block && state->doubts == tracer->doubts &&
	       state->plan->masked && !py_frame_has_locals_dict(state->frame);
}

/* The variables of a mask: those that are plain, and were, at once. */
static inline void locals_put_masked(
	struct tracer *tracer, struct frame_state *state, uint64_t mask, bool restate)
{
	const struct plan *plan = state->plan;
	uint64_t moving = ~plan->plain | state->movable | state->private;

	for (; mask; mask &= mask - 1) {
		int i = __builtin_ctzll(mask);
		PyObject *value = py_frame_slot(state->frame, i);

		if (moving >> i & 1 ||
			!plain_put(tracer, &state->slots[i], plan->slots[i].name, value, restate))
			locals_look_at(tracer, state, i, restate);
		else
			state->slots[i].value = value;
	}
}

/* The slots that the line before may have changed. */
static inline uint64_t locals_touched(const struct frame_state *state)
{
	const struct plan_line *line = plan_line(state->plan, state->line);

	return line->stores | state->movable | (line->loads & state->private);
}

static inline void locals_put_known(struct tracer *tracer, struct frame_state *state)
{
	locals_put_masked(tracer, state, locals_touched(state), false);
}

/* As locals_put(), in line where only that is to be done. */
static inline void locals_put_most(struct tracer *tracer, struct frame_state *state)
{
	if (__builtin_expect(locals_are_known(tracer, state), 1))
		locals_put_known(tracer, state);
	else
		locals_put(tracer, state);
}

#endif
