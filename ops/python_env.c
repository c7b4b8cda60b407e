#include "ops/python_env.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EMBEDDED "/usr/bin/python3.11"
#define EMBEDDED_NAME "Debian's Python 3.11"

/* The value of `key = value` in DIR/pyvenv.cfg, appended; false when it is not there. */
static bool pyvenv_value(const char *dir, const char *key, struct buf *value)
{
	char path[PATH_MAX], line[PATH_MAX + 64], name[32];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/pyvenv.cfg", dir);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		char *equals = strchr(line, '=');

		if (!equals || sscanf(line, " %31[^ =]", name) != 1 || strcmp(name, key) != 0)
			continue;
		equals += 1 + strspn(equals + 1, " \t");
		buf_append(value, equals, strcspn(equals, "\r\n"));
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

/* DIR of DIR/bin/python, appended: the virtual environment, if it is one. */
static void environment_of(const char *python, struct buf *dir)
{
	const char *slash = strrchr(python, '/');
	size_t len = slash ? (size_t)(slash - python) : 0;

	while (len && python[len - 1] != '/')
		len--;
	buf_append(dir, python, len > 1 ? len - 1 : len);
}

/* A name without a slash is looked up in PATH, as a shell does. */
static int locate(const char *chosen, struct buf *path, struct err *err)
{
	const char *at = getenv("PATH");

	if (strchr(chosen, '/')) {
		buf_text(path, chosen);
		return 0;
	}
	while (at && *at) {
		size_t len = strcspn(at, ":");

		buf_clear(path);
		buf_append(path, at, len);
		buf_printf(path, "/%s", chosen);
		if (access(buf_string(path), X_OK) == 0)
			return 0;
		at += len + (at[len] == ':');
	}
	return err_set(err, ERR_USAGE, "--python %s: not found in PATH", chosen);
}

static int other_build(
	const char *what, const char *given, const char *real, const char *dir, struct err *err)
{
	struct buf version = {0};
	const char *name;

	if (!pyvenv_value(dir, "version", &version))
		pyvenv_value(dir, "version_info", &version);
	name = strrchr(real, '/');
	err_set(err, ERR_USAGE,
		"%s%s is of Python %s (%s), smiley traces %s: %s --python " PYTHON_DEFAULT, what,
		given,
		version.len ? buf_string(&version)
		: name      ? name + 7
			    : "?",
		real, EMBEDDED_NAME, *what == 'V' ? "unset VIRTUAL_ENV or pass" : "pass");
	buf_release(&version);
	return ERR_USAGE;
}

int python_env_find(const char *chosen, struct buf *path, struct err *err)
{
	const char *active = getenv("VIRTUAL_ENV");
	const char *what = "--python ", *given = chosen;
	char real[PATH_MAX], embedded[PATH_MAX];
	struct buf dir = {0};
	int rc = 0;

	if (chosen) {
		rc = locate(chosen, path, err);
	} else if (active && *active) {
		what = "VIRTUAL_ENV ";
		given = active;
		buf_printf(path, "%s/bin/python", active);
	} else {
		buf_text(path, PYTHON_DEFAULT);
		return 0;
	}
	if (rc)
		return rc;
	if (!realpath(buf_string(path), real))
		return err_set(err, ERR_USAGE, "%s%s: %s: %s", what, given, buf_string(path),
			strerror(errno));
	environment_of(buf_string(path), &dir);
	if (realpath(EMBEDDED, embedded) && strcmp(real, embedded) != 0)
		rc = other_build(what, given, real, buf_string(&dir), err);
	buf_release(&dir);
	return rc;
}
