#include "ops/python_main.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/installed.h"
#include "schemas/environment.h"

/* EXTENSION, that for the python which smiley is made for, comes from the Makefile. */

/* The loader divides at the first two, and replaces what the third begins. */
#define LOADER_SPECIAL ": $"

/* Where a part of ours is, as the loader can be told of it. */
static int loadable_path(const char *name, char library[PATH_MAX], int *open_as, struct err *err)
{
	int rc = installed_path(name, library, err);

	if (rc || !strpbrk(library, LOADER_SPECIAL))
		return rc;
	*open_as = open(library, O_RDONLY); /* to be inherited */
	if (*open_as < 0)
		return err_set_errno(err, errno, "open %s", library);
	snprintf(library, PATH_MAX, PYTHON_MAIN_OPEN_AS "%d", *open_as);
	return 0;
}

int python_main_prepare(
	struct python_main *start, const char *how, const char *spool_path, struct err *err)
{
	const char *theirs = getenv(PYTHON_MAIN_PRELOAD);
	struct buf entries = {0};
	char library[PATH_MAX], tracer[PATH_MAX];
	int rc;

	*start = (struct python_main){.library = -1, .tracer = -1};
	rc = loadable_path(PYTHON_MAIN_LIBRARY, library, &start->library, err);
	rc = rc ? rc : loadable_path(EXTENSION, tracer, &start->tracer, err);
	if (rc)
		return rc;
	buf_printf(&entries, PYTHON_MAIN_VARIABLE "=%s%s", how, spool_path);
	buf_byte(&entries, 0);
	buf_printf(&entries, PYTHON_MAIN_TRACER "=%s", tracer);
	buf_byte(&entries, 0);
	buf_printf(&entries, PYTHON_MAIN_PRELOAD "=%s%s%s", theirs ? theirs : "", theirs ? ":" : "",
		library);
	buf_byte(&entries, 0);
	start->env = environment_with(environ, &entries);
	buf_release(&entries);
	return start->env ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

void python_main_release(struct python_main *start)
{
	free(start->env);
	if (start->library >= 0)
		close(start->library);
	if (start->tracer >= 0)
		close(start->tracer);
	*start = (struct python_main){.library = -1, .tracer = -1};
}
