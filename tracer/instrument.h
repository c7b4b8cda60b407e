/*
 * instrument: a code object's twin: the same program, with sites in it that call us.
 *
 * A site is a constant of a type of ours and the instructions that ask it something, so
 * cheap that the interpreter stays in its fast ways. An iterator that is at its end is asked by
 * the interpreter's loop itself, without a function between:
 *
 *     line, call, return, leave   LOAD_CONST site; FOR_ITER 0                   (tp_iternext)
 *     yield                       COPY 1; LOAD_CONST site; CONTAINS_OP; POP_TOP (sq_contains)
 *     call, and its first line    LOAD_CONST site; FOR_ITER past the line site;
 *                                 POP_TOP; POP_TOP; line site
 *
 * A line site stands where a trace function would get a line event, and on those ways into
 * the instruction only on which it would get one (maybe_call_line_trace() of CPython 3.11:
 * the line is another than the instruction's before, or the jump goes backwards). A call
 * site stands behind each RESUME, a return site before RETURN_VALUE, a yield site before
 * YIELD_VALUE, a leave site before instructions that go on with an exception without
 * telling. All else is as it was: names, constants (ours follow), positions of lines and
 * columns, handlers. So a trace function sees a twin as it sees the original.
 *
 * The original is kept as long as its twin lives; nothing of it is changed.
 */
#ifndef SMILEY_TRACER_INSTRUMENT_H
#define SMILEY_TRACER_INSTRUMENT_H

#include "tracer/pycompat_internal.h"

enum site_kind {
	SITE_LINE,
	SITE_CALL,
	SITE_RETURN,
	SITE_LEAVE,
	SITE_YIELD,
	SITE_KINDS
};

struct plan;

struct site {
	PyObject_HEAD int line; /* -1: none */
	bool starts;            /* call: at the beginning, not behind a yield */
	int first_line;         /* of a call that a line site follows at once; -1: none does */
	struct plan *plan;      /* for who has the hooks; borrowed from the twin */
};

/* What sites call: hooks[SITE_YIELD] is not used. They must not raise, and return NULL; what the
 * yield hook returns is ignored. That of a call may return a new reference where there is a
 * first_line: its site is to tell of it; NULL: it has been told with the call. */
struct site_hooks {
	iternextfunc hooks[SITE_KINDS];
	objobjproc yield;
};
void instrument_set_hooks(const struct site_hooks *hooks);

/* A new reference to the code's twin, and twins of the code objects in its constants. NULL,
 * without an exception: there is code in it that we do not understand, or no memory. */
PyCodeObject *instrument_code(PyCodeObject *code);

/* The code object that this one is the twin of; borrowed. NULL: it is none. */
PyCodeObject *instrument_original(const PyCodeObject *code);

/* The place, in code units, in the original of one in its twin. */
int instrument_original_unit(const PyCodeObject *twin, int unit);

/* Does this place belong to a site? */
bool instrument_is_site(const PyCodeObject *twin, int unit);

#endif
