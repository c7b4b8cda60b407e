#include "materializer/origin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES (2 * ORIGIN_NAME_BYTES + 32)
#define HEAD "kafka\n"

static int path_of(const struct database_paths *paths, char path[PATH_MAX], struct err *err)
{
	if (snprintf(path, PATH_MAX, "%s/origin", paths->root) >= PATH_MAX)
		return err_set(err, ERR_USAGE, "path too long: %s", paths->root);
	return 0;
}

static int fill(char field[ORIGIN_NAME_BYTES], const char *name, const char *what, struct err *err)
{
	if (!name)
		name = "";
	if (strlen(name) >= ORIGIN_NAME_BYTES || strchr(name, '\n'))
		return err_set(err, ERR_USAGE, "%s is too long or has a line end", what);
	strcpy(field, name);
	return 0;
}

int origin_of_kafka(struct origin *origin, const char *prefix, const char *group, struct err *err)
{
	int rc;

	*origin = (struct origin){.kafka = true};
	rc = fill(origin->prefix, prefix, "the topics' prefix", err);
	return rc ? rc : fill(origin->group, group, "the group's name", err);
}

/* "kafka", prefix, group: a line each. */
static bool parse(char *text, struct origin *origin)
{
	char *prefix, *group, *end;

	if (strncmp(text, HEAD, strlen(HEAD)) != 0)
		return false;
	prefix = text + strlen(HEAD);
	group = strchr(prefix, '\n');
	if (!group)
		return false;
	*group++ = '\0';
	end = strchr(group, '\n');
	if (!end || end[1])
		return false;
	*end = '\0';
	return origin_of_kafka(origin, prefix, group, NULL) == 0;
}

int origin_read(const struct database_paths *paths, struct origin *origin, struct err *err)
{
	char path[PATH_MAX], text[FILE_BYTES];
	ssize_t got;
	int fd;

	*origin = (struct origin){0};
	if (path_of(paths, path, err))
		return ERR_USAGE;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_set_errno(err, errno, "open %s", path);
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got < 0)
		return err_set_errno(err, errno, "read %s", path);
	text[got] = '\0';
	if (!parse(text, origin))
		return err_set(err, ERR_FORMAT, "%s is damaged: it names no log", path);
	return 0;
}

/* Written aside and linked, so that it is whole or not there, and the first one counts. */
static int write_origin(
	const struct database_paths *paths, const struct origin *origin, struct err *err)
{
	char path[PATH_MAX], made[PATH_MAX], text[FILE_BYTES];
	int length, fd;
	int rc = path_of(paths, path, err);

	if (rc)
		return rc;
	if (snprintf(made, sizeof(made), "%s.%ld", path, (long)getpid()) >= (int)sizeof(made))
		return err_set(err, ERR_USAGE, "path too long: %s", paths->root);
	length = snprintf(text, sizeof(text), HEAD "%s\n%s\n", origin->prefix, origin->group);
	fd = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set_errno(err, errno, "make %s", made);
	if (write(fd, text, (size_t)length) != length)
		rc = err_set_errno(err, errno, "write %s", made);
	else if (link(made, path) < 0 && errno != EEXIST)
		rc = err_set_errno(err, errno, "make %s", path);
	close(fd);
	unlink(made);
	return rc;
}

static int other(const struct database_paths *paths, const struct origin *is, struct err *err)
{
	if (!is->kafka)
		return err_set(err, ERR_STATE,
			"database %s is made from the log in it, not from Kafka: --local uses "
			"that log, --database names another",
			paths->root);
	if (*is->group)
		return err_set(err, ERR_STATE,
			"database %s is made from Kafka's topics %s* (--brokers, --topic-prefix), "
			"as one of group %s (--group-id); --database names another",
			paths->root, is->prefix, is->group);
	return err_set(err, ERR_STATE,
		"database %s is made from Kafka's topics %s* (--brokers, --topic-prefix); "
		"--database names another",
		paths->root, is->prefix);
}

/* *fresh: nothing says yet what it is made from. */
static int compare(const struct database_paths *paths, const struct origin *wanted, bool with_group,
	bool *fresh, struct err *err)
{
	struct origin is;
	int rc = origin_read(paths, &is, err);

	*fresh = rc == 0 && !is.kafka && access(paths->log, F_OK) < 0;
	if (rc || *fresh)
		return rc;
	if (is.kafka != wanted->kafka || strcmp(is.prefix, wanted->prefix) != 0 ||
		(with_group && strcmp(is.group, wanted->group) != 0))
		return other(paths, &is, err);
	return 0;
}

int origin_check(const struct database_paths *paths, const struct origin *wanted, struct err *err)
{
	bool fresh;

	return compare(paths, wanted, false, &fresh, err);
}

int origin_settle(const struct database_paths *paths, const struct origin *wanted, struct err *err)
{
	bool fresh;
	int rc = compare(paths, wanted, true, &fresh, err);

	if (rc == 0 && fresh && wanted->kafka) {
		rc = write_origin(paths, wanted, err);
		rc = rc ? rc : compare(paths, wanted, true, &fresh, err);
	}
	return rc;
}
