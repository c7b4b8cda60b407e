#include "ops/libexec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROOM 64 /* for what comes behind the directory */

int libexec_path(const char *name, char path[PATH_MAX], struct err *err)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - ROOM);
	char *end;

	if (len < 0)
		return err_set_errno(err, errno, "where is this program");
	path[len] = '\0';
	for (int up = 0; up < 2; up++)
		if ((end = strrchr(path, '/')))
			*end = '\0';
	len = (ssize_t)strlen(path);
	snprintf(path + len, (size_t)(PATH_MAX - len), "/libexec/smiley/%s", name);
	if (access(path, R_OK))
		return err_set_errno(err, errno, "%s", path);
	return 0;
}
