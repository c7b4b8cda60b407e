/*
 * cost: what the tracer itself takes, so that a profile can leave it out.
 *
 * One event in some twenty is timed, from where its recording begins to its end. Means are
 * kept for each code object, since what an event takes depends on the variables there; one
 * that has few samples leans on the mean of all. Each block states them behind its code
 * objects (Cost items). What the interpreter does to tell of an event cannot be timed from
 * within: engine_begin() times the call of a hook that does nothing.
 */
#ifndef SMILEY_TRACER_COST_H
#define SMILEY_TRACER_COST_H

#include <stdbool.h>
#include <stdint.h>

enum cost_kind {
	COST_LINE,
	COST_ENTER,
	COST_LEAVE,
	COST_KINDS
};

/* Zeroed: no samples. */
struct cost_mean {
	float ns;
	uint32_t count;
};

/* Of one code object, or of all. */
struct cost_means {
	struct cost_mean of[COST_KINDS];
};

struct cost_sampler {
	struct cost_means all;
	uint32_t until; /* events to the next sample */
	uint32_t random;
	int64_t begun_ns; /* the recording of the event that is to be sampled */
	/* Before an event, nanoseconds: told by a site, or by the trace function. */
	int32_t site_ns, traced_ns;
	const bool *sites; /* they tell; NULL: not known yet */
};

void cost_init(struct cost_sampler *sampler);

/* An event has taken so long, from where its recording began. */
void cost_add(
	struct cost_sampler *sampler, struct cost_means *means, enum cost_kind kind, int64_t ns);

/* What is to be stated of a code object's events; false: nothing is known yet. */
bool cost_state(const struct cost_sampler *sampler, const struct cost_means *means, int32_t *before,
	int32_t ns[COST_KINDS]);

#endif
