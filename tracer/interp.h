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
int interp_main(const char *spool_path, int argc, char **argv, void (*warn)(const char *message));

#endif
