#include "tracer/clock.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "schemas/now.h"

#define RATE_NS 200000

/* The kernel keeps time by the counter only after it has checked that it is constant and
 * the same on all cores. */
static bool kernel_trusts_counter(void)
{
	static const char path[] = "/sys/devices/system/clocksource/clocksource0/"
				   "current_clocksource";
	char name[16] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, name, sizeof(name) - 1);
	close(fd);
	return len >= 3 && memcmp(name, "tsc", 3) == 0;
}

static uint64_t ticks_now(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	return 0;
#endif
}

/* A first rate comes from a very short interval; adjust makes it better. The monotonic clock
 * measures it: the other one may be set back meanwhile, by an hour. */
static void wait_for_a_rate(void)
{
	int64_t until = monotonic_ns() + RATE_NS;

	while (monotonic_ns() < until)
		;
}

void clock_init(struct clock *clock, int64_t offset_ns)
{
	*clock = (struct clock){
		.first_tick = ticks_now(),
		.first_ns = wall_ns() + offset_ns,
		.offset_ns = offset_ns,
	};
#if defined(__x86_64__)
	clock->counter = kernel_trusts_counter();
#endif
	clock->base_tick = clock->first_tick;
	clock->base_ns = clock->first_ns;
	if (clock->counter)
		wait_for_a_rate();
	clock_adjust(clock, 0);
}

int64_t clock_now_by_kernel(const struct clock *clock)
{
	return wall_ns() + clock->offset_ns;
}

int64_t clock_adjust(struct clock *clock, int64_t not_before_ns)
{
	uint64_t tick = ticks_now();
	int64_t now = clock_now_by_kernel(clock);
	int64_t elapsed = now - clock->first_ns;

	if (clock->counter && elapsed > 0 && tick > clock->first_tick)
		clock->scale = (uint64_t)(((unsigned __int128)(uint64_t)elapsed << 32) /
					  (tick - clock->first_tick));
	if (elapsed < 0 || now < not_before_ns - 1000000000) {
		/* The wall clock was set back: begin anew from here. */
		clock->first_tick = tick;
		clock->first_ns = now;
	}
	clock->base_tick = tick;
	clock->base_ns = now > not_before_ns ? now : not_before_ns;
	return clock->base_ns;
}
