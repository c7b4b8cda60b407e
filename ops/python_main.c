#include "ops/python_main.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/environment.h"
#include "ops/installed.h"

/* The loader divides at the first two, and replaces what the third begins. */
#define LOADER_SPECIAL ": $"

/* `library` as the loader can be told of it. */
static int make_loadable(char library[PATH_MAX], int *open_as, struct err *err)
{
	if (!strpbrk(library, LOADER_SPECIAL))
		return 0;
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
	char library[PATH_MAX];
	int rc = installed_path(PYTHON_MAIN_LIBRARY, library, err);

	*start = (struct python_main){.library = -1};
	rc = rc ? rc : make_loadable(library, &start->library, err);
	if (rc)
		return rc;
	buf_printf(&entries, PYTHON_MAIN_VARIABLE "=%s%s", how, spool_path);
	buf_byte(&entries, 0);
	buf_printf(&entries, PYTHON_MAIN_PRELOAD "=%s%s%s", theirs ? theirs : "", theirs ? ":" : "",
		library);
	buf_byte(&entries, 0);
	start->env = environment_with(&entries);
	buf_release(&entries);
	return start->env ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

void python_main_release(struct python_main *start)
{
	free(start->env);
	if (start->library >= 0)
		close(start->library);
	*start = (struct python_main){.library = -1};
}
