/*
 * event: one thing that a traced program did, as readers see it.
 *
 * A block_cursor (schemas/block.h) makes these from a block. Everything reached from an
 * event is owned by the cursor and lives until its next step.
 */
#ifndef SMILEY_SCHEMAS_EVENT_H
#define SMILEY_SCHEMAS_EVENT_H

#include "schemas/buf.h"
#include "schemas/run_id.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
	EVENT_CALL,
	EVENT_LINE,
	EVENT_RETURN,
	EVENT_YIELD,
	EVENT_RESUME,
	EVENT_EXCEPTION,
	EVENT_UNWIND,
	EVENT_THREAD,
	EVENT_TASK,
	EVENT_GAP,
	EVENT_KINDS
};

/* "call", "line", ... as JSON and users name them. */
const char *event_kind_name(enum event_kind kind);

/* What the tracer takes for an event, nanoseconds; 0: not known. */
struct cost {
	int32_t before; /* from when the program gets there to the event's time */
	int32_t line;   /* from then on: line, exception */
	int32_t enter;  /* call, resume */
	int32_t leave;  /* return, yield, unwind */
};
#define COST_MAX_NS 1000000000

/* What passes of the program's own time between two events of a code, nanoseconds, when it is not
 * long: after a line or an exception, a call or a resume, and after what it called was left.
 * 0: not known. */
struct pace {
	int32_t line, enter, leave;
};
#define PACE_LONG_NS 20000

struct code {
	struct slice file;     /* absolute path */
	struct slice function; /* qualified name */
	int64_t line;          /* first line */
	struct cost cost;
	struct pace pace;
};

/* Calls of a function that is written in C. */
struct builtin_calls {
	struct slice name; /* as cProfile has it: "<built-in method builtins.len>" */
	int64_t calls;
	int64_t self_ns; /* without recorded frames that they called and without the tracer */
};

/* A value as encoded (one branch of the Value union), with the names that it refers to.
 * value_repr() and value_json() in schemas/value.h read it. */
struct value {
	struct slice bytes;
	const struct name_table *names;
};

struct local {
	struct slice name;
	struct value value;
	bool changed; /* by the frame's latest event, or set for the first time */
};

struct frame {
	int64_t id; /* sequence number of its call event */
	struct code code;
	int64_t line; /* of its latest event */
	size_t depth; /* recorded frames below it on its thread's stack, from 0 */
	size_t local_count;
	const struct local *locals; /* those that have a value, sorted by name's bytes */
	size_t removed_count;       /* names that lost their value with the latest event */
	const struct slice *removed;
	const struct frame *caller; /* NULL: none, or hidden */
};

struct thread {
	int64_t number; /* in this run, from 0 */
	int64_t ident;  /* as threading.get_ident() */
	struct slice name;
	size_t frame_count; /* on its stack, hidden ones included */
};

/* Reasons of gaps that are pauses: behind the last of these something is recorded again, or the
 * run is paused. */
#define GAP_PAUSED "recording was paused"
#define GAP_STOPPED "the program called smiley.stop()"

struct event {
	struct run_id run;
	int64_t seq;
	int64_t time_ns; /* since 1970 UTC */
	enum event_kind kind;
	const struct thread *thread; /* NULL only for a gap that is before any thread */
	const struct frame *frame;   /* the frame the event is in; NULL for thread, task, gap */
	int64_t line;                /* = frame->line; 0 without a frame */
	struct value value;          /* return, yield, exception; else no bytes */
	int64_t lost;                /* gap: how many events; -1: none, but what happened from here
					on was not to be recorded: a pause, a limit */
	struct slice text;           /* gap: reason; task: name */
	int64_t task;                /* task: number */
	/* What was before it, in the innermost frame of its thread. */
	int64_t pause_ns;                     /* the tracer stopped the program for so long */
	const struct builtin_calls *builtins; /* that returned */
	size_t builtin_count;
	struct slice through; /* call, resume: the builtin that made it; empty: none */
};

#endif
