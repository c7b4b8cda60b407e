/*
 * help_child: runs a part of a test in a process of its own, which may be killed. The child
 * is this very program started anew: a fork would not have the threads that libraries
 * began before.
 */
#ifndef SMILEY_TESTS_LIB_HELP_CHILD_H
#define SMILEY_TESTS_LIB_HELP_CHILD_H

#include <sys/types.h>

/* Starts this program with these arguments (NULL ends them); its main() must look for
 * them before it runs tests. What fails aborts. */
pid_t child_start(const char *role, const char *first, const char *second);

/* Waits for its end. Returns what waitpid() tells. */
int child_wait(pid_t child);

/* Kills it when so many microseconds have passed, and waits. */
int child_kill_after(pid_t child, unsigned us);

#endif
