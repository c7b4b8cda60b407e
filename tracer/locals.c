#include "tracer/locals.h"

#include "tracer/dict_locals.h"
#include "tracer/slot_internal.h"
#include "tracer/tracer_internal.h"

static void look_at(struct tracer *tracer, struct frame_state *state, int i, bool restate)
{
	const struct plan_slot *plan = &state->plan->slots[i];
	PyObject *value;
	bool fixed;

	if (!plan->name)
		return;
	value = py_frame_local(state->frame, i, plan->cell);
	fixed = slot_put(tracer, &state->slots[i],
		(struct variable){plan->name, value, plan->secret}, restate);
	state->slots[i].value = state->frame->localsplus[i];
	if (i >= PLAN_MASK_SLOTS)
		return;
	if (fixed)
		state->movable &= ~((uint64_t)1 << i);
	else
		state->movable |= (uint64_t)1 << i;
}

/* Only a debugger's write to f_locals changes a fast local but by an instruction of the
 * frame's own code; the interpreter then has set f_fast_as_locals. */
static uint64_t moved_pointers(const struct frame_state *state)
{
	PyObject *const *values = state->frame->localsplus;
	uint64_t mask = 0;

	if (!py_frame_has_locals_dict(state->frame))
		return 0;
	for (int i = 0; i < state->plan->slot_count; i++)
		mask |= (uint64_t)(values[i] != state->slots[i].value) << i;
	return mask;
}

void locals_put(struct tracer *tracer, struct frame_state *state)
{
	struct plan *plan = state->plan;
	bool restate = state->block != tracer->stream.block;
	uint64_t mask;

	bool all =
		plan->slot_count > PLAN_MASK_SLOTS || state->class_changes != tracer->class_changes;

	state->block = tracer->stream.block;
	state->class_changes = tracer->class_changes;
	if (!plan->optimized) {
		dict_locals_put(tracer, state, restate, all);
		return;
	}
	if (restate || all) {
		for (int i = 0; i < plan->slot_count; i++)
			look_at(tracer, state, i, restate);
		return;
	}
	mask = plan_stores(plan, state->line) | plan->cells | state->movable |
	       moved_pointers(state);
	while (mask) {
		look_at(tracer, state, __builtin_ctzll(mask), false);
		mask &= mask - 1;
	}
}

void locals_state(struct tracer *tracer, struct frame_state *state)
{
	struct plan *plan = state->plan;

	state->block = tracer->stream.block;
	if (!plan->optimized) {
		dict_locals_state(tracer, state);
		return;
	}
	for (int i = 0; i < plan->slot_count; i++) {
		const struct plan_slot *slot = &plan->slots[i];

		if (slot->name)
			slot_state(tracer,
				(struct variable){slot->name,
					py_frame_local(state->frame, i, slot->cell), slot->secret});
	}
}
