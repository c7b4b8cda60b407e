#include "tracer/preempt.h"

#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

#define LEAST_NS 2000 /* below that it may be what looking took */

int64_t preempt_look(struct preempt *preempt, int64_t now_ns)
{
	const struct preempt before = *preempt;
	struct timespec ran;
	struct rusage usage;
	int64_t taken_ns;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran) < 0 ||
		getrusage(RUSAGE_THREAD, &usage) < 0) {
		*preempt = (struct preempt){0};
		return 0;
	}
	*preempt = (struct preempt){
		.thread = (uintptr_t)pthread_self(),
		.wall_ns = now_ns,
		.ran_ns = ran.tv_sec * INT64_C(1000000000) + ran.tv_nsec,
		.sleeps = usage.ru_nvcsw,
	};
	if (before.thread != preempt->thread || before.sleeps != preempt->sleeps)
		return 0;
	taken_ns = now_ns - before.wall_ns - (preempt->ran_ns - before.ran_ns);
	return taken_ns > LEAST_NS && taken_ns < now_ns - before.wall_ns ? taken_ns : 0;
}
