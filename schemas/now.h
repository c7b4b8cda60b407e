/*
 * now: the two clocks. The monotonic one for deadlines and pauses: setting the time of day
 * does not move it. The wall clock for what people and other hosts are told.
 */
#ifndef SMILEY_SCHEMAS_NOW_H
#define SMILEY_SCHEMAS_NOW_H

#include <stdint.h>
#include <time.h>

static inline int64_t now_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t monotonic_ns(void)
{
	return now_of(CLOCK_MONOTONIC);
}

static inline int64_t monotonic_ms(void)
{
	return monotonic_ns() / 1000000;
}

/* Nanoseconds since 1970 UTC. */
static inline int64_t wall_ns(void)
{
	return now_of(CLOCK_REALTIME);
}

#define NOW_TEXT_BYTES 32

/* The wall clock as UTC, RFC 3339, to the millisecond; takes no memory. */
void now_text(char text[NOW_TEXT_BYTES]);

/* What this thread has had of the processor. */
static inline int64_t thread_cpu_ns(void)
{
	return now_of(CLOCK_THREAD_CPUTIME_ID);
}

#endif
