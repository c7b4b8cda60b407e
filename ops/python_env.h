/*
 * python_env: the python that a program runs with, and how smiley traces it: it is of the one build
 * that smiley is made for, and starts with our main() (python_main.h), or loads the tracer's
 * extension for its version.
 */
#ifndef SMILEY_OPS_PYTHON_ENV_H
#define SMILEY_OPS_PYTHON_ENV_H

#include "schemas/buf.h"
#include "schemas/err.h"

#include <stdbool.h>

#include "ops/launch.h"

#define PYTHON_DEFAULT "/usr/bin/python3"

struct python_env {
	struct buf path;  /* as it is to be started: a virtual environment's stays that */
	bool known_build; /* the build that smiley is made for: Debian's */
	bool log_json;    /* what it says of itself is for programs: notice.h */
};

/*
 * Finds what a shell would start: `chosen` (--python; NULL: none), else the python of
 * $VIRTUAL_ENV, else python3 in PATH, else PYTHON_DEFAULT. One that is not of that build
 * is started once to tell what it is. ERR_USAGE: it is not there, or cannot be traced, and the
 * message says why and what helps.
 */
int python_env_find(const char *chosen, struct python_env *env, struct err *err);
void python_env_release(struct python_env *env);

/*
 * Starts the program: that python ARGS..., with an environment by which it is traced.
 */
int python_env_start(struct python_env *env, struct launch *launch, const char *spool_path,
	int argc, char **argv, struct err *err);

/* The option among the program's arguments by which its python would not load the extension
 * (-E, -I, -S); 0: none. */
char python_env_blind(int argc, char **argv);

#endif
