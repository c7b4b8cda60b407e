#include "tracer/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES (256 * 1024)

struct helper {
	const char *path;
	char *const *argv, *const *env;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int failure;
};

/* Runs in a process between the two, in our memory, while we wait. */
static int between(void *argument)
{
	struct helper *helper = argument;
	pid_t pid;

	helper->failure = posix_spawn(
		&pid, helper->path, &helper->files, &helper->attributes, helper->argv, helper->env);
	_exit(0);
}

/* The process between has no signal for its parent: only who asks by __WCLONE waits for it. */
static int start(struct helper *helper)
{
	int flags = PROT_READ | PROT_WRITE, failure = 0;
	char *stack =
		mmap(NULL, STACK_BYTES, flags, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	sigset_t all, before;
	pid_t pid;

	if (stack == MAP_FAILED)
		return errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = clone(between, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK, helper);
	if (pid < 0)
		failure = errno;
	while (pid > 0 && waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	munmap(stack, STACK_BYTES);
	return failure ? failure : helper->failure;
}

static void prepare(struct helper *helper, int out)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&helper->files);
	posix_spawn_file_actions_adddup2(&helper->files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&helper->files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&helper->files, out, STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&helper->files, STDERR_FILENO + 1);
	posix_spawnattr_init(&helper->attributes);
	posix_spawnattr_setsigmask(&helper->attributes, &none);
	posix_spawnattr_setsigdefault(&helper->attributes, &all);
	posix_spawnattr_setflags(&helper->attributes,
		POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

int helper_start(const char *path, char *const *argv, char *const *env, int *out, struct err *err)
{
	struct helper helper = {.path = path, .argv = argv, .env = env};
	int ends[2], write_end, failure;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set_errno(err, errno, "pipe");
	/* One of the three that the helper gets may be closed in the program. */
	write_end = fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(ends[1]);
	if (write_end < 0) {
		close(ends[0]);
		return err_set_errno(err, errno, "pipe");
	}
	prepare(&helper, write_end);
	failure = start(&helper);
	posix_spawn_file_actions_destroy(&helper.files);
	posix_spawnattr_destroy(&helper.attributes);
	close(write_end);
	if (failure) {
		close(ends[0]);
		return err_set_errno(err, failure, "start %s", path);
	}
	*out = ends[0];
	return 0;
}
