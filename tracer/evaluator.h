/*
 * evaluator: a look at each frame before it runs, by CPython's frame evaluator (PEP 523).
 *
 * It costs every Python call a C call, and C stack: it is in place only while somebody waits
 * for a frame. Whoever sets an evaluator besides keeps it: ours calls the one it found.
 */
#ifndef SMILEY_TRACER_EVALUATOR_H
#define SMILEY_TRACER_EVALUATOR_H

#include "tracer/pycompat_internal.h"

enum evaluator_user {
	EVALUATOR_THREADS, /* waits for a thread's next frame */
	EVALUATOR_INSTALL, /* for that of a code object which C runs */
	EVALUATOR_REST,    /* for the next one of all */
	EVALUATOR_USERS
};

/* Sees the frame; returns NULL, or a new reference to the code object that runs in its
 * stead. May call evaluator_unwatch(). */
typedef PyCodeObject *(*evaluator_look)(PyThreadState *python, const py_frame *frame);

/* From now on, until evaluator_unwatch(). */
void evaluator_watch(enum evaluator_user user, evaluator_look look);
void evaluator_unwatch(enum evaluator_user user);

#endif
