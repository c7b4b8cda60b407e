#include "ops/python_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* For any Python, 2 included. */
#define QUESTION                                                                    \
	"import sys\n"                                                              \
	"try:\n"                                                                    \
	"    from _imp import extension_suffixes\n"                                 \
	"    suffix = extension_suffixes()[0]\n"                                    \
	"except (ImportError, IndexError):\n"                                       \
	"    suffix = '-'\n"                                                        \
	"name = getattr(getattr(sys, 'implementation', None), 'name', 'cpython')\n" \
	"flags = getattr(sys, 'abiflags', '') or '-'\n"                             \
	"sys.stdout.write('%s %d %d %s %s\\n' % ((name,) + sys.version_info[:2] + (suffix, flags)))\n"

static int start(const char *path, int out, pid_t *pid)
{
	char *argv[] = {
		(char *)path, (char *)"-E", (char *)"-S", (char *)"-c", (char *)QUESTION, NULL};
	posix_spawn_file_actions_t files;
	int rc;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	rc = posix_spawn(pid, path, &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

int python_probe(const char *path, struct python_probe *probe, struct err *err)
{
	char text[512];
	size_t len = 0;
	ssize_t got;
	int ends[2], rc;
	pid_t pid;

	*probe = (struct python_probe){0};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set_errno(err, errno, "pipe");
	rc = start(path, ends[1], &pid);
	close(ends[1]);
	while (!rc && len < sizeof(text) - 1) {
		got = read(ends[0], text + len, sizeof(text) - 1 - len);
		if (got > 0)
			len += (size_t)got;
		else if (got == 0 || errno != EINTR)
			break;
	}
	close(ends[0]);
	if (rc) {
		err_set_errno(err, rc, "start it");
		return err->code = ERR_USAGE;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	text[len] = '\0';
	if (sscanf(text, "%31s %d %d %95s %15s", probe->implementation, &probe->major,
		    &probe->minor, probe->suffix, probe->flags) != 5)
		return err_set(err, ERR_USAGE, "it does not answer as a python does");
	return 0;
}
