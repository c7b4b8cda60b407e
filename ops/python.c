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

static main_function *python_main; /* python's own */

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

static void close_open(const char *path)
{
	if (strncmp(path, PYTHON_MAIN_OPEN_AS, strlen(PYTHON_MAIN_OPEN_AS)) == 0)
		close(atoi(path + strlen(PYTHON_MAIN_OPEN_AS)));
}

/* Takes our path off the end of LD_PRELOAD's value. Returns whether something is left. */
static bool take_off(char *value)
{
	char *last = strrchr(value, ':');

	close_open(last ? last + 1 : value);
	if (last)
		*last = '\0';
	return last;
}

/* Takes a variable out of the environment; the others keep their order. Returns its value, in the
 * memory that the program was started with; NULL: there is none. */
static const char *take_variable(const char *name)
{
	const char *value = getenv(name);

	unsetenv(name);
	return value;
}

static void restore_environment(void)
{
	char *preload = getenv(PYTHON_MAIN_PRELOAD);

	if (preload && !take_off(preload))
		unsetenv(PYTHON_MAIN_PRELOAD);
}

/* NULL: the loader does not take the tracer, and dlerror() tells why. */
static interp_main_function *load_tracer(const char *path)
{
	void *tracer = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;

	if (path)
		close_open(path);
	return tracer ? (interp_main_function *)dlsym(tracer, INTERP_MAIN_NAME) : NULL;
}

static int traced_main(int argc, char **argv, char **env)
{
	const char *order = take_variable(PYTHON_MAIN_VARIABLE);
	interp_main_function *run = load_tracer(take_variable(PYTHON_MAIN_TRACER));
	bool json = order && strncmp(order, PYTHON_MAIN_JSON, strlen(PYTHON_MAIN_JSON)) == 0;
	const char *why;

	restore_environment();
	if (run && order && strcmp(order, PYTHON_MAIN_CHECK) != 0)
		return run(strchr(order, ':') + 1, argc, argv, json ? warn_json : warn);
	if (run)
		return PYTHON_MAIN_CHECKED;
	why = dlerror();
	(json ? warn_json : warn)(why ? why : PYTHON_MAIN_TRACER " is not set");
	return python_main(argc, argv, env);
}

int __libc_start_main(main_function *program, int argc, char **argv, void (*init)(void),
	void (*fini)(void), void (*loader_fini)(void), void *stack_end)
{
	start_function *next = (start_function *)dlsym(RTLD_NEXT, "__libc_start_main");
	bool ours = getenv(PYTHON_MAIN_VARIABLE) && dlsym(RTLD_DEFAULT, "Py_RunMain");

	if (!next)
		_exit(127);
	python_main = program;
	return next(ours ? traced_main : program, argc, argv, init, fini, loader_fini, stack_end);
}
