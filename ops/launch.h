/*
 * launch: runs a program as the child of this process so that nobody outside can tell: same
 * terminal and process group, the signal dispositions we were given, signals passed on, exit
 * status or death by signal passed back.
 */
#ifndef SMILEY_OPS_LAUNCH_H
#define SMILEY_OPS_LAUNCH_H

#include "schemas/err.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Zeroed is nothing launched. */
struct launch {
	pid_t pid;
	pid_t canary;
	bool attached;     /* no child of ours */
	int toggle_signal; /* is not passed on; 0: none */
	bool toggled;
	int pid_fd;    /* readable when the child has ended */
	int signal_fd; /* signals that came to us */
	sigset_t mask; /* as we were given it */
	bool ended;
	int exit_status; /* -1: by signal */
	int signal;
};

/* HUP, USR1 or USR2, as --toggle-signal has it; 0 for NULL. */
int launch_signal(const char *name);

/* Starts path with argv and this environment. ERR_IO when it cannot be started. Of *launch only
 * toggle_signal is read. */
int launch_start(struct launch *launch, const char *path, char **argv, char **env, struct err *err);

/* Watches a process that is there already, and is no child: how it ends nobody tells, and no
 * signal is passed on. Of *launch only toggle_signal is read. */
int launch_attach(struct launch *launch, pid_t pid, struct err *err);

/* Waits up to timeout_ms for the child's end or a signal; signals are passed on. Returns
 * true once the child has ended (exit_status and signal say how). */
bool launch_wait(struct launch *launch, int timeout_ms);

/* Has launch_wait() met the toggle signal, an odd number of times, since this was asked? */
bool launch_toggled(struct launch *launch);

/* After the child's end: did a signal come that asks us to end? */
bool launch_interrupted(const struct launch *launch);

/* Back to the signal mask we were given. */
void launch_release(struct launch *launch);

/* How this process ends as the child did: returns the exit status, or does not return. */
int launch_leave(const struct launch *launch);

#endif
