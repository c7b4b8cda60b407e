/*
 * python_probe: asks a python what it is, by starting it once for a few milliseconds.
 */
#ifndef SMILEY_OPS_PYTHON_PROBE_H
#define SMILEY_OPS_PYTHON_PROBE_H

#include "schemas/err.h"

struct python_probe {
	char implementation[32]; /* "cpython" */
	int major, minor;
	char suffix[96]; /* of extensions that it loads: ".cpython-312-x86_64-linux-gnu.so" */
	char flags[16];  /* sys.abiflags: with 't' it is free-threaded, "-" stands for none */
};

/* ERR_USAGE: it cannot be started, or is no python. Neither reads the environment that is meant
 * for python nor our standard input. */
int python_probe(const char *path, struct python_probe *probe, struct err *err);

#endif
