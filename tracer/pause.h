/*
 * pause: for a while nothing is recorded, and a gap event says from where on. The program has
 * asked for it (control.h), or somebody else has by the flag in the spool's header (`smiley
 * pause`, a signal to `smiley run`); both may hold at once.
 *
 * What happens meanwhile is not known: behind it all frames are met anew. A pause that the
 * program asked for costs next to nothing and ends by its call. While the flag is set each line
 * (from CPython 3.12 on: each call and each turn of a loop) has a look at it.
 */
#ifndef SMILEY_TRACER_PAUSE_H
#define SMILEY_TRACER_PAUSE_H

#include "tracer/pycompat_internal.h"

struct tracer;

enum pause_reason {
	PAUSE_CALLED = 1,
	PAUSE_FLAGGED = 2
};

/* With the GIL held. A run that has not begun yet (the interpreter starts, a fork's child) begins
 * paused. No effect where nothing can be recorded any more. */
void pause_begin(struct tracer *tracer, enum pause_reason reason);

/* Writes the gap event that says so: pause_begin() does, and who begins a run that is paused. */
void pause_note(struct tracer *tracer, enum pause_reason reason);

/* Recording goes on, unless there is another reason: with `frame`, of this thread, and those that
 * called it. NULL: there is none. */
void pause_end(struct tracer *tracer, enum pause_reason reason, py_frame *frame);

/* The tracer rests for a pause, or does so no longer: the interpreter is to tell accordingly. */
void pause_listen(struct tracer *tracer);

/* For who is told of something in this frame while the tracer rests: has the flag been taken
 * away? Then the pause has ended. */
bool pause_is_over(struct tracer *tracer, const py_frame *frame);

#endif
