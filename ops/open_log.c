#include "ops/open_log.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "materializer/origin.h"
#include "ops/kafka_options.h"
#include "ops/schema_ids.h"

#define KEPT_BYTES (32 << 20) /* the most that M_MMAP_THRESHOLD takes */

bool log_is_remote(const struct settings *settings)
{
	return settings_text(settings, OPTION_BROKERS) && !settings_flag(settings, OPTION_LOCAL);
}

int log_patience_ms(const struct settings *settings)
{
	return log_is_remote(settings) ? LOG_PATIENCE_MS : 0;
}

int log_flush_ms(const struct settings *settings)
{
	long long seconds = settings_number(settings, OPTION_FLUSH_TIMEOUT, 0);

	return seconds < 3600 ? (int)seconds * 1000 : 3600000;
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

/* Is the database there made from the log that the settings name? A new one will be. */
static int settle_origin(const struct settings *settings, enum place place,
	const struct database_paths *paths, struct err *err)
{
	struct origin wanted = {0}, is;
	const char *group = place == PLACE_FOLD ? settings_text(settings, OPTION_GROUP_ID) : NULL;
	int rc = 0;

	if (log_is_remote(settings))
		rc = origin_of_kafka(
			&wanted, settings_text(settings, OPTION_TOPIC_PREFIX), group, err);
	rc = rc ? rc : origin_read(paths, &is, err);
	if (rc)
		return rc;
	if (place == PLACE_ASK && is.kafka)
		return origin_check(paths, &wanted, err);
	return origin_settle(paths, &wanted, err);
}

int open_place(const struct settings *settings, enum place place, struct database_paths *paths,
	struct err *err)
{
	const char *database = settings_text(settings, OPTION_DATABASE);

	return open_place_at(settings, place, database, paths, err);
}

int open_place_at(const struct settings *settings, enum place place, const char *database,
	struct database_paths *paths, struct err *err)
{
	bool remote = log_is_remote(settings);
	char *spool = NULL;
	int rc = remote ? spool_dir(settings, &spool, err) : 0;

	*paths = (struct database_paths){0};
	rc = rc ? rc : database_paths_init(paths, database, place == PLACE_FOLD || remote, err);
	if (rc) {
		free(spool);
		return rc;
	}
	if (remote) {
		free(paths->spool);
		paths->spool = spool;
	}
	rc = settle_origin(settings, place, paths, err);
	if (rc)
		database_paths_release(paths);
	return rc;
}

/* What is not there yet has no real path. */
static char *absolute(const char *path)
{
	char cwd[PATH_MAX], *whole;

	if (*path == '/' || !getcwd(cwd, sizeof(cwd)))
		return strdup(path);
	return asprintf(&whole, "%s/%s", cwd, path) < 0 ? NULL : whole;
}

int look_at_place(const struct settings *settings, struct database_paths *paths, struct err *err)
{
	const char *database = settings_text(settings, OPTION_DATABASE);
	bool remote = log_is_remote(settings);
	char *spool = NULL;
	int rc = database_paths_init(paths, database, false, err);

	if (rc && rc != ERR_NOT_FOUND)
		return rc;
	if (remote && spool_dir(settings, &spool, NULL) == 0) {
		free(paths->spool);
		paths->spool = spool;
	}
	if (!rc)
		return 0;
	paths->root = absolute(database);
	if (paths->root && !remote && asprintf(&paths->spool, "%s/spool", paths->root) < 0)
		paths->spool = NULL;
	return paths->root ? rc : err_set(err, ERR_MEMORY, "out of memory");
}

int open_spools(const struct settings *settings, struct database_paths *paths, struct err *err)
{
	const char *database = settings_text(settings, OPTION_DATABASE);
	int rc;

	*paths = (struct database_paths){0};
	if (!log_is_remote(settings)) {
		rc = database_paths_init(paths, database, true, err);
		rc = rc ? rc : settle_origin(settings, PLACE_FOLD, paths, err);
		if (rc)
			database_paths_release(paths);
		return rc;
	}
	paths->root = strdup(database);
	rc = paths->root ? spool_dir(settings, &paths->spool, err)
			 : err_set(err, ERR_MEMORY, "out of memory");
	rc = rc ? rc : make_dirs(paths->spool, err);
	if (rc)
		database_paths_release(paths);
	return rc;
}

/* librdkafka takes a megabyte for each answer and gives it back: by the C library's own measure it
 * comes anew from the kernel every time, which is half of what reading costs. */
static void keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
}

static int open_kafka(
	const struct settings *settings, const char *group, struct log **log, struct err *err)
{
	struct kafka_options options;
	int rc = kafka_options_init(&options, settings, err);

	keep_memory();
	options.settings.group_id = group;
	rc = rc ? rc : kafka_log_open(&options.settings, log, err);
	kafka_options_release(&options);
	if (rc)
		return rc;
	rc = schema_ids_use(settings, *log, err);
	if (rc) {
		log_close(*log);
		*log = NULL;
	}
	return rc;
}

int open_log(const struct settings *settings, const struct database_paths *paths, bool create,
	struct log **log, struct err *err)
{
	if (log_is_remote(settings))
		return open_kafka(settings, NULL, log, err);
	return file_log_open(paths->log, create, log, err);
}

int open_log_shared(const struct settings *settings, const struct database_paths *paths,
	struct log **log, struct err *err)
{
	const char *group = settings_text(settings, OPTION_GROUP_ID);

	if (log_is_remote(settings))
		return open_kafka(settings, group, log, err);
	return file_log_open(paths->log, true, log, err);
}
