/*
 * clock: wall-clock nanoseconds at the price of reading the processor's time stamp
 * counter, where the kernel itself trusts that counter; else clock_gettime().
 *
 * The counter's rate is measured against the wall clock between init and each
 * clock_adjust() (once a block), so that an error cannot grow: within a block times come
 * from the counter, each block starts from the kernel's clock.
 *
 * Clocks of several hosts. A child's first event must not be before the call in its parent
 * that started it, whatever their hosts' clocks show. This is the receive rule of hybrid
 * logical clocks (S. S. Kulkarni, M. Demirbas, D. Madappa, B. Avva, M. Leone: Logical
 * Physical Clocks, OPODIS 2014), with "start a child" as the only message: SMILEY_PARENT
 * carries the parent's time, and the child's clock begins behind it:
 *
 *     offset = max(0, parent's time + 1 - now)        schemas/parent.h: parent_offset_ns()
 *     every time of the run = now + offset            RunStarted.clock_offset_ns says it
 *
 * The paper's clock would stand still, counting events, until the host's own clock has caught
 * up; ours keeps the offset for as long as the run lasts, so that differences between times
 * stay what was measured. A grandchild is told its parent's time with the offset in it. What
 * is derived needs no counter for equal times: a run's own order is its sequence numbers, and
 * a child's place in its parent is RunStarted.parent_seq.
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
	uint64_t scale;    /* nanoseconds a tick, times 2^32 */
	int64_t offset_ns; /* in all times, those above too */
};

void clock_init(struct clock *clock, int64_t offset_ns);

/* Takes a new pair; returns the time now, never before `not_before_ns`. */
int64_t clock_adjust(struct clock *clock, int64_t not_before_ns);

/* As clock_now(), by the kernel's clock. */
int64_t clock_now_by_kernel(const struct clock *clock);

/* The time now, the offset added. */
static inline int64_t clock_now(const struct clock *clock)
{
#if defined(__x86_64__)
	if (__builtin_expect(clock->counter, 1)) {
		uint64_t ticks = __builtin_ia32_rdtsc() - clock->base_tick;

		return clock->base_ns + (int64_t)(((unsigned __int128)ticks * clock->scale) >> 32);
	}
#endif
	return clock_now_by_kernel(clock);
}

#endif
