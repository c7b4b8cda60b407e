#include "ops/parent_env.h"

#include <stdlib.h>
#include <string.h>

/* What a traced process adds for pythons that it starts: tracer/lineage.h. */
#define CHILD_VARIABLE "SMILEY_CHILD"
#define DIRECTORY "/smiley/inject"

static void restore_python_path(const char *child)
{
	const char *path = getenv("PYTHONPATH");
	size_t len = path ? strcspn(path, ":") : 0;
	char *rest;

	if (len < strlen(DIRECTORY) ||
		strncmp(path + len - strlen(DIRECTORY), DIRECTORY, strlen(DIRECTORY)) != 0)
		return;
	rest = strdup(path + len + (path[len] == ':'));
	if (rest && (*rest || strstr(child, "&path=1")))
		setenv("PYTHONPATH", rest, 1);
	else
		unsetenv("PYTHONPATH");
	free(rest);
}

bool parent_env_take(struct parent *parent, struct buf *text)
{
	const char *told = getenv(PARENT_VARIABLE), *child = getenv(CHILD_VARIABLE);
	bool whole;

	buf_text(text, told ? told : "");
	whole = parent_parse(parent, slice_text(buf_string(text)));
	if (child)
		restore_python_path(child);
	unsetenv(CHILD_VARIABLE);
	unsetenv(PARENT_VARIABLE);
	return whole;
}
