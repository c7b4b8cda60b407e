#include "tests/lib/help_child.h"

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

pid_t child_start(const char *role, const char *first, const char *second)
{
	char *const arguments[] = {
		(char *)"/proc/self/exe", (char *)role, (char *)first, (char *)second, NULL};
	pid_t child;

	if (posix_spawn(&child, arguments[0], NULL, NULL, arguments, environ) != 0)
		abort();
	return child;
}

int child_wait(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		abort();
	return status;
}

int child_kill_after(pid_t child, unsigned us)
{
	struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L};

	nanosleep(&time, NULL);
	kill(child, SIGKILL);
	return child_wait(child);
}
