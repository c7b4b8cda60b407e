/*
 * python_args: is a program that is about to be started a python, and will it load the tracer?
 */
#ifndef SMILEY_TRACER_PYTHON_ARGS_H
#define SMILEY_TRACER_PYTHON_ARGS_H

#include <stddef.h>

enum python_args {
	ARGS_OTHER,  /* no python by its name: it may start one */
	ARGS_TRACED, /* a python that will load the tracer */
	ARGS_NOT,    /* one that will not */
};

/* The versions of CPython that there is a tracer for. */
#define PYTHON_LEAST 10
#define PYTHON_MOST 13

/* What keeps a python from loading the tracer: -E, -I or -S before its program; 0: nothing.
 * argument(context, i) is argv[i] or NULL behind the last. */
char python_args_blinding(const char *(*argument)(void *context, size_t i), void *context);

/* path: of the program, as it is given to exec; argument(context, i) is argv[i] or NULL behind
 * the last. For ARGS_NOT *reason is why, in words of `room` bytes. */
enum python_args python_args_judge(const char *path,
	const char *(*argument)(void *context, size_t i), void *context, char *reason, size_t room);

#endif
