#include "tracer/python_args.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "python", "python3", "python3.11": the version, which may be empty. NULL: another name. */
static const char *version_in(const char *name)
{
	if (strncmp(name, "python", 6) != 0)
		return NULL;
	name += 6;
	return name[strspn(name, "0123456789.")] ? NULL : name;
}

static bool is_traced(const char *version)
{
	char *end;
	long minor = strncmp(version, "3.", 2) == 0 ? strtol(version + 2, &end, 10) : -1;

	return minor >= PYTHON_LEAST && minor <= PYTHON_MOST && !*end;
}

char python_args_blinding(const char *(*argument)(void *context, size_t i), void *context)
{
	const char *text;

	for (size_t i = 1; (text = argument(context, i)) && text[0] == '-' && text[1]; i++) {
		if (strcmp(text, "--check-hash-based-pycs") == 0)
			i++;
		if (text[1] == '-')
			continue;
		for (const char *at = text + 1; *at; at++) {
			if (strchr("EIS", *at))
				return *at;
			if (*at == 'c' || *at == 'm')
				return 0;
			if (*at == 'X' || *at == 'W') {
				i += !at[1];
				break;
			}
		}
	}
	return 0;
}

enum python_args python_args_judge(const char *path,
	const char *(*argument)(void *context, size_t i), void *context, char *reason, size_t room)
{
	char real[PATH_MAX];
	const char *version = version_in(base_name(path));
	char option;

	if (!version)
		return ARGS_OTHER;
	if (strchr(path, '/') && realpath(path, real) && version_in(base_name(real)))
		version = version_in(base_name(real));
	option = python_args_blinding(argument, context);
	if (option) {
		snprintf(reason, room, "started with -%c", option);
		return ARGS_NOT;
	}
	if (strchr(version, '.') && !is_traced(version)) {
		snprintf(reason, room, "Python %s, smiley traces 3.%d to 3.%d", version,
			PYTHON_LEAST, PYTHON_MOST);
		return ARGS_NOT;
	}
	return ARGS_TRACED;
}
