/*
 * clock_behind: preloaded, what smiley itself sees of the wall clock is CLOCK_BEHIND seconds
 * behind; the C library, Python and librdkafka, which wait for moments of the kernel's clock, see
 * the real one.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
	const char *behind = getenv("CLOCK_BEHIND");
	Dl_info caller;
	int rc = (int)syscall(SYS_clock_gettime, clock, now);

	if (rc == 0 && clock == CLOCK_REALTIME && behind &&
		dladdr(__builtin_return_address(0), &caller) && caller.dli_fname &&
		strstr(caller.dli_fname, "/smiley"))
		now->tv_sec -= atol(behind);
	return rc;
}
