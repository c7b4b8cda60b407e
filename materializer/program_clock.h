/*
 * program_clock: the time that a program would have come to had nobody traced it.
 *
 * The tracer says in the stream what it takes for an event (struct cost, schemas/event.h) and
 * when it stopped the program for something else. Both are taken off the time that passed: before
 * an event what the interpreter does to tell of it, after it what the tracer did with it.
 * Costs are means; an event that took less leaves a debt that the next ones pay, up to a limit,
 * so that the sum is right and the clock never goes back.
 */
#ifndef SMILEY_MATERIALIZER_PROGRAM_CLOCK_H
#define SMILEY_MATERIALIZER_PROGRAM_CLOCK_H

#include "schemas/event.h"

/* No more debt than that is carried on: costs that are too high by mistake shall not eat a
 * program's real waiting. */
#define PROGRAM_CLOCK_DEBT_NS 20000

/* Zeroed: no event has come. */
struct program_clock {
	int64_t now_ns;            /* program time of the last event, the first one's being 0 */
	int64_t shift_ns;          /* what is taken off the time of the wall */
	int64_t after_ns;          /* the last event's cost that is still to be taken off */
	int64_t first_ns, last_ns; /* by the wall: of the first and the last event */
	bool runs;
};

/* To be told of every event in its order. Returns the program's time at the event. */
static inline int64_t program_clock_tick(struct program_clock *clock, const struct event *event)
{
	int64_t now;

	if (__builtin_expect(!clock->runs, 0)) {
		clock->runs = true;
		clock->first_ns = clock->shift_ns = event->time_ns;
	}
	clock->last_ns = event->time_ns;
	now = event->time_ns - clock->shift_ns;
	if (__builtin_expect(now < clock->now_ns, 0)) {
		if (clock->now_ns - now > PROGRAM_CLOCK_DEBT_NS)
			clock->shift_ns = event->time_ns - clock->now_ns + PROGRAM_CLOCK_DEBT_NS;
		return clock->now_ns;
	}
	clock->now_ns = now;
	return now;
}

#endif
