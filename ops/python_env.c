#include "ops/python_env.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ops/installed.h"
#include "ops/python_main.h"
#include "ops/python_probe.h"
#include "schemas/environment.h"
#include "tracer/python_args.h"

/* EMBEDDED, the python that smiley-python.so is built for, comes from the Makefile. */

/* A name without a slash is looked up in PATH, as a shell does. */
static bool locate(const char *chosen, struct buf *path)
{
	const char *at = getenv("PATH");

	if (strchr(chosen, '/')) {
		buf_text(path, chosen);
		return true;
	}
	while (at && *at) {
		size_t len = strcspn(at, ":");

		buf_clear(path);
		buf_append(path, at, len);
		buf_printf(path, "%s%s", len ? "/" : "./", chosen);
		if (access(buf_string(path), X_OK) == 0)
			return true;
		at += len + (at[len] == ':');
	}
	buf_clear(path);
	return false;
}

/* What names the python, for messages. */
struct choice {
	const char *what, *given;
};

static int choose(const char *chosen, struct choice *choice, struct buf *path, struct err *err)
{
	const char *active = getenv("VIRTUAL_ENV");

	*choice = (struct choice){"--python ", chosen};
	if (chosen)
		return locate(chosen, path)
			       ? 0
			       : err_set(err, ERR_USAGE, "--python %s: not found in PATH", chosen);
	if (active && *active) {
		*choice = (struct choice){"VIRTUAL_ENV ", active};
		buf_printf(path, "%s/bin/python", active);
		return 0;
	}
	*choice = (struct choice){"", "python3"};
	if (!locate("python3", path))
		buf_text(path, PYTHON_DEFAULT);
	return 0;
}

/* The words that follow what a python is, when it cannot be traced. */
static void refuse(const struct python_probe *probe, const char *path, struct buf *why)
{
	if (strcmp(probe->implementation, "cpython") != 0)
		buf_printf(why, "%s %d.%d: smiley traces CPython", probe->implementation,
			probe->major, probe->minor);
	else if (probe->major != 3 || probe->minor < PYTHON_LEAST || probe->minor > PYTHON_MOST)
		buf_printf(why, "Python %d.%d: smiley traces 3.%d to 3.%d", probe->major,
			probe->minor, PYTHON_LEAST, PYTHON_MOST);
	else if (strchr(probe->flags, 't'))
		buf_printf(why,
			"a free-threaded build of Python %d.%d: smiley traces builds with the "
			"global lock",
			probe->major, probe->minor);
	else
		buf_printf(why,
			"Python %d.%d: no tracer for it is installed (libexec/smiley/inject/"
			"_smiley%s): make extensions PYTHONS=%s builds it",
			probe->major, probe->minor, probe->suffix, path);
}

static int ask(const struct choice *choice, const char *path, struct err *err)
{
	char name[128], extension[PATH_MAX];
	struct python_probe probe;
	struct buf why = {0};
	int rc = python_probe(path, &probe, err);

	if (rc)
		return err_wrap(err, "%s%s: %s", choice->what, choice->given, path);
	snprintf(name, sizeof(name), "libexec/smiley/inject/_smiley%s", probe.suffix);
	if (installed_path(name, extension, NULL) == 0)
		return 0;
	refuse(&probe, path, &why);
	rc = err_set(err, ERR_USAGE, "%s%s is %s; or pass --python " PYTHON_DEFAULT, choice->what,
		choice->given, buf_string(&why));
	buf_release(&why);
	return rc;
}

/* Does who starts it get privileges? Then the loader puts nothing before it. */
static bool is_privileged(const char *path)
{
	struct stat file;

	return (stat(path, &file) == 0 && file.st_mode & (S_ISUID | S_ISGID)) ||
	       getxattr(path, "security.capability", NULL, 0) > 0;
}

int python_env_find(const char *chosen, struct python_env *env, struct err *err)
{
	char real[PATH_MAX], known[PATH_MAX];
	struct choice choice;
	int rc;

	*env = (struct python_env){0};
	rc = choose(chosen, &choice, &env->path, err);
	if (rc)
		return rc;
	if (!realpath(buf_string(&env->path), real))
		return err_set(err, ERR_USAGE, "%s%s: %s: %s", choice.what, choice.given,
			buf_string(&env->path), strerror(errno));
	env->known_build =
		realpath(EMBEDDED, known) && strcmp(real, known) == 0 && !is_privileged(known);
	return env->known_build ? 0 : ask(&choice, buf_string(&env->path), err);
}

void python_env_release(struct python_env *env)
{
	buf_release(&env->path);
}

static void put_escaped(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (strchr("%&=", *text) || *text <= ' ' || *text > '~')
			buf_printf(out, "%%%02x", (unsigned char)*text);
		else
			buf_byte(out, (uint8_t)*text);
}

/* The two variables, a NUL behind each (tracer/lineage.h). */
static bool put_variables(struct buf *out, const char *spool_path, const char *path)
{
	char inject[PATH_MAX], spool[PATH_MAX];
	int known = !path ? 0 : !*path ? 1 : 2;

	if (installed_path("libexec/smiley/inject", inject, NULL) || !realpath(spool_path, spool))
		return false;
	buf_text(out, "SMILEY_CHILD=run=");
	put_escaped(out, spool);
	buf_printf(out, "&path=%d", known);
	buf_byte(out, 0);
	buf_printf(out, "PYTHONPATH=%s%s%s", inject, known == 2 ? ":" : "", known == 2 ? path : "");
	buf_byte(out, 0);
	return !out->failed;
}

/* Another python: loads the extension by itself. */
static int start_other(char **argv, struct launch *launch, const char *spool_path, struct err *err)
{
	struct buf entries = {0};
	char **env = NULL;
	int rc;

	if (put_variables(&entries, spool_path, getenv("PYTHONPATH")))
		env = environment_with(environ, &entries);
	rc = env ? launch_start(launch, argv[0], argv, env, err)
		 : err_set(err, ERR_MEMORY, "out of memory");
	buf_release(&entries);
	free(env);
	return rc;
}

static int start_known(const struct python_env *python, char **argv, struct launch *launch,
	const char *spool_path, struct err *err)
{
	struct python_main start;
	int rc = python_main_prepare(
		&start, python->log_json ? PYTHON_MAIN_JSON : PYTHON_MAIN_TEXT, spool_path, err);

	rc = rc ? rc : launch_start(launch, argv[0], argv, start.env, err);
	python_main_release(&start);
	return rc;
}

int python_env_start(struct python_env *python, struct launch *launch, const char *spool_path,
	int argc, char **argv, struct err *err)
{
	char **whole = calloc((size_t)argc + 2, sizeof(*whole));
	int rc;

	if (!whole)
		return err_set(err, ERR_MEMORY, "out of memory");
	whole[0] = (char *)buf_string(&python->path);
	memcpy(whole + 1, argv, (size_t)argc * sizeof(*argv));
	rc = python->known_build ? start_known(python, whole, launch, spool_path, err)
				 : start_other(whole, launch, spool_path, err);
	free(whole);
	return rc;
}

/* The program's arguments behind a python's name. */
struct arguments {
	int argc;
	char **argv;
};

static const char *argument(void *context, size_t i)
{
	const struct arguments *arguments = context;

	if (i == 0)
		return "python";
	return i <= (size_t)arguments->argc ? arguments->argv[i - 1] : NULL;
}

char python_env_blind(int argc, char **argv)
{
	struct arguments arguments = {argc, argv};

	return python_args_blinding(argument, &arguments);
}
