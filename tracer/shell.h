/*
 * shell: system(3) with an environment of its own, in two halves: the program's other
 * threads go on between them.
 */
#ifndef SMILEY_TRACER_SHELL_H
#define SMILEY_TRACER_SHELL_H

#include <signal.h>
#include <sys/types.h>

/* Several threads may be in here: the first one's start saves the dispositions of SIGINT and
 * SIGQUIT, the last one's end puts them back. Zeroed is nobody. */
struct shell_signals {
	int inside;
	struct sigaction interrupt, quit;
};

struct shell {
	pid_t pid; /* 0: it did not start */
	sigset_t mask;
	int status;
};

/* Starts `sh -c command`, SIGINT and SIGQUIT ignored and SIGCHLD blocked from now on, as
 * system() does. With the GIL held, as shell_end(). */
void shell_start(struct shell *shell, struct shell_signals *signals, const char *command,
	char *const *environment);

/* Waits for its end. */
void shell_wait(struct shell *shell);

/* Returns the wait status; that of exit 127 when there is no shell; -1 and errno. */
int shell_end(struct shell *shell, struct shell_signals *signals);

#endif
