/*
 * program_clock: the time that a program would have come to had nobody traced it.
 *
 * From one event to the next the time that passed is the tracer's and the program's, and the
 * tracer's is most of it and varies far more. So the program's own part is not a difference: the
 * tracer samples it, and states its mean for each code and kind of event (struct pace,
 * schemas/event.h). Where more has passed than PACE_LONG_NS beside what the tracer takes for an
 * event (struct cost) the difference is the better one, and is what counts: a call of
 * something slow, waiting. Times in which the tracer stopped the program for something else, or
 * other processes ran, are stated and left out (pause_ns).
 *
 * A block without samples, of a run's very beginning or of an older version, has differences only.
 */
#ifndef SMILEY_MATERIALIZER_PROGRAM_CLOCK_H
#define SMILEY_MATERIALIZER_PROGRAM_CLOCK_H

#include "schemas/event.h"

/* Zeroed: no event has come. */
struct program_clock {
	int64_t now_ns;            /* program time of the last event, the first one's being 0 */
	int64_t after_ns;          /* what the tracer took for the last event */
	int64_t first_ns, last_ns; /* by the wall: of the first and the last event */
	enum event_kind kind;      /* of the last event */
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

/* How long the code runs on after an event of this kind; 0: not known. */
static inline int64_t program_pace_after(enum event_kind kind, const struct pace *pace)
{
	switch (kind) {
	case EVENT_LINE:
	case EVENT_EXCEPTION:
		return pace->line;
	case EVENT_CALL:
	case EVENT_RESUME:
		return pace->enter;
	case EVENT_RETURN:
	case EVENT_YIELD:
	case EVENT_UNWIND:
		return pace->leave;
	default:
		return 0;
	}
}

/* What of the time that passed is the program's. Before it is taken off what the tracer took
 * (cost_ns); pace_ns is the mean of samples, 0: none. */
static inline int64_t program_part(int64_t passed_ns, int64_t cost_ns, int64_t pace_ns)
{
	if (passed_ns <= 0)
		return 0;
	passed_ns -= cost_ns;
	if (pace_ns && passed_ns < PACE_LONG_NS)
		return pace_ns;
	return passed_ns > 0 ? passed_ns : 0;
}

/* An event, as the clock sees it. */
struct program_tick {
	enum event_kind kind;
	int64_t time_ns, pause_ns;
	const struct code *running; /* before it; NULL: none that is recorded */
	const struct code *code;    /* the event's own; NULL: none */
};

/* The clock at an event. Returns the program's time. */
static inline int64_t program_clock_step(
	struct program_clock *clock, const struct program_tick *tick)
{
	int64_t passed = tick->time_ns - clock->last_ns - tick->pause_ns, cost = 0, pace = 0;

	if (__builtin_expect(!clock->runs, 0)) {
		clock->runs = true;
		clock->first_ns = tick->time_ns;
		passed = 0;
	}
	if (tick->running) {
		cost = clock->after_ns + tick->running->cost.before;
		pace = program_pace_after(clock->kind, &tick->running->pace);
	}
	clock->now_ns += program_part(passed, cost, pace);
	clock->last_ns = tick->time_ns;
	clock->kind = tick->kind;
	clock->after_ns = tick->code ? program_cost_after(tick->kind, &tick->code->cost) : 0;
	return clock->now_ns;
}

/* Line events of one frame, behind another of it, that took so much of the program's time
 * (program_part() of each), the last one at time_ns. */
static inline void program_clock_pass(
	struct program_clock *clock, int64_t passed_ns, int64_t time_ns)
{
	clock->now_ns += passed_ns;
	clock->last_ns = time_ns;
}

/* Enters it a frame? Then its caller ran before. */
static inline bool program_enters(enum event_kind kind)
{
	return kind == EVENT_CALL || kind == EVENT_RESUME;
}

/* To be told of every event in its order. Returns the program's time at the event. */
static inline int64_t program_clock_tick(struct program_clock *clock, const struct event *event)
{
	const struct frame *frame = event->frame;
	const struct frame *running = frame && program_enters(event->kind) ? frame->caller : frame;

	return program_clock_step(clock, &(struct program_tick){
						 .kind = event->kind,
						 .time_ns = event->time_ns,
						 .pause_ns = event->pause_ns,
						 .running = running ? &running->code : NULL,
						 .code = frame ? &frame->code : NULL,
					 });
}

#endif
