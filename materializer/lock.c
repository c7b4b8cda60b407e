#include "materializer/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int busy(int fd, const char *path, struct err *err)
{
	char text[32] = "";
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
	long pid = got > 0 ? strtol(text, NULL, 10) : 0;

	if (pid > 0)
		return err_set(err, ERR_BUSY, "%s is held by process %ld", path, pid);
	return err_set(err, ERR_BUSY, "%s is held by another process", path);
}

int lock_take(const char *path, int *fd, struct err *err)
{
	char text[32];
	int length, rc;

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return err_set_errno(err, errno, "open %s", path);
	if (flock(*fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			rc = busy(*fd, path, err);
		else
			rc = err_set_errno(err, errno, "lock %s", path);
		close(*fd);
		*fd = -1;
		return rc;
	}
	length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(*fd, 0) < 0 || pwrite(*fd, text, (size_t)length, 0) != length) {
		rc = err_set_errno(err, errno, "write %s", path);
		lock_release(*fd);
		*fd = -1;
		return rc;
	}
	return 0;
}

void lock_release(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* A line of /proc/locks: "1: FLOCK  ADVISORY  WRITE 812 fe:00:1068 0 EOF". */
static long holder_in(const char *line, const struct stat *file)
{
	unsigned int major_of, minor_of;
	unsigned long inode;
	long pid;

	if (sscanf(line, "%*d: FLOCK %*s WRITE %ld %x:%x:%lu", &pid, &major_of, &minor_of,
		    &inode) != 4)
		return 0;
	return pid > 0 && inode == file->st_ino && major_of == major(file->st_dev) &&
			       minor_of == minor(file->st_dev)
		       ? pid
		       : 0;
}

long lock_holder(const char *path)
{
	char line[256];
	struct stat file;
	long pid = 0;
	FILE *locks;

	if (stat(path, &file) < 0)
		return 0;
	locks = fopen("/proc/locks", "re");
	while (locks && pid == 0 && fgets(line, sizeof(line), locks))
		pid = holder_in(line, &file);
	if (locks)
		fclose(locks);
	return pid;
}
