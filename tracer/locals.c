#include "tracer/locals.h"

#include "tracer/dict_locals.h"
#include "tracer/locals_internal.h"
#include "tracer/slot_internal.h"
#include "tracer/tracer_internal.h"

void locals_look_at(struct tracer *tracer, struct frame_state *state, int i, bool restate)
{
	const struct plan_slot *plan = &state->plan->slots[i];
	struct slot *slot = &state->slots[i];
	enum slot_watch watch, before = slot->watch;
	PyObject *value;
	uint64_t bit;

	if (!plan->name)
		return;
	slot->value = py_frame_slot(state->frame, i);
	value = py_frame_local(state->frame, i, plan->cell);
	watch = slot_put(tracer, slot, plan->name, value, plan->secret, restate);
	if (watch == before || i >= PLAN_MASK_SLOTS)
		return;
	bit = (uint64_t)1 << i;
	state->movable = watch == WATCH_ALWAYS ? state->movable | bit : state->movable & ~bit;
	state->private = watch == WATCH_LOADS ? state->private | bit : state->private & ~bit;
}

/* Only a debugger's write to f_locals changes a fast local but by an instruction of the
 * frame's own code, and reaches what only the frame holds; the interpreter then has set
 * f_fast_as_locals. */
static uint64_t reached_by_debugger(const struct frame_state *state)
{
	uint64_t mask = state->private;

	for (int i = 0; i < state->plan->slot_count; i++)
		mask |= (uint64_t)(py_frame_slot(state->frame, i) != state->slots[i].value) << i;
	return mask;
}

/* All variables: none of them known to be as it was. */
static void put_all(struct tracer *tracer, struct frame_state *state, bool restate)
{
	bool all = state->doubts != tracer->doubts;

	state->doubts = tracer->doubts;
	if (!state->plan->optimized) {
		dict_locals_put(tracer, state, restate, all);
		return;
	}
	for (int i = 0; i < state->plan->slot_count; i++)
		locals_look_at(tracer, state, i, restate);
}

static void put_whole(struct tracer *tracer, struct frame_state *state)
{
	struct stream *stream = &tracer->stream;
	ptrdiff_t before = stream->at - stream->event;

	state->block = stream->block;
	put_all(tracer, state, true);
	state->stated_bytes = (uint32_t)(stream->at - stream->event - before);
}

void locals_put_first(struct tracer *tracer, struct frame_state *state)
{
	const struct plan *plan = state->plan;
	struct stream *stream = &tracer->stream;
	ptrdiff_t before = stream->at - stream->event;

	if (!plan->masked) {
		put_whole(tracer, state);
		return;
	}
	state->block = stream->block;
	state->doubts = tracer->doubts;
	locals_put_masked(tracer, state, plan->arguments | plan->cells, true);
	state->stated_bytes = (uint32_t)(stream->at - stream->event - before);
}

void locals_put(struct tracer *tracer, struct frame_state *state)
{
	const struct plan *plan = state->plan;
	uint64_t mask;

	if (__builtin_expect(state->block != tracer->stream.block, 0)) {
		put_whole(tracer, state);
		return;
	}
	if (__builtin_expect(!plan->masked || state->doubts != tracer->doubts, 0)) {
		put_all(tracer, state, false);
		return;
	}
	mask = locals_touched(state);
	if (__builtin_expect(py_frame_has_locals_dict(state->frame), 0))
		mask |= reached_by_debugger(state);
	locals_put_masked(tracer, state, mask, false);
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
		known &= slot_state(tracer, &state->slots[i], slot->name, value, slot->secret);
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
