#include "materializer/database.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int make_dir(const char *dir, struct err *err)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_set_errno(err, errno, "make directory %s", dir);
	return 0;
}

static char *part(const char *root, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", root, name) < 0 ? NULL : path;
}

int database_paths_init(struct database_paths *paths, const char *dir, bool create, struct err *err)
{
	int rc = create ? make_dir(dir, err) : 0;

	*paths = (struct database_paths){0};
	if (rc < 0)
		return rc;
	paths->root = realpath(dir, NULL);
	if (!paths->root && errno == ENOENT && !create)
		return err_set(err, ERR_NOT_FOUND,
			"no database %s here: `smiley run` makes one, --database names another",
			dir);
	if (!paths->root)
		return err_set_errno(err, errno, "database %s", dir);
	paths->log = part(paths->root, "log");
	paths->spool = part(paths->root, "spool");
	paths->store = part(paths->root, "store");
	paths->lock = part(paths->root, "lock");
	paths->applied = part(paths->root, "applied");
	if (!paths->log || !paths->spool || !paths->store || !paths->lock || !paths->applied)
		rc = err_set(err, ERR_MEMORY, "database %s: out of memory", dir);
	if (rc == 0 && create)
		rc = make_dir(paths->spool, err);
	if (rc < 0)
		database_paths_release(paths);
	return rc;
}

void database_paths_release(struct database_paths *paths)
{
	free(paths->root);
	free(paths->log);
	free(paths->spool);
	free(paths->store);
	free(paths->lock);
	free(paths->applied);
	*paths = (struct database_paths){0};
}
