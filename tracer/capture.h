/*
 * capture: Python values as bounded Avro, and fingerprints that tell whether a value would
 * be written differently now.
 *
 * Both walk a value in the same way and within the same limits (depth, items, characters,
 * nodes). Only exact built-in types are looked into, through their C structs; nothing here
 * runs Python code, takes or drops a reference, allocates from Python's heaps, or keeps a
 * pointer to use it later.
 */
#ifndef SMILEY_TRACER_CAPTURE_H
#define SMILEY_TRACER_CAPTURE_H

#include "tracer/pycompat_internal.h"

#include <stdbool.h>
#include <stdint.h>

struct tracer;

struct print {
	uint64_t hash;  /* of all that would be written, but a container's own length */
	int64_t length; /* of the container itself; -1: not a container */
	bool fixed;     /* immutable all through: the same object will stay the same */
	bool shallow;   /* a dict that shows only fixed things: its version tells all changes */
	bool plain;     /* writing it needs no name: capture_prepare() may be left out */
	bool private;   /* it and all it shows that can change have one reference: the slot's */
};

/* What a name without a value, or one that is not shown, has. */
#define PRINT_ABSENT ((struct print){0, -1, true, false, true, false})

/* capture_print(tracer, value) is in print_internal.h, for the files that are hot. */

/* Writes the value as one branch of the Value union at the stream, defining the names that
 * it needs first: so call capture_prepare() before the item's tag, and capture_put() at
 * the value's place in the item. */
void capture_prepare(struct tracer *tracer, PyObject *value);
void capture_put(struct tracer *tracer, PyObject *value);

/* The same for a value whose name looks like a secret's: its type and a tag. */
void capture_prepare_secret(struct tracer *tracer, PyObject *value);
void capture_put_secret(struct tracer *tracer, PyObject *value);

#endif
