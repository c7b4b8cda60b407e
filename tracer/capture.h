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
	int64_t length; /* of the container itself; -1: not a container; 0: absent */
	bool fixed;     /* immutable all through: the same object will stay the same */
	bool shallow;   /* a dict that shows only fixed things: its version tells all changes */
	bool private;   /* it and all it shows that can change have one reference: the slot's */
};

/* What a name without a value, or one that is not shown, has. */
#define PRINT_ABSENT ((struct print){0, 0, true, false, false})

/* capture_print(tracer, value, &print) is in print_internal.h, for the files that are hot. */

/* Writes the value as one branch of the Value union at the stream. Names that it needs and
 * the block does not have set stream->undefined: then take the item back
 * (stream_rewind()), define them, and write it again. A secret's value (that of a variable
 * whose name looks like one) is its type and a tag.
 *
 * capture_put(tracer, value) is in capture_internal.h, for the files that are hot. */
void capture_put_slow(struct tracer *tracer, PyObject *value);
/* Writes the array of `count` of the items that a list shows, or of the pairs of a dict, from
 * element `at` on, before which so many nodes were left. */
void capture_put_elements(struct tracer *tracer, PyObject *value, int at, int count, int nodes);
void capture_put_secret(struct tracer *tracer, PyObject *value);
void capture_define(struct tracer *tracer, PyObject *value, bool secret);

#endif
