#include "ops/launch.h"

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops/canary.h"
#include "schemas/process.h"

/* What a shell, a supervisor or a user sends to the program they think they started. */
static const int passed_on[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

int launch_signal(const char *name)
{
	if (!name)
		return 0;
	return strcmp(name, "HUP") == 0 ? SIGHUP : strcmp(name, "USR1") == 0 ? SIGUSR1 : SIGUSR2;
}

static int open_fds(struct launch *launch, struct err *err)
{
	sigset_t watched;

	sigemptyset(&watched);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
		sigaddset(&watched, passed_on[i]);
	sigprocmask(SIG_BLOCK, &watched, &launch->mask);
	launch->signal_fd = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	if (launch->signal_fd < 0)
		return err_set_errno(err, errno, "signalfd");
	return 0;
}

int launch_start(struct launch *launch, const char *path, char **argv, char **env, struct err *err)
{
	posix_spawnattr_t attributes;
	int rc;

	*launch = (struct launch){.toggle_signal = launch->toggle_signal,
		.pid_fd = -1,
		.signal_fd = -1,
		.exit_status = -1};
	rc = open_fds(launch, err);
	if (rc)
		return rc;
	/* Dispositions are untouched here, so that the child inherits them; only the mask is
	 * ours, and goes back. */
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &launch->mask);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn(&launch->pid, path, NULL, &attributes, argv, env);
	posix_spawnattr_destroy(&attributes);
	if (rc) {
		launch_release(launch);
		return err_set_errno(err, rc, "start %s", path);
	}
	/* What is made from here on holds what the program does: its user's alone. */
	umask(S_IRWXG | S_IRWXO);
	/* Ignored children leave no status behind; ours must. */
	signal(SIGCHLD, SIG_DFL);
	launch->canary = canary_start();
	/* Where there is none (an old kernel, a sandbox) launch_wait() runs into its timeout. */
	launch->pid_fd = (int)syscall(SYS_pidfd_open, launch->pid, 0);
	return 0;
}

int launch_attach(struct launch *launch, pid_t pid, struct err *err)
{
	int rc;

	*launch = (struct launch){.pid = pid,
		.attached = true,
		.toggle_signal = launch->toggle_signal,
		.pid_fd = -1,
		.signal_fd = -1,
		.exit_status = -1};
	rc = open_fds(launch, err);
	if (!rc)
		launch->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	return rc;
}

/* What was sent to the whole process group the child has already. */
static void pass_on(struct launch *launch)
{
	struct signalfd_siginfo info;

	while (read(launch->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		int signo = (int)info.ssi_signo;

		if (info.ssi_code == SI_KERNEL)
			continue;
		if (signo == launch->toggle_signal)
			launch->toggled = !launch->toggled;
		else if (!launch->attached && !canary_heard(&launch->canary, signo))
			kill(launch->pid, signo);
	}
}

/* A process that we cannot wait for. */
static bool has_ended(const struct launch *launch)
{
	struct pollfd fd = {.fd = launch->pid_fd, .events = POLLIN};

	if (launch->pid_fd >= 0)
		return poll(&fd, 1, 0) > 0;
	return !process_alive(launch->pid, 0, 0);
}

static void reap(struct launch *launch)
{
	siginfo_t info = {0};
	int rc;

	if (launch->attached) {
		launch->ended = has_ended(launch);
		return;
	}
	rc = waitid(P_PID, (id_t)launch->pid, &info, WEXITED | WNOHANG);
	if (rc < 0 && errno == ECHILD)
		launch->ended = true;
	if (rc < 0 || info.si_pid != launch->pid)
		return;
	launch->ended = true;
	if (info.si_code == CLD_EXITED)
		launch->exit_status = info.si_status;
	else
		launch->signal = info.si_status;
}

bool launch_wait(struct launch *launch, int timeout_ms)
{
	struct pollfd fds[] = {
		{.fd = launch->signal_fd, .events = POLLIN},
		{.fd = launch->pid_fd, .events = POLLIN},
	};

	if (!launch->ended) {
		poll(fds, 2, timeout_ms);
		pass_on(launch);
		reap(launch);
	}
	return launch->ended;
}

bool launch_toggled(struct launch *launch)
{
	bool toggled = launch->toggled;

	launch->toggled = false;
	return toggled;
}

bool launch_interrupted(const struct launch *launch)
{
	struct signalfd_siginfo info;
	bool interrupted = false;

	while (read(launch->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		interrupted |= info.ssi_signo != SIGUSR1 && info.ssi_signo != SIGUSR2;
	return interrupted;
}

void launch_release(struct launch *launch)
{
	launch_interrupted(launch);
	canary_end(launch->canary);
	launch->canary = 0;
	if (launch->pid_fd >= 0)
		close(launch->pid_fd);
	if (launch->signal_fd >= 0)
		close(launch->signal_fd);
	launch->pid_fd = launch->signal_fd = -1;
	sigprocmask(SIG_SETMASK, &launch->mask, NULL);
}

int launch_leave(const struct launch *launch)
{
	struct rlimit none = {0, 0};
	sigset_t one;

	if (!launch->signal)
		return launch->exit_status;
	/* Whoever waits for us must see the same death; the core, if any, was the child's. */
	setrlimit(RLIMIT_CORE, &none);
	signal(launch->signal, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, launch->signal);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	kill(getpid(), launch->signal);
	return 128 + launch->signal;
}
