/*
 * engine: on CPython 3.11, events without a trace function, from sites in twins of the program's code
 * (instrument.h): the interpreter's fast ways stay open, which tracing shuts.
 *
 * The trace function (hook.h) stays set, because exceptions are told to it in any case.
 * Whether it is told of anything else the interpreter reads in the C frame of each of its
 * loops, `use_tracing`; who calls and who is called take it over from one another:
 *
 *     255  the interpreter tells of all: a site only sets it to 0
 *     0    a site records its event
 *
 * So each event is recorded once, whoever set `use_tracing` when. It becomes 255 where an
 * exception is told, and we set it before a twin goes on with an exception or returns to
 * code that has no twin and is recorded. Code that is not recorded needs no events, and runs
 * the slower for each that is told: engine_ignores() ends that.
 *
 * Where the program sets a trace or profile function of its own, or code comes to run that
 * has no twin, the sites no longer set it to 0: the trace function then is all there is.
 */
#ifndef SMILEY_TRACER_ENGINE_H
#define SMILEY_TRACER_ENGINE_H

#include "tracer/frame.h"

struct tracer;

#if PY_BY_SITES

/* Once, when the options ask for it and before the program runs. */
void engine_begin(struct tracer *tracer);

/* The program begins: what was made while the interpreter started is to be told, too. */
void engine_start(struct tracer *tracer);

/* Hears of the audit events that concern it; `arguments` is their tuple. */
void engine_audit(struct tracer *tracer, const char *event, PyObject *arguments);

/* The trace function was told that a recorded frame begins or goes on. */
void engine_meets(struct tracer *tracer, const py_frame *frame);

/* It was told of code that is not recorded: from its next call on (the main thread: or loop) the
 * thread is told nothing, until an exception comes. */
void engine_ignores(struct tracer *tracer);

/* Is the frame at an instruction that the program's own code has not? */
bool engine_hides(const py_frame *frame);

/* The trace function is told of an exception: when a generator got it by throw() nobody has
 * told that it goes on. */
void engine_before_exception(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame, int line);

#else

static inline void engine_begin(struct tracer *tracer)
{
	(void)tracer;
}

static inline void engine_start(struct tracer *tracer)
{
	(void)tracer;
}

static inline void engine_audit(struct tracer *tracer, const char *event, PyObject *arguments)
{
	(void)tracer, (void)event, (void)arguments;
}

static inline void engine_meets(struct tracer *tracer, const py_frame *frame)
{
	(void)tracer, (void)frame;
}

static inline void engine_ignores(struct tracer *tracer)
{
	(void)tracer;
}

static inline bool engine_hides(const py_frame *frame)
{
	(void)frame;
	return false;
}

static inline void engine_before_exception(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame, int line)
{
	(void)tracer, (void)thread, (void)frame, (void)line;
}

#endif

#endif
