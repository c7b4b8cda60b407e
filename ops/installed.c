#include "ops/installed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int installed_path(const char *name, char path[PATH_MAX], struct err *err)
{
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (len < 0)
		return err_set_errno(err, errno, "where is this program");
	program[len] = '\0';
	for (int up = 0; up < 2; up++)
		if (strrchr(program, '/'))
			*strrchr(program, '/') = '\0';
	if (snprintf(path, PATH_MAX, "%s/%s", program, name) >= PATH_MAX)
		return err_set_errno(err, ENAMETOOLONG, "%s", program);
	if (access(path, R_OK))
		return err_set_errno(err, errno, "%s", path);
	return 0;
}
