/*
 * python_main: how `smiley run` has the python of the build that smiley is made for run a program: it is
 * started with smiley-python.so before it (LD_PRELOAD), which takes the place of its main(), loads
 * the tracer and has it run the same (tracer/interp.h). In a program that is no python, such as what
 * valgrind starts in between, it does nothing. So the process is what it is without us: its
 * executable, its arguments, its name in ps. And its interpreter is as fast: Debian's libpython,
 * shared or not, is built without the optimisation over all files that /usr/bin/python3 has, and
 * takes 13 % more.
 *
 * The environment that it is started with is the program's with three things added, which are
 * taken away before anything is read:
 *
 *     SMILEY_MAIN=text:SPOOL      json:SPOOL where complaints are for programs;
 *                                 check: to end at once, with PYTHON_MAIN_CHECKED
 *     SMILEY_TRACER=PATH          the extension
 *     LD_PRELOAD=[THEIRS:]PATH    smiley-python.so
 *
 * A PATH that has what the loader does not take, such as a colon, is /proc/self/fd/N, to be closed.
 */
#ifndef SMILEY_OPS_PYTHON_MAIN_H
#define SMILEY_OPS_PYTHON_MAIN_H

#include "schemas/err.h"

#define PYTHON_MAIN_LIBRARY "libexec/smiley/smiley-python.so"
#define PYTHON_MAIN_VARIABLE "SMILEY_MAIN"
#define PYTHON_MAIN_TRACER "SMILEY_TRACER"
#define PYTHON_MAIN_TEXT "text:"
#define PYTHON_MAIN_JSON "json:"
#define PYTHON_MAIN_CHECK "check:"
#define PYTHON_MAIN_PRELOAD "LD_PRELOAD"
/* Exit status of a check. */
#define PYTHON_MAIN_CHECKED 42
#define PYTHON_MAIN_OPEN_AS "/proc/self/fd/"

/* For who starts it. */
struct python_main {
	char **env;
	int library, tracer; /* open while it is started; -1: need not be */
};

/* How: one of the three words; spool_path: "" for a check. ERR_IO: the library is not there. To be
 * released in any case. */
int python_main_prepare(
	struct python_main *start, const char *how, const char *spool_path, struct err *err);
void python_main_release(struct python_main *start);

#endif
