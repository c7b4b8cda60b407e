/*
 * smiley-python.so: what runs in the place of python's main(); see python_main.h.
 *
 * Everything it is told beyond python's own arguments is in the spool, but for how to say that the
 * spool cannot be used.
 */
#include "ops/python_main.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/notice_object.h"
#include "tracer/interp.h"

typedef int main_function(int argc, char **argv, char **env);
typedef int start_function(main_function *program, int argc, char **argv, void (*init)(void),
	void (*fini)(void), void (*loader_fini)(void), void *stack_end);

/* What a program's entry point calls in the C library; the loader finds ours first. */
__attribute__((visibility("default"))) start_function __libc_start_main;

static void warn_json(const char *message)
{
	const struct notice_head head = {"error", "run", "untraced", message};
	struct buf line = {0};
	struct json json;

	notice_object_begin(&json, &line, &head);
	json_object_end(&json);
	fprintf(stderr, "%s\n", buf_string(&line));
	buf_release(&line);
}

static void warn(const char *message)
{
	fprintf(stderr, "smiley: run: the program runs, but is not traced: %s\n", message);
}

static bool is_variable(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

/* Takes our path off the end of LD_PRELOAD's value, and closes what it was open as. Returns whether
 * something is left. */
static bool take_off(char *value)
{
	char *last = strrchr(value, ':');
	const char *path = last ? last + 1 : value;

	if (strncmp(path, PYTHON_MAIN_OPEN_AS, strlen(PYTHON_MAIN_OPEN_AS)) == 0)
		close(atoi(path + strlen(PYTHON_MAIN_OPEN_AS)));
	if (last)
		*last = '\0';
	return last;
}

/* The environment is the program's again, in its order. Returns what SMILEY_MAIN was; NULL: there is
 * none. */
static const char *take_order(void)
{
	const char *order = NULL;
	char **to = environ;

	for (char **from = environ; *from; from++) {
		if (is_variable(*from, PYTHON_MAIN_VARIABLE))
			order = *from + strlen(PYTHON_MAIN_VARIABLE "=");
		else if (!is_variable(*from, PYTHON_MAIN_PRELOAD) ||
			 take_off(*from + strlen(PYTHON_MAIN_PRELOAD "=")))
			*to++ = *from;
	}
	*to = NULL;
	return order;
}

static int traced_main(int argc, char **argv, char **env)
{
	const char *order = take_order();
	bool json = order && strncmp(order, PYTHON_MAIN_JSON, strlen(PYTHON_MAIN_JSON)) == 0;

	(void)env;
	if (!order || strcmp(order, PYTHON_MAIN_CHECK) == 0)
		return PYTHON_MAIN_CHECKED;
	return interp_main(strchr(order, ':') + 1, argc, argv, json ? warn_json : warn);
}

int __libc_start_main(main_function *program, int argc, char **argv, void (*init)(void),
	void (*fini)(void), void (*loader_fini)(void), void *stack_end)
{
	start_function *next = (start_function *)dlsym(RTLD_NEXT, "__libc_start_main");

	if (!next)
		_exit(127);
	return next(getenv(PYTHON_MAIN_VARIABLE) ? traced_main : program, argc, argv, init, fini,
		loader_fini, stack_end);
}
