/*
 * clock: wall-clock nanoseconds at the price of reading the processor's time stamp
 * counter, where the kernel itself trusts that counter; else clock_gettime().
 *
 * The counter's rate is measured against the wall clock between init and each
 * clock_adjust() (once a block), so that an error cannot grow: within a block times come
 * from the counter, each block starts from the kernel's clock.
 */
#ifndef SMILEY_TRACER_CLOCK_H
#define SMILEY_TRACER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	bool counter;        /* use the time stamp counter */
	uint64_t first_tick; /* the pair taken at init */
	int64_t first_ns;
	uint64_t base_tick; /* the pair taken at the last adjust */
	int64_t base_ns;
	uint64_t scale; /* nanoseconds a tick, times 2^32 */
};

void clock_init(struct clock *clock);

/* Takes a new pair; returns the time now, never before `not_before_ns`. */
int64_t clock_adjust(struct clock *clock, int64_t not_before_ns);

int64_t clock_read_slow(void);

static inline int64_t clock_now(const struct clock *clock)
{
#if defined(__x86_64__)
	if (__builtin_expect(clock->counter, 1)) {
		uint64_t ticks = __builtin_ia32_rdtsc() - clock->base_tick;

		return clock->base_ns + (int64_t)(((unsigned __int128)ticks * clock->scale) >> 32);
	}
#endif
	return clock_read_slow();
}

#endif
