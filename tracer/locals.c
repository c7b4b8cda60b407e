#include "tracer/locals.h"

#include "tracer/dict_locals.h"
#include "tracer/slot_internal.h"
#include "tracer/tracer_internal.h"

static void look_at(struct tracer *tracer, struct frame_state *state, int i, bool restate)
{
	const struct plan_slot *plan = &state->plan->slots[i];
	PyObject *value;
	uint64_t bit = (uint64_t)1 << (i & 63);
	enum slot_watch watch;

	if (!plan->name)
		return;
	value = py_frame_local(state->frame, i, plan->cell);
	watch = slot_put(tracer, &state->slots[i],
		(struct variable){plan->name, value, plan->secret}, restate);
	state->slots[i].value = state->frame->localsplus[i];
	if (i >= PLAN_MASK_SLOTS)
		return;
	state->movable &= ~bit;
	state->private &= ~bit;
	if (watch == WATCH_ALWAYS)
		state->movable |= bit;
	else if (watch == WATCH_LOADS)
		state->private |= bit;
}

/* Only a debugger's write to f_locals changes a fast local but by an instruction of the
 * frame's own code, and reaches what only the frame holds; the interpreter then has set
 * f_fast_as_locals. */
static uint64_t reached_by_debugger(const struct frame_state *state)
{
	PyObject *const *values = state->frame->localsplus;
	uint64_t mask = state->private;

	if (!py_frame_has_locals_dict(state->frame))
		return 0;
	for (int i = 0; i < state->plan->slot_count; i++)
		mask |= (uint64_t)(values[i] != state->slots[i].value) << i;
	return mask;
}

static void put_locals(struct tracer *tracer, struct frame_state *state, bool restate)
{
	struct plan *plan = state->plan;
	struct plan_line line;
	uint64_t mask;
	bool all = plan->slot_count > PLAN_MASK_SLOTS || state->doubts != tracer->doubts;

	state->doubts = tracer->doubts;
	if (!plan->optimized) {
		dict_locals_put(tracer, state, restate, all);
		return;
	}
	if (restate || all) {
		for (int i = 0; i < plan->slot_count; i++)
			look_at(tracer, state, i, restate);
		return;
	}
	line = plan_line(plan, state->line);
	mask = line.stores | plan->cells | state->movable | (line.loads & state->private) |
	       reached_by_debugger(state);
	while (mask) {
		look_at(tracer, state, __builtin_ctzll(mask), false);
		mask &= mask - 1;
	}
}

void locals_put(struct tracer *tracer, struct frame_state *state)
{
	struct stream *stream = &tracer->stream;
	ptrdiff_t before = stream->at - stream->event;

	if (state->block == stream->block) {
		put_locals(tracer, state, false);
		return;
	}
	state->block = stream->block;
	put_locals(tracer, state, true);
	state->stated_bytes = (uint32_t)(stream->at - stream->event - before);
}

static bool state_locals(struct tracer *tracer, struct frame_state *state)
{
	struct plan *plan = state->plan;
	bool known = true;

	for (int i = 0; i < plan->slot_count; i++) {
		const struct plan_slot *slot = &plan->slots[i];
		PyObject *value;

		if (!slot->name)
			continue;
		value = py_frame_local(state->frame, i, slot->cell);
		known &= slot_state(tracer, &state->slots[i],
			(struct variable){slot->name, value, slot->secret});
	}
	return known;
}

void locals_state(struct tracer *tracer, struct frame_state *state)
{
	/* A value that has changed since the frame's last event may have changed back at its
	 * next: unless all are as they were, that event restates them. */
	bool known = state->plan->optimized ? state_locals(tracer, state)
					    : dict_locals_state(tracer, state);

	if (known)
		state->block = tracer->stream.block;
}
