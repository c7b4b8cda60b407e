/* links: tracer schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracer/clock.h"
#include "schemas/now.h"

#define HOUR_NS 3600000000000
#define SECOND_NS 1000000000

static int looks;       /* at the wall clock */
static int set_back_at; /* an hour, before this look; 0: never */

/* In place of the C library's: the linker takes a program's own first. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_REALTIME && set_back_at && ++looks >= set_back_at)
		now->tv_sec -= 3600;
	return rc;
}

/* By the time stamp counter and by the kernel, each where it can be. */
static void each_way(void (*check)(struct clock *clock, int64_t offset_ns), int64_t offset_ns)
{
	struct clock clock;

	clock_init(&clock, offset_ns);
	check(&clock, offset_ns);
	clock.counter = false;
	check(&clock, offset_ns);
}

static void check_offset(struct clock *clock, int64_t offset_ns)
{
	int64_t before = wall_ns() + offset_ns, now, after;

	clock_adjust(clock, 0);
	now = clock_now(clock);
	after = wall_ns() + offset_ns;
	/* The counter's rate comes from a short interval. */
	assert_true(now >= before - SECOND_NS / 100 && now <= after + SECOND_NS / 100);
}

static void all_times_have_the_offset(void **state)
{
	(void)state;
	each_way(check_offset, 0);
	each_way(check_offset, HOUR_NS);
}

static void check_order(struct clock *clock, int64_t offset_ns)
{
	int64_t far = wall_ns() + offset_ns + SECOND_NS / 2;

	assert_true(clock_adjust(clock, far) == far);
	assert_true(clock_adjust(clock, 0) < far);
}

static void a_new_pair_is_never_before_the_last_event(void **state)
{
	(void)state;
	each_way(check_order, 0);
	each_way(check_order, HOUR_NS);
}

static void a_clock_set_back_while_it_begins_holds_nobody_up(void **state)
{
	struct clock clock;

	(void)state;
	for (set_back_at = 1; set_back_at < 4; set_back_at++) {
		int64_t begun = monotonic_ns();

		looks = 0;
		clock_init(&clock, 0);
		assert_true(monotonic_ns() - begun < 10ll * SECOND_NS);
	}
	set_back_at = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_times_have_the_offset),
		cmocka_unit_test(a_new_pair_is_never_before_the_last_event),
		cmocka_unit_test(a_clock_set_back_while_it_begins_holds_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
