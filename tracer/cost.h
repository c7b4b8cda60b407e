/*
 * cost: what the tracer itself takes, and what the program takes between two events, so that a
 * profile can tell the one from the other.
 *
 * One event in some fifty is timed, and when there are many such one in some two hundred: from
 * where its recording begins to its end, and from there to where that of the next event begins,
 * which is the program's own time. A traced program is in the tracer for most of its time, and for
 * how long varies far more than what the program does from one line to the next: so a profile takes
 * the program's own times as they were sampled, and only where very much has passed what passed
 * without the tracer.
 *
 * Means are kept for each code object; each block states them behind its code objects (Cost and
 * Pace items). What the interpreter does to tell of an event cannot be timed from within:
 * calibrate() finds it out before the program begins; how much the program is slowed down by
 * that the tracer worked in between shows while it runs (disturbance() in cost.c).
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

/* Of one code object, or of all: the tracer's for its events, and the program's in it
 * from such an event to the next, whosever. */
struct cost_means {
	struct cost_mean of[COST_KINDS];
	struct cost_mean pace[COST_KINDS];
};

struct cost_sampler {
	struct cost_means all;
	bool off;       /* nobody wants to know: no samples */
	uint32_t until; /* events to the next sample */
	uint32_t random;
	bool passed_on;         /* the next event is looked at for its beginning alone */
	int64_t begun_ns;       /* the recording of the event that is to be sampled */
	int64_t ended_ns;       /* that of the one before */
	struct cost_mean *pace; /* to which the time from ended_ns on belongs; NULL: nothing */
	enum cost_kind kind;    /* of that */
	/* What the interpreter takes around the recording of an event, nanoseconds: told by a site, or
	 * by the trace function. */
	int32_t site_ns[COST_KINDS], traced_ns[COST_KINDS];
	const bool *sites; /* they tell; NULL: not known yet */
	/* The same of a function written in C: in the time it takes, and all (builtins.h). */
	int32_t builtin_inside_ns, builtin_told_ns;
};

void cost_init(struct cost_sampler *sampler);
void cost_switch_off(struct cost_sampler *sampler);

/* The recording of an event begins, and `until` is 1. Since the one before the program stood still
 * for pause_ns. */
void cost_begin(struct cost_sampler *sampler, int64_t now_ns, int64_t pause_ns);

/* That of the event ends, and `until` is 0. Returns whether cost_ended() is to be called. */
bool cost_end(struct cost_sampler *sampler, struct cost_means *means, enum cost_kind kind,
	int64_t now_ns);

/* What passes from now on is the program's, in the code whose means these are; NULL: in none. */
void cost_ended(struct cost_sampler *sampler, struct cost_means *running, enum cost_kind kind,
	int64_t now_ns);

/* Code that is seldom called is looked at whenever it is. */
#define COST_FEW 8
static inline bool cost_wants(const struct cost_means *means)
{
	return means->pace[COST_ENTER].count < COST_FEW;
}

/* These means are about to be freed. */
void cost_forget(struct cost_sampler *sampler, const struct cost_means *means);

/* What is to be stated of a code object; false: nothing is known yet. */
struct cost_statement {
	int32_t before, cost[COST_KINDS], pace[COST_KINDS];
};
bool cost_state(const struct cost_sampler *sampler, const struct cost_means *means,
	struct cost_statement *statement);

#endif
