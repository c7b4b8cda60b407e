/*
 * interp: runs a program exactly as `python ARGS...` would, traced into a spool.
 */
#ifndef SMILEY_TRACER_INTERP_H
#define SMILEY_TRACER_INTERP_H

/*
 * Opens the spool, starts the interpreter (argv[0] is the python whose environment counts:
 * its path decides prefix and site-packages, as for python itself) and runs its main
 * routine. Returns the exit status that python would give; SystemExit and death by signal
 * leave from inside, as with python. When the spool cannot be used the program still runs,
 * untraced, and warn() is told why.
 */
typedef int interp_main_function(
	const char *spool_path, int argc, char **argv, void (*warn)(const char *message));
__attribute__((visibility("default"))) interp_main_function interp_main;

/* Who has loaded the tracer finds it under this name. */
#define INTERP_MAIN_NAME "interp_main"

#endif
