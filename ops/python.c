/*
 * smiley-python: the interpreter that `smiley run` starts in the place of python.
 *
 *     smiley-python SPOOL PYTHON ARGS...
 *
 * Not for people: everything it is told beyond python's own arguments is in the spool.
 */
#include "tracer/interp.h"

#include <stdio.h>

static void warn(const char *message)
{
	fprintf(stderr, "smiley: run: the program runs, but is not traced: %s\n", message);
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "smiley-python: usage: smiley-python SPOOL PYTHON ARGS...; "
				"people want: smiley run\n");
		return 2;
	}
	return interp_main(argv[1], argc - 2, argv + 2, warn);
}
