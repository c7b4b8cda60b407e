/* links: tracer schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tracer/clock.h"
#include "schemas/now.h"

#define HOUR_NS 3600000000000
#define SECOND_NS 1000000000

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_times_have_the_offset),
		cmocka_unit_test(a_new_pair_is_never_before_the_last_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
