#include "ops/yield.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static int open_file(const struct database_paths *paths)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/want", paths->root);
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

int yield_ask(const struct database_paths *paths, int *fd, struct err *err)
{
	*fd = open_file(paths);
	if (*fd < 0)
		return err_set_errno(err, errno, "%s/want", paths->root);
	while (flock(*fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_set_errno(err, errno, "lock %s/want", paths->root);
	return 0;
}

int yield_listen(const struct database_paths *paths)
{
	return open_file(paths);
}

bool yield_wanted(int fd)
{
	if (fd < 0)
		return false;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	flock(fd, LOCK_UN);
	return false;
}

void yield_close(int fd)
{
	if (fd >= 0)
		close(fd);
}
