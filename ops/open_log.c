#include "ops/open_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool log_is_remote(const struct settings *settings)
{
	return settings_text(settings, OPTION_BROKERS) && !settings_flag(settings, OPTION_LOCAL);
}

static int spool_dir(const struct settings *settings, char **dir, struct err *err)
{
	const char *named = settings_text(settings, OPTION_SPOOL_DIR);
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	struct buf path = {0};

	if (named)
		buf_text(&path, named);
	else if (state && *state == '/')
		buf_printf(&path, "%s/smiley/spool", state);
	else if (home && *home)
		buf_printf(&path, "%s/.local/state/smiley/spool", home);
	else
		return err_set(
			err, ERR_USAGE, "no place for spools: neither --spool-dir nor HOME is set");
	*dir = path.failed ? NULL : strdup(buf_string(&path));
	buf_release(&path);
	return *dir ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

/* Makes the directory and those it is in. */
static int make_dirs(char *dir, struct err *err)
{
	for (char *at = strchr(dir + 1, '/');; at = strchr(at + 1, '/')) {
		int rc;

		if (at)
			*at = '\0';
		rc = mkdir(dir, 0700) < 0 && errno != EEXIST
			     ? err_set_errno(err, errno, "make directory %s", dir)
			     : 0;
		if (at)
			*at = '/';
		if (rc || !at)
			return rc;
	}
}

int open_place(
	const struct settings *settings, bool create, struct database_paths *paths, struct err *err)
{
	const char *database = settings_text(settings, OPTION_DATABASE);
	char *spool = NULL;
	int rc = 0;

	*paths = (struct database_paths){0};
	if (!log_is_remote(settings))
		return database_paths_init(paths, database, create, err);
	rc = spool_dir(settings, &spool, err);
	rc = rc ? rc : database_paths_init(paths, database, create, err);
	if (rc) {
		free(spool);
		return rc;
	}
	free(paths->spool);
	paths->spool = spool;
	return 0;
}

int open_spools(const struct settings *settings, struct database_paths *paths, struct err *err)
{
	const char *database = settings_text(settings, OPTION_DATABASE);
	int rc;

	*paths = (struct database_paths){0};
	if (!log_is_remote(settings))
		return database_paths_init(paths, database, true, err);
	paths->root = strdup(database);
	rc = paths->root ? spool_dir(settings, &paths->spool, err)
			 : err_set(err, ERR_MEMORY, "out of memory");
	rc = rc ? rc : make_dirs(paths->spool, err);
	if (rc)
		database_paths_release(paths);
	return rc;
}

int open_log(const struct settings *settings, const struct database_paths *paths, bool create,
	struct log **log, struct err *err)
{
	(void)settings;
	return file_log_open(paths->log, create, log, err);
}
