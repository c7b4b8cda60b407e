#include "tracer/shell.h"

#include <errno.h>
#include <paths.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXITED_127 (127 << 8)

static void hold_signals(struct shell *shell, struct shell_signals *signals)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t child;

	sigemptyset(&ignore.sa_mask);
	if (signals->inside++ == 0) {
		sigaction(SIGINT, &ignore, &signals->interrupt);
		sigaction(SIGQUIT, &ignore, &signals->quit);
	}
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &child, &shell->mask);
}

void shell_start(struct shell *shell, struct shell_signals *signals, const char *command,
	char *const *environment)
{
	char *const argv[] = {"sh", "-c", (char *)command, NULL};
	posix_spawnattr_t attributes;
	sigset_t defaults;

	*shell = (struct shell){.status = EXITED_127};
	hold_signals(shell, signals);
	sigemptyset(&defaults);
	if (signals->interrupt.sa_handler != SIG_IGN)
		sigaddset(&defaults, SIGINT);
	if (signals->quit.sa_handler != SIG_IGN)
		sigaddset(&defaults, SIGQUIT);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &shell->mask);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	if (posix_spawn(&shell->pid, _PATH_BSHELL, NULL, &attributes, argv, environment) != 0)
		shell->pid = 0;
	posix_spawnattr_destroy(&attributes);
}

void shell_wait(struct shell *shell)
{
	while (shell->pid && waitpid(shell->pid, &shell->status, 0) < 0)
		if (errno != EINTR) {
			shell->status = -1;
			break;
		}
}

int shell_end(struct shell *shell, struct shell_signals *signals)
{
	int before = errno;

	if (--signals->inside == 0) {
		sigaction(SIGINT, &signals->interrupt, NULL);
		sigaction(SIGQUIT, &signals->quit, NULL);
	}
	pthread_sigmask(SIG_SETMASK, &shell->mask, NULL);
	errno = before;
	return shell->status;
}
