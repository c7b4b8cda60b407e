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

/* What the tracer takes for an event of this kind from the event's time on. */
static inline int64_t program_cost_after(enum event_kind kind, const struct cost *cost)
{
	switch (kind) {
	case EVENT_LINE:
	case EVENT_EXCEPTION:
		return cost->line;
	case EVENT_CALL:
	case EVENT_RESUME:
		return cost->enter;
	case EVENT_RETURN:
	case EVENT_YIELD:
	case EVENT_UNWIND:
		return cost->leave;
	default:
		return 0;
	}
}

/* The clock at an event, before which (besides what the one before it left) `taken_ns` went to
 * the tracer, and after which after_ns will. */
static inline int64_t program_clock_step(
	struct program_clock *clock, int64_t time_ns, int64_t taken_ns, int64_t after_ns)
{
	int64_t now;

	if (__builtin_expect(!clock->runs, 0)) {
		clock->runs = true;
		clock->first_ns = clock->shift_ns = time_ns;
	} else {
		clock->shift_ns += clock->after_ns + taken_ns;
	}
	clock->after_ns = after_ns;
	clock->last_ns = time_ns;
	now = time_ns - clock->shift_ns;
	if (__builtin_expect(now < clock->now_ns, 0)) {
		if (clock->now_ns - now > PROGRAM_CLOCK_DEBT_NS)
			clock->shift_ns = time_ns - clock->now_ns + PROGRAM_CLOCK_DEBT_NS;
		return clock->now_ns;
	}
	clock->now_ns = now;
	return now;
}

/* To be told of every event in its order. Returns the program's time at the event. */
static inline int64_t program_clock_tick(struct program_clock *clock, const struct event *event)
{
	static const struct cost none;
	const struct cost *cost = event->frame ? &event->frame->code.cost : &none;

	return program_clock_step(clock, event->time_ns, event->pause_ns + cost->before,
		program_cost_after(event->kind, cost));
}

#endif
